// The port `LinkNetwork` between devices in the process: addresses that others dial, and links that carry frames until
// one side closes, goes offline, or dies.
import type { NodeUrl } from "../../core/lang/brand.ts";
import { toHex } from "../../core/lang/bytes.ts";
import { type LiveCell, liveCell } from "../../core/lang/live.ts";
import { done, err, ok } from "../../core/lang/result.ts";
import type { LinkNetwork, LinkPath, LinkRelay, RawLink, ReachStatus } from "../../core/ports/links.ts";
import type { SimNode } from "./sim-node.ts";
import { createLane, delayOf, type Network, type Seat } from "./sim-seat.ts";

/** Everybody who can be dialled, and every open link. */
export interface LinkPlace {
  readonly peers: Map<string, Endpoint>;
  readonly open: Set<SimLinkPair>;
  /** What each device was last told to be reached through. */
  readonly relays: Map<string, readonly LinkRelay[]>;
  /** Whether these two devices can reach each other directly now. */
  reachable(a: string, b: string): boolean;
}

interface Endpoint {
  readonly seat: Seat;
  accept(link: RawLink): void;
}

export interface SimLinkPair {
  readonly seats: readonly [Seat, Seat];
  /** The connection is gone; each side notices at once, or only by its own silence. */
  cut(notice: "at once" | "never"): void;
}

export function createLinkPlace(reachable: LinkPlace["reachable"]): LinkPlace {
  return { peers: new Map(), open: new Set(), relays: new Map(), reachable };
}

/** How long a dial to nobody takes. */
const dialTimeoutMs = 3_000;

export function createSimLinkNetwork(
  network: Network,
  nodes: ReadonlyMap<NodeUrl, SimNode>,
  place: LinkPlace,
  seat: Seat,
): LinkNetwork {
  const { clock, random } = network;
  const reach = liveCell<ReachStatus>({ kind: "idle" });
  let peer: string | undefined;
  let onLink = (_: RawLink) => {};

  function leave(notice: "at once" | "never"): void {
    if (peer !== undefined) place.peers.delete(peer);
    peer = undefined;
    cutMine(notice);
  }

  function cutMine(notice: "at once" | "never"): void {
    for (const pair of [...place.open]) if (pair.seats.includes(seat)) pair.cut(notice);
  }

  seat.watchers.add(() => {
    // Who dies says nothing: the others notice by silence, or when the machine closes its sockets.
    if (!seat.alive) leave(random.chance(0.5) ? "at once" : "never");
    else if (!seat.online) cutMine("never");
  });

  return {
    reach,
    start(relays) {
      place.relays.set(seat.device, relays);
      if (peer !== undefined || !seat.alive) return;
      const name = `peer${toHex(random.bytes(8))}`;
      peer = name;
      place.peers.set(name, {
        seat,
        accept: (link) => onLink(link),
      });
      reach.set({ kind: "starting" });
      clock.after(delayOf(network), () => {
        if (!seat.alive || peer !== name) return;
        const usable = relays.filter(({ node }) => nodes.get(node)?.up);
        const addresses = usable.map(({ relayPeerId }) => `/relay/${relayPeerId}/${name}`);
        reach.set({ kind: "reachable", peer: name, addresses });
      });
    },
    dial(remote) {
      seat.step();
      const from = peer;
      const there = place.peers.get(remote);
      const work = new Promise<Awaited<ReturnType<LinkNetwork["dial"]>>>((resolve) => {
        const isThere =
          from !== undefined &&
          there?.seat.alive &&
          there.seat.online &&
          seat.online &&
          place.reachable(seat.device, there.seat.device);
        if (!isThere) {
          clock.after(dialTimeoutMs, () => resolve(err("timeout")));
          return;
        }
        clock.after(2 * delayOf(network), () => {
          if (!seat.alive || !there.seat.alive) return resolve(err("unreachable"));
          const [dialler, listener] = createPair(network, place, seat, there.seat, from, remote);
          there.accept(listener);
          resolve(ok(dialler));
        });
      });
      return seat.answer(work);
    },
    listen(given) {
      onLink = given;
    },
    hurry() {},
    async stop() {
      leave("at once");
      reach.set({ kind: "idle" });
    },
  };
}

type End = { handlers: Parameters<RawLink["receive"]>[0] | undefined; open: boolean; readonly waiting: Uint8Array[] };

function createPair(
  network: Network,
  place: LinkPlace,
  dialler: Seat,
  listener: Seat,
  diallerPeer: string,
  listenerPeer: string,
): readonly [RawLink, RawLink] {
  const path: LiveCell<LinkPath> = liveCell<LinkPath>("direct");
  const ends: readonly [End, End] = [
    { handlers: undefined, open: true, waiting: [] },
    { handlers: undefined, open: true, waiting: [] },
  ];
  const seats = [dialler, listener] as const;
  const peers = [diallerPeer, listenerPeer] as const;
  let carries = true;

  const pair: SimLinkPair = {
    seats,
    cut(notice) {
      carries = false;
      if (notice === "at once") for (const side of [0, 1] as const) close(side);
      else gone();
    },
  };
  place.open.add(pair);

  function gone(): void {
    place.open.delete(pair);
  }

  function close(side: 0 | 1): void {
    const end = ends[side];
    if (!end.open) return;
    end.open = false;
    gone();
    if (seats[side].alive) end.handlers?.closed();
  }

  function createEnd(side: 0 | 1): RawLink {
    const other = side === 0 ? 1 : 0;
    const lane = createLane(network);
    return {
      localPeer: peers[side],
      remotePeer: peers[other],
      role: side === 0 ? "dialler" : "listener",
      path,
      async send(frame) {
        seats[side].step();
        if (!ends[side].open || !seats[side].alive) return err("closed");
        network.tap.framed(seats[side].device, seats[other].device, frame);
        const bytes = frame.slice();
        lane(() => {
          const end = ends[other];
          if (!carries || !end.open || !seats[other].alive) return;
          if (end.handlers === undefined) end.waiting.push(bytes);
          else end.handlers.frame(bytes);
        });
        return done;
      },
      receive(given) {
        const end = ends[side];
        end.handlers = given;
        if (!end.open) return given.closed();
        for (const bytes of end.waiting.splice(0)) given.frame(bytes);
      },
      close() {
        const wasCarrying = carries;
        close(side);
        if (wasCarrying) network.clock.after(delayOf(network), () => carries && close(other));
      },
    };
  }
  return [createEnd(0), createEnd(1)];
}
