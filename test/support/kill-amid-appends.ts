// F2: a node is killed again and again while a sender appends; the sender's client comes back by itself, and what had no
// custody yet is sent again. What was promised must be there, once.

import { toHex } from "../../core/lang/bytes.ts";
import { createNodeNetwork } from "../../core/network/node-client.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { NodeClient, NodeStatus, TopicAccess } from "../../core/ports/node.ts";
import { systemClock } from "../../core/system/system-clock.ts";
import { systemRandom } from "../../core/system/system-random.ts";
import type { NodeProcess } from "./node-process.ts";
import { topicOf } from "./raw-topic-client.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { until } from "./until.ts";

const underWay = 40;

export interface KillsOutcome {
  readonly sent: number;
  /** Custody that is not kept: the envelope is not there, or under another number. */
  readonly lost: number;
  readonly doubled: number;
  /** Of each kill: until the node was up, and from the client's connection to its next custody. Without the back-off between. */
  readonly recoveriesMs: readonly number[];
  /** Of each kill: from the node being up to the client's connection. */
  readonly backOffsMs: readonly number[];
}

/**
 * The node runs when it is given and when this returns. The client's waits are `hurried` times shorter than they are, and to
 * it the kills are a minute apart, so that it does not take them for a flapping network.
 */
export async function killAmidAppends(
  node: NodeProcess,
  kills: number,
  hurried: number,
  random: SeededRandom,
): Promise<KillsOutcome> {
  let aheadMs = 0;
  const clock: Clock = {
    now: () => systemClock.now() + aheadMs,
    after: (delayMs, task) => systemClock.after(delayMs / hurried, task),
  };
  const seed = random.bytes(32);
  const access = { topic: topicOf(seed), seed };
  const alice = createNodeNetwork({ clock, random: systemRandom }).node(node.url);
  const connected = () => until<NodeStatus>(alice.status, ({ kind }) => kind === "connected");
  const offline = () => until<NodeStatus>(alice.status, ({ kind }) => kind === "offline");
  const promised = new Map<string, number>();
  let onCustody = () => {};
  let isOver = false;

  /** One after the other, each as often as it takes. */
  async function send(): Promise<void> {
    while (!isOver) {
      const envelope = random.bytes(1_024);
      for (let isHeld = false; !isHeld; ) {
        await connected();
        const custody = await alice.append(access, envelope);
        isHeld = custody.ok;
        if (custody.ok) promised.set(toHex(envelope), custody.value.sequence);
        else if (custody.error.kind !== "offline") throw new Error(custody.error.kind);
      }
      onCustody();
    }
  }
  const custodies = (count: number) =>
    new Promise<void>((resolve) => {
      let left = count;
      onCustody = () => {
        left -= 1;
        if (left === 0) resolve();
      };
    });

  const recoveriesMs: number[] = [];
  const backOffsMs: number[] = [];
  const senders = Array.from({ length: underWay }, send);
  for (let kill = 0; kill < kills; kill++) {
    // At another point of the appends under way each time.
    await custodies(1 + random.int(3 * underWay));
    aheadMs += 60_000;
    const killedAtMs = performance.now();
    await Promise.all([node.kill(), offline()]);
    await node.start();
    const upAtMs = performance.now();
    const next = custodies(1);
    await connected();
    const connectedAtMs = performance.now();
    await next;
    recoveriesMs.push(upAtMs - killedAtMs + performance.now() - connectedAtMs);
    backOffsMs.push(connectedAtMs - upAtMs);
  }
  isOver = true;
  await Promise.all(senders);
  const kept = await readAll(alice, access);
  alice.close();
  const numbers = new Map(kept.map(({ hex, sequence }) => [hex, sequence]));
  return {
    sent: promised.size,
    lost: [...promised].filter(([hex, sequence]) => numbers.get(hex) !== sequence).length,
    doubled: kept.length - numbers.size,
    recoveriesMs,
    backOffsMs,
  };
}

async function readAll(client: NodeClient, access: TopicAccess): Promise<{ sequence: number; hex: string }[]> {
  const all = [];
  for (let after = 0; ; ) {
    const page = await client.read(access, after, 100);
    if (!page.ok) throw new Error(page.error.kind);
    all.push(...page.value.entries.map((entry) => ({ sequence: entry.sequence, hex: toHex(entry.envelope) })));
    after = page.value.entries.at(-1)?.sequence ?? after;
    if (!page.value.more) return all;
  }
}

export function tellKills({ sent, lost, doubled, recoveriesMs, backOffsMs }: KillsOutcome): string {
  const seconds = (times: readonly number[]) => `${(Math.max(...times) / 1_000).toFixed(1)} s`;
  return (
    `${recoveriesMs.length} kills amid ${sent} appends: ${lost} lost, ${doubled} doubled; ` +
    `recovery at most ${seconds(recoveriesMs)}, back-off at most ${seconds(backOffsMs)}`
  );
}
