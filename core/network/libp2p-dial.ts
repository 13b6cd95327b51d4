/**
 * Dialling a device through a relay. A WebRTC dial of libp2p can hang: by a race on its first data channel, or because it
 * does not notice that its connection failed. The next one usually succeeds at once: so short deadlines and retries, each
 * on a clean slate. Relay-only the circuit itself carries the link, and WebRTC is never begun.
 */
import type { Libp2p } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { err, ok, type Result } from "../lang/result.ts";
import type { Clock } from "../ports/clock.ts";
import type { DialFault, RawLink } from "../ports/links.ts";
import { type LinkKeeper, linkProtocol } from "./libp2p-links.ts";
import { addressThrough, type Way } from "./link-address.ts";
import { withDeadline } from "./supervisor.ts";

/**
 * Measured are 0.13 s on one machine and 0.4 s through two cone NATs, without the distance: the first is enough for
 * nearly everybody, the last for a slow network. No longer: NATs that let nothing through are found out only by waiting,
 * and messages go through the node anyway.
 */
const attemptsMs = [2_000, 3_000, 5_000];

export interface Dialler {
  dial(peer: string, ways: readonly Way[]): Promise<Result<RawLink, DialFault>>;
  /** Gives up dialling this peer. */
  leave(peer: string): void;
  stop(): void;
}

export function createDialler(clock: Clock, node: Libp2p, keeper: LinkKeeper): Dialler {
  const underway = new Map<AbortController, string>();

  const attempt = async (
    peer: string,
    way: Way,
    timeoutMs: number,
    stopping: AbortSignal,
  ): Promise<Result<RawLink, "absent" | DialFault>> => {
    // A connection that is left from before would be taken for the signalling.
    keeper.sweep(peer, "all");
    let timedOut = false;
    try {
      return await withDeadline(clock, timeoutMs, stopping, async (signal) => {
        signal.addEventListener("abort", () => {
          timedOut = true;
        });
        const address = multiaddr(addressThrough(way.relay, peer, way.privacy));
        const connection = await node.dial(address, { signal, force: true });
        const stream = await connection.newStream(linkProtocol, {
          signal,
          runOnLimitedConnection: way.privacy === "relay-only",
        });
        return ok(await keeper.opened(stream, connection));
      });
    } catch (reason) {
      keeper.sweep(peer, "outbound");
      if (reason instanceof Error && saysAbsent(reason)) return err("absent");
      return err(timedOut ? "timeout" : "unreachable");
    }
  };

  const tryWays = async (
    peer: string,
    ways: readonly Way[],
    stopping: AbortSignal,
  ): Promise<Result<RawLink, DialFault>> => {
    let fault: DialFault = "unreachable";
    for (const way of ways) {
      for (const timeoutMs of attemptsMs) {
        const link = await attempt(peer, way, timeoutMs, stopping);
        if (link.ok) return link;
        if (stopping.aborted) return err("unreachable");
        if (link.error === "absent") break;
        fault = link.error;
      }
    }
    return err(fault);
  };

  return {
    async dial(peer, ways) {
      const stopping = new AbortController();
      underway.set(stopping, peer);
      try {
        return await tryWays(peer, ways, stopping.signal);
      } finally {
        underway.delete(stopping);
      }
    },
    leave(peer) {
      for (const [stopping, dialled] of underway) if (dialled === peer) stopping.abort();
    },
    stop() {
      for (const stopping of underway.keys()) stopping.abort();
    },
  };
}

/** The relay's word that nobody of this name is there, or does not want us; the status is in the message and nowhere else. */
function saysAbsent(reason: Error): boolean {
  return reason.message.includes("NO_RESERVATION") || reason.message.includes("CONNECTION_FAILED");
}
