/**
 * Dialling a device through a relay. A WebRTC dial of libp2p can hang by a race on its first data channel (measured: 5
 * of 80) while a second one succeeds at once: so short deadlines and a retry, each on a clean slate.
 */
import type { Libp2p } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { err, ok, type Result } from "../lang/result.ts";
import type { Clock } from "../ports/clock.ts";
import type { DialFault, RawLink } from "../ports/links.ts";
import { type LinkKeeper, linkProtocol } from "./libp2p-links.ts";
import { addressThrough, type Relay } from "./link-address.ts";
import { withDeadline } from "./supervisor.ts";

/**
 * The first is enough for a distant peer behind a cone NAT (0.4 s measured, without the distance), the second for a slow one. No longer: NATs that
 * do not let through are found out only by waiting, and messages go through the node anyway.
 */
const attemptsMs = [2_500, 5_000];

export interface Dialler {
  dial(peer: string, relays: readonly Relay[]): Promise<Result<RawLink, DialFault>>;
  stop(): void;
}

export function createDialler(clock: Clock, node: Libp2p, keeper: LinkKeeper): Dialler {
  const stopping = new AbortController();

  const attempt = async (
    peer: string,
    relay: Relay,
    timeoutMs: number,
  ): Promise<Result<RawLink, "unreachable" | "timeout">> => {
    // A connection that is left from before would be taken for the signalling.
    keeper.sweep(peer, "all");
    let timedOut = false;
    try {
      return await withDeadline(clock, timeoutMs, stopping.signal, async (signal) => {
        signal.addEventListener("abort", () => {
          timedOut = true;
        });
        const connection = await node.dial(multiaddr(addressThrough(relay, peer)), { signal, force: true });
        const stream = await connection.newStream(linkProtocol, { signal });
        return ok(await keeper.opened(stream, connection));
      });
    } catch {
      keeper.sweep(peer, "outbound");
      return err(timedOut ? "timeout" : "unreachable");
    }
  };

  return {
    async dial(peer, relays) {
      let fault: DialFault = "unreachable";
      for (const relay of relays) {
        for (const timeoutMs of attemptsMs) {
          const link = await attempt(peer, relay, timeoutMs);
          if (link.ok || stopping.signal.aborted) return link;
          fault = link.error;
          // Only a dial that hung is worth a second one: "not here" is an answer.
          if (fault === "unreachable") break;
        }
      }
      return err(fault);
    },
    stop: () => stopping.abort(),
  };
}
