/**
 * Floods (F13): one that appends far more than it may, and peers that come by the hundred, are told BUSY; others are
 * answered, and the node takes no more of the flood in than its limits say, however fast the machine is. What others
 * notice of it is measured by `npm run bench -- bench/node-flood`.
 */
import { expect, it, onTestFinished } from "vitest";
import { flood } from "../support/flood.ts";
import { type Inspected, startInspectedNode } from "../support/node-inspector.ts";
import { askingClient } from "../support/raw-topic-client.ts";
import { seededRandom } from "../support/seeded-random.ts";

const mib = 1_048_576;
const random = seededRandom(130);
/** Less than usual, so that the flood is far beyond it however much else this machine has to do. */
const perSecond = 200;
const newTopics = 300;

async function ownNode(): Promise<Inspected> {
  const limits = ["--frames-per-second", String(perSecond), "--new-topics-per-minute", String(newTopics)];
  const node = await startInspectedNode("--app", import.meta.dirname, "--relay-reservations", "0", ...limits);
  onTestFinished(node.discard);
  return node;
}

type Other = Awaited<ReturnType<typeof askingClient>>;

/** Here before the flood, each with a topic: all of them come from one address, which may begin only so many. */
async function fiveOthers(node: Inspected): Promise<readonly Other[]> {
  const others = await Promise.all(Array.from({ length: 5 }, () => askingClient(node.url, random.bytes(32))));
  for (const { append } of others) await append(random.bytes(1_024));
  return others;
}

/**
 * They append by turns, one each 20 ms, as long as `work` takes; every one gets custody, most of them not only once it is
 * over. How many there were.
 */
async function areServed(others: readonly Other[], work: Promise<unknown>): Promise<number> {
  let isOver = false;
  void work.then(() => {
    isOver = true;
  });
  const kinds: Promise<string>[] = [];
  let answered = 0;
  const append = async (other: Other) => {
    const { kind } = await other.append(random.bytes(1_024));
    answered += 1;
    return kind;
  };
  while (!isOver) {
    kinds.push(append(others[kinds.length % others.length]!));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(answered).toBeGreaterThan(kinds.length / 2);
  expect(new Set(await Promise.all(kinds))).toEqual(new Set(["custody"]));
  for (const { close } of others) close();
  return kinds.length;
}

it("10,000 appends a second from one are taken in no faster than one may, and answered with custody or BUSY", async () => {
  const node = await ownNode();
  const five = await fiveOthers(node);
  const before = await node.look();
  const startedAtMs = performance.now();
  const flooding = flood({ url: node.url, of: "appends", perSecond: 10_000, seconds: 6 });
  const others = await areServed(five, flooding);
  const { seconds: _, custody = 0, busy = 0, unanswered = 0, ...rest } = await flooding;
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const growth = ((await node.look()).usedBytes - before.usedBytes) / mib;
  console.log(
    `10,000 appends a second from one for ${seconds.toFixed(1)} s: ${custody} custody, ${busy} busy, ${unanswered} not read; ` +
      `${others} of others held meanwhile; ${growth.toFixed(1)} MiB more held`,
  );
  expect(rest).toEqual({});
  // Four seconds' worth at once, and then so many a second.
  expect(custody).toBeGreaterThan(perSecond);
  expect(custody).toBeLessThanOrEqual((4 + seconds) * perSecond + 1);
  // A quarter of that is refused in words; then it is read from four times a second, each time what one read brings.
  const framesOfRead = 64;
  expect(busy).toBeGreaterThan(100);
  expect(busy).toBeLessThanOrEqual(((4 + seconds) * perSecond) / 4 + (4 * seconds + 1) * framesOfRead);
  expect(growth).toBeLessThan(100);
});

it("1,000 peers begin no more topics than an address may; each is answered with custody or BUSY", async () => {
  const node = await ownNode();
  const five = await fiveOthers(node);
  const before = await node.look();
  const startedAtMs = performance.now();
  const flooding = flood({ url: node.url, of: "peers", perSecond: 125, seconds: 8 });
  const others = await areServed(five, flooding);
  const { seconds: _, custody = 0, busy = 0, ...rest } = await flooding;
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const growth = ((await node.look()).usedBytes - before.usedBytes) / mib;
  console.log(
    `1,000 peers within ${seconds.toFixed(1)} s: ${custody} custody, ${busy} busy; ` +
      `${others} of others held meanwhile; ${growth.toFixed(1)} MiB more held`,
  );
  expect(rest).toEqual({ unanswered: 0 });
  expect(custody + busy).toBe(1_000);
  // A minute's worth at once, of which five are the others'.
  expect(custody).toBeGreaterThanOrEqual(newTopics - five.length);
  expect(custody).toBeLessThanOrEqual(newTopics * (1 + seconds / 60) + 1);
  expect(growth).toBeLessThan(100);
});
