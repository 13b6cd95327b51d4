// Groups for tests of core/group: devices a, b, c … of accounts of the same letter, and a check that every call leaves
// its input as it was.
import { expect } from "vitest";
import { type ChangeWish, makeChange } from "../../../core/group/change.ts";
import { addDevices, createGroup, joinGroup } from "../../../core/group/create.ts";
import { joinWithCard } from "../../../core/group/join.ts";
import { type KeyPackagePair, makeKeyPackage } from "../../../core/group/key-package.ts";
import { openInGroup } from "../../../core/group/open-in-group.ts";
import { type GroupState, viewGroup } from "../../../core/group/state.ts";
import type { AccountId, ConversationId, DeviceId, NodeUrl } from "../../../core/lang/brand.ts";
import type { Result } from "../../../core/lang/result.ts";
import type { ConversationContext, GroupContext } from "../../../core/wire/conversation-context.ts";
import type { Credential } from "../../../core/wire/credential.ts";
import type { GroupFacts } from "../../../core/wire/group-facts.ts";

export const anybody = () => true;

export const context: ConversationContext = {
  conversation: "c0".repeat(16) as ConversationId,
  kind: "direct",
  topicSecret: new Uint8Array(32).fill(7),
  nodes: ["https://node.example" as NodeUrl],
  generation: 0,
};

export const facts: GroupFacts = {
  name: "Walkers",
  description: "",
  emoji: "",
  roles: [],
  writers: "everybody",
  slowModeS: 0,
  history: "none",
  joining: "approval",
  rotation: 0,
  nodes: ["https://node.example" as NodeUrl],
};

export const groupContext: GroupContext = {
  conversation: context.conversation,
  kind: "group",
  generation: 0,
  facts,
};

export const words = (text: string) => new TextEncoder().encode(text);

/** A change with nothing in it but `wish`. */
export const wish = (wish: Partial<ChangeWish>): ChangeWish => ({
  add: [],
  removeLeaves: [],
  note: words(""),
  ...wish,
});

/** Devices of one group by letter: `crowd("abc")` was made by a, who added the others in that order. */
export type Crowd = Map<string, GroupState>;

export async function crowd(letters: string): Promise<Crowd> {
  const [first = "", ...others] = letters;
  const alone = await createGroup(new Uint8Array(16).fill(1), groupContext, await packageOf(first), anybody);
  return follow(new Map([[first, alone]]), first, {}, others.join(""));
}

/** `by` makes the change and all the others follow it; whom it adds joins, whom it removes is gone. */
export async function follow(before: Crowd, by: string, what: Partial<ChangeWish>, newcomers = ""): Promise<Crowd> {
  const pairs = await Promise.all([...newcomers].map(async (letter) => [letter, await packageOf(letter)] as const));
  const add = pairs.map(([, pair]) => pair.publicPackage);
  const made = must(await untouched(makeChange, before.get(by)!, wish({ add, card: words("card"), ...what }), anybody));
  const after: Crowd = new Map([[by, made.next]]);
  for (const [letter, state] of before) {
    if (letter === by) continue;
    const opened = must(await untouched(openInGroup, state, made.commit, () => anybody));
    if (opened.kind === "change") after.set(letter, opened.next);
  }
  for (const [letter, pair] of pairs) {
    after.set(letter, must(await untouched(joinWithCard, made.welcome!, pair, () => anybody)).state);
  }
  return after;
}

export async function leafOf(state: GroupState, letter: string): Promise<number> {
  const { members } = await viewGroup(state);
  return members.find(({ credential }) => credential.account === credentialOf(letter).account)!.leaf;
}

export const credentialOf = (letter: string): Credential => ({
  account: letter.repeat(64) as AccountId,
  device: letter.repeat(32) as DeviceId,
  listSequence: 1,
});

export function packageOf(letter: string): Promise<KeyPackagePair> {
  return makeKeyPackage(credentialOf(letter), new Uint8Array(32).fill(letter.charCodeAt(0)));
}

/** One state for each letter, all of one group; the first has made it. */
export async function party(...letters: readonly string[]): Promise<GroupState[]> {
  const pairs = await Promise.all(letters.map(packageOf));
  const [own, ...others] = pairs;
  const alone = await createGroup(new Uint8Array(16).fill(1), context, own!, anybody);
  const added = must(
    await addDevices(
      alone,
      others.map(({ publicPackage }) => publicPackage),
      anybody,
    ),
  );
  const joined = await Promise.all(others.map(async (pair) => must(await joinGroup(added.welcome, pair, anybody))));
  return [added.next, ...joined];
}

export function must<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(`expected success, got ${String(result.error)}`);
  return result.value;
}

/** Calls `step` and proves that none of the byte strings it was given is another afterwards. */
export async function untouched<T, A extends readonly unknown[]>(
  step: (...given: A) => Promise<T>,
  ...given: A
): Promise<T> {
  const before = structuredClone(given.filter((one) => typeof one !== "function"));
  const answer = await step(...given);
  expect(
    given.filter((one) => typeof one !== "function"),
    "the input was mutated",
  ).toEqual(before);
  return answer;
}
