// The port `LinkNetwork` between devices in the process: addresses that others dial, and links that carry frames until
// one side closes, goes offline, or dies.
import type { NodeUrl } from "../../core/lang/brand.ts";
import { toHex } from "../../core/lang/bytes.ts";
import { type LiveCell, liveCell } from "../../core/lang/live.ts";
import { done, err, ok } from "../../core/lang/result.ts";
import type {
  LinkListener,
  LinkNetwork,
  LinkPath,
  LinkPrivacy,
  LinkRelay,
  LinkSurvey,
  RawLink,
  ReachStatus,
} from "../../core/ports/links.ts";
import type { SimNode } from "./sim-node.ts";
import { createLane, delayOf, type Network, type Seat } from "./sim-seat.ts";

/** Everybody who can be dialled, and every open link. */
export interface LinkPlace {
  readonly peers: Map<string, Endpoint>;
  readonly open: Set<SimLinkPair>;
  /** Every dial, as it was asked for. */
  readonly dials: SimDial[];
  /** What each device was last told to be reached through. */
  readonly relays: Map<string, readonly LinkRelay[]>;
  /** Whether a dial from the one device to the other gets through now. */
  reachable(from: string, to: string): boolean;
}

interface Endpoint {
  readonly seat: Seat;
  listener(): LinkListener;
}

export interface SimDial {
  readonly from: string;
  readonly peer: string;
  readonly addresses: readonly string[];
  readonly privacy: LinkPrivacy;
}

export interface SimLinkPair {
  readonly seats: readonly [Seat, Seat];
  readonly peers: readonly [string, string];
  /** Whether the two have learnt each other's addresses. */
  readonly privacy: LinkPrivacy;
  /** The connection is gone; each side notices at once, or only by its own silence. */
  cut(notice: "at once" | "never"): void;
}

export function createLinkPlace(reachable: LinkPlace["reachable"]): LinkPlace {
  return { peers: new Map(), open: new Set(), dials: [], relays: new Map(), reachable };
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
  const survey = liveCell<LinkSurvey>({ webrtc: true, gathered: undefined, relays: [] });
  let peer: string | undefined;
  let listener: LinkListener = { link: (link) => link.close(), admit: async () => "refuse" };

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
    survey,
    start(relays) {
      place.relays.set(seat.device, relays);
      if (peer !== undefined || !seat.alive) return;
      const name = `peer${toHex(random.bytes(8))}`;
      peer = name;
      place.peers.set(name, { seat, listener: () => listener });
      reach.set({ kind: "starting" });
      clock.after(delayOf(network), () => {
        if (!seat.alive || peer !== name) return;
        const usable = relays.filter(({ node }) => nodes.get(node)?.up);
        const through = (way: string) => usable.map(({ relayPeerId }) => `/relay/${relayPeerId}${way}/${name}`);
        reach.set({ kind: "reachable", peer: name, addresses: through("/webrtc"), relayed: through("") });
      });
    },
    dial(remote, addresses, privacy) {
      seat.step();
      place.dials.push({ from: seat.device, peer: remote, addresses, privacy });
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
        const connect = (answer: LinkPrivacy | "refuse") => {
          if (!seat.alive || !there.seat.alive || answer === "refuse") return resolve(err("unreachable"));
          const relayed = privacy === "relay-only" || !addresses.some((address) => address.includes("/webrtc/"));
          // Who wants no address told does not answer WebRTC.
          if (!relayed && answer === "relay-only") return resolve(err("unreachable"));
          const how = relayed ? "relay-only" : "direct";
          const [dialler, incoming] = createPair(network, place, [seat, there.seat], [from, remote], how);
          there.listener().link(incoming);
          resolve(ok(dialler));
        };
        const knock = () => there.seat.answer(there.listener().admit(from)).then(connect, connectFailed);
        const connectFailed = () => resolve(err("unreachable"));
        clock.after(2 * delayOf(network), () => (there.seat.alive ? void knock() : connectFailed()));
      });
      return seat.answer(work);
    },
    listen(given) {
      listener = given;
    },
    leave(remote) {
      for (const pair of [...place.open]) {
        if (pair.seats.includes(seat) && pair.peers.includes(remote)) pair.cut("at once");
      }
    },
    async probe() {
      const gathered = { atMs: clock.now(), host: 1, srflx: 0, relay: 0, stun: "none" } as const;
      survey.set({ ...survey.value, gathered });
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
  seats: readonly [Seat, Seat],
  peers: readonly [string, string],
  privacy: LinkPrivacy,
): readonly [RawLink, RawLink] {
  const path: LiveCell<LinkPath> = liveCell<LinkPath>(privacy === "direct" ? "direct" : "relayed");
  const ends: readonly [End, End] = [
    { handlers: undefined, open: true, waiting: [] },
    { handlers: undefined, open: true, waiting: [] },
  ];
  let carries = true;

  const pair: SimLinkPair = {
    seats,
    peers,
    privacy,
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
      privacy,
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
