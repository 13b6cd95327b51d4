// F3: a node restarts under many clients, each as a device has it: a connection to the topics that follows, and for some
// a reservation at the relay. When is each back, and how many at a time?
import { createLinkNetwork } from "../../core/network/link-network.ts";
import { createNodeNetwork } from "../../core/network/node-client.ts";
import type { LinkNetwork } from "../../core/ports/links.ts";
import type { NodeClient } from "../../core/ports/node.ts";
import { systemClock } from "../../core/system/system-clock.ts";
import { systemRandom } from "../../core/system/system-random.ts";
import type { NodeProcess } from "./node-process.ts";
import { topicOf } from "./raw-topic-client.ts";
import { isReachable, until } from "./until.ts";

export interface RestartOutcome {
  /** Of each client, from the moment the node was killed until it followed, and had its reservation, again. */
  readonly backAfterMs: readonly number[];
  /** The most connections of both kinds that came to stand within any one second. */
  readonly mostInOneSecond: number;
  readonly nodeUpAfterMs: number;
}

/** The node runs when it is given and when this returns. At most as many reservations as clients. */
export async function restartWithClients(
  node: NodeProcess,
  clients: number,
  reservations: number,
): Promise<RestartOutcome> {
  const relayPeerId = ((await (await fetch(`${node.url}/health`)).json()) as { relayPeerId: string }).relayPeerId;
  const stoodAtMs: number[] = [];
  let onFollowed: ((client: number) => void) | undefined;
  const topics: NodeClient[] = [];
  const links: LinkNetwork[] = [];
  const followedOnce: Promise<void>[] = [];
  for (let n = 0; n < clients; n++) {
    const seed = systemRandom.bytes(32);
    const client = createNodeNetwork({ clock: systemClock, random: systemRandom }).node(node.url);
    topics.push(client);
    followedOnce.push(
      new Promise((resolve) => {
        client.follow(
          { topic: topicOf(seed), seed },
          { wake: () => (onFollowed === undefined ? resolve() : onFollowed(n)), signal() {} },
        );
      }),
    );
    if (n >= reservations) continue;
    const link = createLinkNetwork({ clock: systemClock, random: systemRandom, webrtc: true });
    links.push(link);
    link.start([{ node: node.url, relayPeerId, iceServers: [] }]);
    await until(link.reach, isReachable);
  }
  await Promise.all(followedOnce);

  const killedAtMs = performance.now();
  const followedAgain = topics.map(() => Promise.withResolvers<number>());
  onFollowed = (client) => followedAgain[client]?.resolve(performance.now());
  const reservedAgain = links.map(async ({ reach }) => {
    await until(reach, (status) => !isReachable(status));
    await until(reach, isReachable);
    stoodAtMs.push(performance.now());
    return performance.now();
  });
  for (const { status } of topics) {
    let wasAway = false;
    status.subscribe(({ kind }) => {
      if (kind === "connected" && wasAway) stoodAtMs.push(performance.now());
      wasAway = kind !== "connected";
    });
  }
  await node.kill();
  await node.start();
  const nodeUpAfterMs = performance.now() - killedAtMs;
  const [followed, reserved] = await Promise.all([
    Promise.all(followedAgain.map(({ promise }) => promise)),
    Promise.all(reservedAgain),
  ]);
  for (const client of topics) client.close();
  await Promise.all(links.map((link) => link.stop()));
  return {
    backAfterMs: followed.map((atMs, n) => Math.max(atMs, reserved[n] ?? 0) - killedAtMs),
    mostInOneSecond: mostWithin(stoodAtMs, 1_000),
    nodeUpAfterMs,
  };
}

/** The most of these that lie within any stretch of `windowMs`. */
export function mostWithin(timesMs: readonly number[], windowMs: number): number {
  const sorted = timesMs.toSorted((a, b) => a - b);
  return Math.max(...sorted.map((from, n) => sorted.slice(n).filter((atMs) => atMs < from + windowMs).length));
}

export const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

export function tellRestart({ backAfterMs, mostInOneSecond, nodeUpAfterMs }: RestartOutcome): string {
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  return (
    `node up after ${seconds(nodeUpAfterMs)}; ${backAfterMs.length} clients back: p50 ${seconds(median(backAfterMs))}, ` +
    `last ${seconds(Math.max(...backAfterMs))}; at most ${mostInOneSecond} connections in one second`
  );
}
