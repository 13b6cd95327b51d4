/** Composes a node: identity, storage, topics, relay and the one port. Says nothing; main.ts talks to people. */
import { mkdir } from "node:fs/promises";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { err, ok, type Result } from "@kith/core/lang/result.ts";
import { createAdmission } from "./admission.ts";
import { type Counters, createCounters, type Levels, prometheusText } from "./counters.ts";
import { createFront } from "./http-front.ts";
import { createIceAdvice } from "./ice-advice.ts";
import { codeOf, loadNodeIdentity } from "./node-identity.ts";
import manifest from "./package.json" with { type: "json" };
import type { Relay } from "./relay.ts";
import { defaultPort, type NodeConfig } from "./settings.ts";
import { openSqliteStorage } from "./sqlite-storage.ts";
import { readStaticFiles } from "./static-files.ts";
import { type StunServer, startStun } from "./stun-server.ts";
import { createTopicHub } from "./topic-hub.ts";
import { createTopicServer } from "./topic-server.ts";

const sweepEveryMs = 60_000;
const mib = 1_048_576;
const dayMs = 86_400_000;
/** How many ports after the default one are tried when nobody chose. */
const portsToTry = 20;

export interface RunningNode {
  /** `http://localhost:8080` */
  readonly url: string;
  readonly port: number;
  /** Takes nothing new, answers what is under way, then ends. */
  close(): Promise<void>;
}

/** The error is a sentence for the operator. `onBroken` is called when the node can no longer do its work. */
export async function startNode(
  config: NodeConfig,
  onBroken: () => void = () => {},
): Promise<Result<RunningNode, string>> {
  const made = await mkdir(config.dataFolder, { recursive: true, mode: 0o700 }).then(
    () => undefined,
    (error: unknown) => codeOf(error),
  );
  if (made !== undefined) return err(`The data folder ${config.dataFolder} cannot be made (${made}).`);
  const identity = await loadNodeIdentity(config.dataFolder);
  if (!identity.ok) return identity;
  const limits = {
    maxTopics: config.maxTopics,
    maxTopicEnvelopes: config.maxTopicEnvelopes,
    maxTopicBytes: config.maxTopicMib * mib,
    maxBytes: config.maxDiskMib * mib,
  };
  const files = await readStaticFiles(config.appFolder);
  if (!files.ok) return files;
  let stun: StunServer | undefined;
  const ice = await createIceAdvice(config, () => stun?.port);
  if (!ice.ok) return ice;
  const opened = await openSqliteStorage({ folder: config.dataFolder, limits, onBroken });
  if (!opened.ok) return opened;
  const storage = opened.value;

  const counters = createCounters();
  const admission = createAdmission({
    maxConnectionsPerAddress: config.maxConnectionsPerAddress,
    framesPerSecond: config.framesPerSecond,
    bytesPerSecond: config.kibPerSecond * 1_024,
    newTopicsPerMinute: config.newTopicsPerMinute,
  });
  const services = {
    identity: identity.value,
    storage,
    hub: createTopicHub(),
    counters,
    retentionMs: config.retentionDays * dayMs,
    now: () => Date.now(),
  };
  let relay: Relay | undefined;
  const topics = createTopicServer(services, { relayPeerId: () => relay?.peerId, ice: ice.value });
  const levels = (): Levels => ({
    topicConnections: topics.connections(),
    relayConnections: relay?.connections() ?? 0,
    relayReservations: relay?.reservations() ?? 0,
    ...storage.usage(),
    ...processLevels(),
  });
  let tellStarted = () => {};
  const started = new Promise<void>((resolve) => {
    tellStarted = resolve;
  });
  const front = createFront({
    started,
    files: files.value,
    admission,
    trustedProxies: config.trustedProxies,
    maxConnections: config.maxConnections,
    health: () => ({ ok: true, version: manifest.version, relayPeerId: relay?.peerId ?? null }),
    metrics: () => prometheusText(counters, levels()),
    metricsFor: config.metrics,
    turnedAway: () => {
      counters.turnedAway += 1;
    },
    topics: topics.upgrade,
    relay: () => relay?.upgrade,
  });

  const port = await listen(front, config);
  if (!port.ok) {
    await storage.close();
    return port;
  }
  const answering = await listenForStun(config, port.value, counters);
  if (!answering.ok) {
    front.close();
    await storage.close();
    return answering;
  }
  stun = answering.value;
  if (config.relayReservations > 0) {
    // libp2p is most of what a start loads: a node without a relay does without it.
    const { startRelay } = await import("./relay.ts");
    relay = await startRelay({
      seed: identity.value.seed,
      port: port.value,
      maxReservations: config.relayReservations,
      minutes: config.relayMinutes,
      mib: config.relayMib,
      counters,
    });
  }

  tellStarted();

  let sweeping = storage.sweep(Date.now());
  const sweep = setInterval(() => {
    admission.forgetIdle();
    sweeping = sweeping.then(() => storage.sweep(Date.now()));
  }, sweepEveryMs);

  async function close(): Promise<void> {
    clearInterval(sweep);
    front.close();
    // Answers first: an append under way is stored, and its sender hears so.
    await topics.finish();
    await relay?.close();
    await stun?.close();
    front.closeAllConnections();
    await sweeping;
    await storage.close();
  }
  let closing: Promise<void> | undefined;
  const host = ["127.0.0.1", "0.0.0.0", "::", "::1"].includes(config.host) ? "localhost" : config.host;
  return ok({
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port.value}`,
    port: port.value,
    close: () => {
      closing ??= close();
      return closing;
    },
  });
}

function processLevels(): Pick<Levels, "cpuSeconds" | "residentBytes"> {
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, residentBytes: process.memoryUsage.rss() };
}

/** A number that nobody chose need not be the TCP port's: devices are told which it is. */
async function listenForStun(
  { port, host, stunPort, stunHost }: NodeConfig,
  tcpPort: number,
  counters: Counters,
): Promise<Result<StunServer | undefined, string>> {
  if (stunPort === 0) return ok(undefined);
  const at = { host: stunHost ?? host, port: stunPort ?? tcpPort };
  const first = await startStun(at, counters);
  const isTaken = !first.ok && first.error === "EADDRINUSE";
  const isChosen = stunPort !== undefined || (port !== undefined && port > 0);
  const outcome = isTaken && !isChosen ? await startStun({ ...at, port: 0 }, counters) : first;
  if (outcome.ok) return outcome;
  if (isTaken) return err(`UDP port ${at.port} is taken. Choose another with --stun-port, or 0 for none.`);
  return err(`The node cannot answer STUN on ${at.host}, UDP port ${at.port} (${outcome.error}).`);
}

/** The port it listens on. A chosen port is the one or none. */
async function listen(server: Server, { port, host }: NodeConfig): Promise<Result<number, string>> {
  const ports = port === undefined ? Array.from({ length: portsToTry }, (_, n) => defaultPort + n) : [port];
  for (const candidate of ports) {
    const problem = await tryPort(server, candidate, host);
    if (problem === undefined) return ok((server.address() as AddressInfo).port);
    if (problem === "EADDRINUSE") continue;
    return err(`The node cannot listen on ${host}, port ${candidate} (${problem}).`);
  }
  const last = ports.at(-1);
  if (port !== undefined) return err(`Port ${port} is taken. Choose another with --port.`);
  return err(`The ports ${defaultPort} to ${last} are taken. Choose another with --port.`);
}

function tryPort(server: Server, port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const onError = (error: unknown) => resolve(codeOf(error));
    server.once("error", onError);
    server.listen(port, host, () => {
      server.off("error", onError);
      resolve(undefined);
    });
  });
}
