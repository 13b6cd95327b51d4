/**
 * Dialling a device through a relay. A WebRTC dial of libp2p can hang: by a race on its first data channel, or because it
 * does not notice that its connection failed. The next one usually succeeds at once: so short deadlines and retries, each
 * on a clean slate.
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
 * Measured are 0.13 s on one machine and 0.4 s through two cone NATs, without the distance: the first is enough for
 * nearly everybody, the last for a slow network. No longer: NATs that let nothing through are found out only by waiting,
 * and messages go through the node anyway.
 */
const attemptsMs = [2_000, 3_000, 5_000];

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
  ): Promise<Result<RawLink, "absent" | DialFault>> => {
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
    } catch (reason) {
      keeper.sweep(peer, "outbound");
      // The relay's word that nobody of this name is there; the status is in the message and nowhere else.
      if (reason instanceof Error && reason.message.includes("NO_RESERVATION")) return err("absent");
      return err(timedOut ? "timeout" : "unreachable");
    }
  };

  return {
    async dial(peer, relays) {
      let fault: DialFault = "unreachable";
      for (const relay of relays) {
        for (const timeoutMs of attemptsMs) {
          const link = await attempt(peer, relay, timeoutMs);
          if (link.ok) return link;
          if (stopping.signal.aborted) return err("unreachable");
          if (link.error === "absent") break;
          fault = link.error;
        }
      }
      return err(fault);
    },
    stop: () => stopping.abort(),
  };
}
