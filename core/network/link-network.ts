/**
 * The adapter behind `LinkNetwork`: starts libp2p when it is first needed, keeps it reachable, and says how it stands.
 * Holds no libp2p import: `libp2p-node.ts` is loaded when `start` is called with a relay. PROTOCOL.md §7.
 */
import { liveCell, valueNow } from "../lang/live.ts";
import { err } from "../lang/result.ts";
import type { Clock } from "../ports/clock.ts";
import type {
  LinkListener,
  LinkNetwork,
  LinkPrivacy,
  LinkRelay,
  LinkSurvey,
  ReachStatus,
  RelaySurvey,
} from "../ports/links.ts";
import type { Random } from "../ports/random.ts";
import { maxAddressBytes, maxSignalAddresses } from "../wire/bounds.ts";
import type { IceServer } from "../wire/node-protocol.ts";
import type { Libp2pNode } from "./libp2p-node.ts";
import { addressThrough, isPeerIdText, type Relay, relayOf, waysNamed } from "./link-address.ts";
import { gatherCandidates } from "./link-survey.ts";
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

interface NamedRelay extends Relay {
  readonly node: LinkRelay["node"];
}

interface Running {
  readonly node: Libp2pNode;
  readonly supervisor: Supervisor;
  readonly silence: () => void;
}

export function createLinkNetwork(options: LinkNetworkOptions): LinkNetwork {
  const { clock, random } = options;
  const webrtc = options.webrtc ?? typeof globalThis.RTCPeerConnection === "function";
  const reach = liveCell<ReachStatus>({ kind: "idle" });
  const survey = liveCell<LinkSurvey>({ webrtc, gathered: undefined, relays: [] });
  let listener: LinkListener = { link: (link) => link.close(), admit: async () => "refuse" };
  let relays: readonly NamedRelay[] = [];
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
      listener: { link: (link) => listener.link(link), admit: (peer) => listener.admit(peer) },
      onRelayLost: (relayPeer) => supervisor.lost(relayPeer),
      onReserved: () => surveyRelays(node, supervisor),
    });
    const supervisor = createSupervisor(clock, jitter, node.door);
    const silence = supervisor.relays.subscribe((states) => {
      const status = reachOf(node.peer, states);
      if (JSON.stringify(status) !== JSON.stringify(reach.value)) reach.set(status);
      surveyRelays(node, supervisor);
    });
    return { node, supervisor, silence };
  };

  const surveyRelays = (node: Libp2pNode, supervisor: Supervisor) => {
    const states = valueNow(supervisor.relays) ?? new Map<Relay, RelayState>();
    const found = relays.map((relay): RelaySurvey => {
      const [, state = "new"] = [...states].find(([one]) => one.address === relay.address) ?? [];
      const untilMs = state === "reserved" ? node.reservedUntilMs(relay.peer) : undefined;
      return { node: relay.node, state: state === "new" ? "trying" : state, untilMs };
    });
    survey.set({ ...survey.value, relays: found });
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

  let probing: Promise<void> | undefined;
  const probe = async () => {
    const gathered = await gatherCandidates(clock, iceServers);
    survey.set({ ...survey.value, gathered });
  };

  return {
    reach,
    survey,
    start(wanted) {
      if (!webrtc) return reach.set({ kind: "unreachable", why: "no-webrtc" });
      relays = distinct(
        wanted
          .map(({ node, relayPeerId }) => ({ node, relay: relayOf(node, relayPeerId) }))
          .flatMap(({ node, relay }) => (relay.ok ? [{ ...relay.value, node }] : [])),
      );
      iceServers = distinctServers(wanted.flatMap((relay) => relay.iceServers));
      if (relays.length === 0 && running === undefined) return;
      if (reach.value.kind === "idle") reach.set({ kind: "starting" });
      if (running === undefined) launch();
      else whenRunning(({ supervisor }) => supervisor.watch(relays));
    },
    async dial(peer, addresses, privacy) {
      if (!webrtc) return err("no-webrtc");
      const ways = isPeerIdText(peer) ? waysNamed(addresses, peer, privacy, relays) : [];
      if (running === undefined || ways.length === 0) return err("unreachable");
      const run = await running.catch(() => undefined);
      return run === undefined ? err("unreachable") : run.node.dial(peer, ways);
    },
    listen(given) {
      listener = given;
    },
    leave(peer) {
      // As `dial` waits: a dial that was asked for before this is under way by then, and ends.
      void running?.catch(() => undefined).then((run) => run?.node.leave(peer));
    },
    probe() {
      if (!webrtc) return Promise.resolve();
      probing ??= probe().finally(() => {
        probing = undefined;
      });
      return probing;
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
        if (running !== undefined) return;
        reach.set({ kind: "idle" });
        survey.set({ ...survey.value, relays: [] });
      })();
      await last;
    },
  };
}

/** Reachable through any relay is reachable; the addresses are what fits into a presence signal (PROTOCOL.md §9). */
function reachOf(peer: string, states: ReadonlyMap<Relay, RelayState>): ReachStatus {
  const in_ = (wanted: RelayState) => [...states].filter(([, state]) => state === wanted).map(([relay]) => relay);
  const through = (privacy: LinkPrivacy) =>
    in_("reserved")
      .map((relay) => addressThrough(relay, peer, privacy))
      .filter((address) => address.length <= maxAddressBytes)
      .slice(0, maxSignalAddresses);
  const [addresses, relayed] = [through("direct"), through("relay-only")];
  if (addresses.length > 0) return { kind: "reachable", peer, addresses, relayed };
  if (states.size === 0 || in_("new").length > 0) return { kind: "starting" };
  return { kind: "unreachable", why: in_("full").length > 0 ? "relay-full" : "relay-away" };
}

/** One of each relay: a node known under two names is one relay. */
function distinct(relays: readonly NamedRelay[]): readonly NamedRelay[] {
  return [...new Map(relays.map((relay) => [relay.peer, relay])).values()];
}

/** Each address once, so that nodes which share a server do not make the browser ask it twice. */
function distinctServers(servers: readonly IceServer[]): readonly IceServer[] {
  return [...new Map(servers.map((server) => [server.urls.join(), server])).values()].slice(0, maxIceServersOfLink);
}
