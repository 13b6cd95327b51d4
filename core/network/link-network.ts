/**
 * The adapter behind `LinkNetwork`: starts libp2p when it is first needed, keeps it reachable, and says how it stands.
 * Holds no libp2p import: `libp2p-node.ts` is loaded when `start` is called with a relay. PROTOCOL.md §7.
 */
import { liveCell } from "../lang/live.ts";
import { err } from "../lang/result.ts";
import type { Clock } from "../ports/clock.ts";
import type { LinkNetwork, RawLink, ReachStatus } from "../ports/links.ts";
import type { Random } from "../ports/random.ts";
import { maxAddressBytes, maxSignalAddresses } from "../wire/bounds.ts";
import type { IceServer } from "../wire/node-protocol.ts";
import type { Libp2pNode } from "./libp2p-node.ts";
import { addressThrough, isPeerIdText, type Relay, relayOf, relaysNamed } from "./link-address.ts";
import { createSupervisor, type RelayState, type Supervisor } from "./supervisor.ts";

export interface LinkNetworkOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Whether WebRTC can be had here; by default whether the global is there, which Node lacks although its library works. */
  readonly webrtc?: boolean;
}

const retryLoadMs = 10_000;
/** Three nodes with STUN and TURN each. More only slow down the gathering of candidates. */
const maxIceServersOfLink = 6;

interface Running {
  readonly node: Libp2pNode;
  readonly supervisor: Supervisor;
  readonly silence: () => void;
}

export function createLinkNetwork(options: LinkNetworkOptions): LinkNetwork {
  const { clock, random } = options;
  const webrtc = options.webrtc ?? typeof globalThis.RTCPeerConnection === "function";
  const reach = liveCell<ReachStatus>({ kind: "idle" });
  let onLink: (link: RawLink) => void = (link) => link.close();
  let relays: readonly Relay[] = [];
  let iceServers: readonly IceServer[] = [];
  let running: Promise<Running> | undefined;
  let last: Promise<void> = Promise.resolve();
  let cancelRetry = () => {};

  const jitter = () => new DataView(random.bytes(4).buffer).getUint32(0) / 2 ** 32;

  const boot = async (): Promise<Running> => {
    const { startLibp2pNode } = await import("./libp2p-node.ts");
    const node = await startLibp2pNode({
      clock,
      iceServers: () => iceServers,
      relays: () => relays,
      onLink: (link) => onLink(link),
      onRelayLost: (relayPeer) => supervisor.lost(relayPeer),
    });
    const supervisor = createSupervisor(clock, jitter, node.door);
    const silence = supervisor.relays.subscribe((states) => {
      const status = reachOf(node.peer, states);
      if (JSON.stringify(status) !== JSON.stringify(reach.value)) reach.set(status);
    });
    return { node, supervisor, silence };
  };

  const whenRunning = (task: (run: Running) => void) => {
    const mine = running;
    mine?.then(
      (run) => {
        if (running === mine) task(run);
      },
      () => {}, // `launch` sees to it
    );
  };

  /** Begins after an earlier run has ended. The module may fail to load: offline, or a new version was deployed. */
  const launch = () => {
    cancelRetry();
    const mine = last.then(boot);
    running = mine;
    whenRunning(({ supervisor }) => supervisor.watch(relays));
    mine.catch(() => {
      if (running !== mine) return;
      running = undefined;
      reach.set({ kind: "unreachable", why: "relay-away" });
      cancelRetry = clock.after(retryLoadMs, launch);
    });
  };

  return {
    reach,
    start(wanted) {
      if (!webrtc) return reach.set({ kind: "unreachable", why: "no-webrtc" });
      relays = distinct(
        wanted
          .map(({ node, relayPeerId }) => relayOf(node, relayPeerId))
          .flatMap((relay) => (relay.ok ? [relay.value] : [])),
      );
      iceServers = distinctServers(wanted.flatMap((relay) => relay.iceServers));
      if (relays.length === 0 && running === undefined) return;
      if (reach.value.kind === "idle") reach.set({ kind: "starting" });
      if (running === undefined) launch();
      else whenRunning(({ supervisor }) => supervisor.watch(relays));
    },
    async dial(peer, addresses) {
      if (!webrtc) return err("no-webrtc");
      const through = isPeerIdText(peer) ? relaysNamed(addresses, peer, relays) : [];
      if (running === undefined || through.length === 0) return err("unreachable");
      const run = await running.catch(() => undefined);
      return run === undefined ? err("unreachable") : run.node.dial(peer, through);
    },
    listen(given) {
      onLink = given;
    },
    hurry() {
      if (running === undefined && relays.length > 0) launch();
      else whenRunning(({ supervisor }) => supervisor.hurry());
    },
    async stop() {
      const stopping = running;
      const earlier = last;
      running = undefined;
      relays = [];
      cancelRetry();
      last = (async () => {
        await earlier;
        const run = await stopping?.catch(() => undefined);
        run?.silence();
        run?.supervisor.stop();
        await run?.node.stop();
        if (running === undefined) reach.set({ kind: "idle" });
      })();
      await last;
    },
  };
}

/** Reachable through any relay is reachable; the addresses are what fits into a presence signal (PROTOCOL.md §9). */
function reachOf(peer: string, states: ReadonlyMap<Relay, RelayState>): ReachStatus {
  const in_ = (wanted: RelayState) => [...states].filter(([, state]) => state === wanted).map(([relay]) => relay);
  const addresses = in_("reserved")
    .map((relay) => addressThrough(relay, peer))
    .filter((address) => address.length <= maxAddressBytes);
  if (addresses.length > 0) return { kind: "reachable", peer, addresses: addresses.slice(0, maxSignalAddresses) };
  if (states.size === 0 || in_("new").length > 0) return { kind: "starting" };
  return { kind: "unreachable", why: in_("full").length > 0 ? "relay-full" : "relay-away" };
}

/** One of each relay: a node known under two names is one relay. */
function distinct(relays: readonly Relay[]): readonly Relay[] {
  return [...new Map(relays.map((relay) => [relay.peer, relay])).values()];
}

/** Each address once, so that nodes which share a server do not make the browser ask it twice. */
function distinctServers(servers: readonly IceServer[]): readonly IceServer[] {
  return [...new Map(servers.map((server) => [server.urls.join(), server])).values()].slice(0, maxIceServersOfLink);
}
