/**
 * What a group costs by its size (README: figures), with real cryptography on one thread and two devices for each person.
 * Prints one table; asserts only that all was done. Times are this thread's processor time, so that other work on the machine
 * does not count; a pause is the longest such time between two turns of the event loop. Commits with new keys are at their
 * largest: nobody but the two who act renewed theirs before, so that each device needs a copy of its own.
 */
import { expect, it } from "vitest";
import { makeChange } from "../../core/group/change.ts";
import { createGroup } from "../../core/group/create.ts";
import { joinWithCard } from "../../core/group/join.ts";
import { type KeyPackagePair, makeKeyPackage } from "../../core/group/key-package.ts";
import { sealContent } from "../../core/group/messages.ts";
import { openInGroup } from "../../core/group/open-in-group.ts";
import type { GroupState } from "../../core/group/state.ts";
import type { AccountId, DeviceId } from "../../core/lang/brand.ts";
import { anybody, groupContext, must, wish } from "../unit/group/party.ts";

const sizes = [8, 32, 128, 256];
/** Bytes: a short text as content, a note and a card with nothing to tell. */
const [content, note, card] = [150, 40, 1_000].map((length) => new Uint8Array(length)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
/** Of the small steps: the median of so many. */
const rounds = 9;

interface Cost {
  readonly spentMs: number;
  readonly pauseMs: number;
  readonly bytes: number | undefined;
}

function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

async function costOf<T>(step: () => Promise<T>, bytesOf?: (done: T) => number): Promise<{ done: T; cost: Cost }> {
  let pauseMs = 0;
  let goesOn = true;
  let lastMs = 0;
  const turn = () => {
    const nowMs = processorMs();
    pauseMs = Math.max(pauseMs, nowMs - lastMs);
    lastMs = nowMs;
    if (goesOn) setTimeout(turn, 0);
  };
  await new Promise((resolve) => setTimeout(resolve, 2));
  const startedMs = processorMs();
  lastMs = startedMs;
  setTimeout(turn, 0);
  const done = await step();
  const spentMs = processorMs() - startedMs;
  goesOn = false;
  await new Promise((resolve) => setTimeout(resolve, 2));
  return { done, cost: { spentMs, pauseMs, bytes: bytesOf?.(done) } };
}

const hex = (value: number, length: number) => value.toString(16).padStart(length, "0");

function device(index: number): Promise<KeyPackagePair> {
  const account = hex(index >> 1, 64) as AccountId;
  const credential = { account, device: hex(index, 32) as DeviceId, listSequence: 1 };
  return makeKeyPackage(credential, crypto.getRandomValues(new Uint8Array(32)));
}

async function open(state: GroupState, message: Uint8Array): Promise<GroupState> {
  const opened = must(await openInGroup(state, message, () => anybody));
  if (opened.kind === "removed") throw new Error(opened.kind);
  return opened.next;
}

/** One column of the table. */
async function costsOf(size: number): Promise<ReadonlyMap<string, Cost>> {
  const costs = new Map<string, Cost>();
  const measure = async <T>(name: string, step: () => Promise<T>, bytesOf?: (done: T) => number): Promise<T> => {
    const { done, cost } = await costOf(step, bytesOf);
    costs.set(name, cost);
    return done;
  };
  const commit = (made: { readonly commit: Uint8Array }) => made.commit.length;
  const change = async (state: GroupState, asked: Parameters<typeof wish>[0]) =>
    must(await makeChange(state, wish({ note, ...asked }), anybody));

  const pairs = await Promise.all(Array.from({ length: size }, (_, index) => device(index)));
  const own = pairs[0]!;
  const late = pairs.at(-1)!;
  const add = pairs.slice(1, -1).map(({ publicPackage }) => publicPackage);
  const alone = await createGroup(new Uint8Array(16).fill(1), groupContext, own, anybody);
  const made = await measure("create: add everybody", () => change(alone, { add, card }), commit);
  const welcome = made.welcome!;
  const joining = async (bytes: Uint8Array, pair: KeyPackagePair) =>
    must(await joinWithCard(bytes, pair, () => anybody));
  const joined = await measure(
    "join (Welcome)",
    () => joining(welcome, pairs[1]!),
    () => welcome.length,
  );
  let a = made.next;
  let b = joined.state;

  const renewed = await measure("new keys, the first", () => change(a, {}), commit);
  a = renewed.next;
  b = await measure("  open new keys", () => open(b, renewed.commit));
  const agreed = await change(b, { context: { ...groupContext, facts: { ...groupContext.facts, name: "Runners" } } });
  [a, b] = [await open(a, agreed.commit), agreed.next];

  const sent: Cost[] = [];
  const heard: Cost[] = [];
  for (let round = 0; round < rounds; round++) {
    const said = await costOf(
      () => sealContent(a, content),
      ({ message }) => message.length,
    );
    const opened = await costOf(
      () => open(b, said.done.message),
      (next) => next.live.length,
    );
    [a, b] = [said.done.next, opened.done];
    sent.push(said.cost);
    heard.push(opened.cost);
  }
  costs.set("send a text", median(sent));
  costs.set("  open it (row written)", median(heard));
  const trees = [...a.trees.values()].map(({ length }) => length);
  costs.set("  tree (row per epoch)", { spentMs: 0, pauseMs: 0, bytes: Math.max(...trees) });

  const more = await measure("add a device", () => change(a, { add: [late.publicPackage], card }), commit);
  a = more.next;
  b = await measure("  open addition", () => open(b, more.commit));
  await measure(
    "  join later (Welcome)",
    () => joining(more.welcome!, late),
    () => more.welcome!.length,
  );
  const gone = await measure("remove a person", () => change(a, { removeLeaves: [2, 3] }), commit);
  await measure("  open removal", () => open(b, gone.commit));
  return costs;
}

function median(costs: readonly Cost[]): Cost {
  return costs.toSorted((a, b) => a.spentMs - b.spentMs)[costs.length >> 1]!;
}

function cell({ spentMs, pauseMs, bytes }: Cost): string {
  const size = bytes === undefined ? "" : bytes < 10_000 ? `${bytes} B` : `${Math.round(bytes / 1_000)} KB`;
  const time =
    spentMs === 0 ? "" : `${spentMs.toFixed(spentMs < 10 ? 1 : 0)} / ${pauseMs.toFixed(pauseMs < 10 ? 1 : 0)}`;
  return `${time.padStart(12)}${size.padStart(10)}`;
}

it("prints what a group of 8, 32, 128 and 256 devices costs: ms spent / longest pause, bytes", async () => {
  const columns: ReadonlyMap<string, Cost>[] = [];
  for (const size of sizes) columns.push(await costsOf(size));
  const [first] = columns;
  const rows = [...first!.keys()].map((name) => [name, ...columns.map((costs) => cell(costs.get(name)!))] as const);
  const width = 26;
  const head = "".padEnd(width) + sizes.map((size) => `${size} devices`.padStart(22)).join("");
  console.log([head, ...rows.map(([name, ...cells]) => name.padEnd(width) + cells.join(""))].join("\n"));
  expect(rows.length).toBeGreaterThan(10);
});
