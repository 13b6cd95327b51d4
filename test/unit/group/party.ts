// Groups for tests of core/group: devices a, b, c … of accounts of the same letter, and a check that every call leaves
// its input as it was.
import { expect } from "vitest";
import { addDevices, createGroup, joinGroup } from "../../../core/group/create.ts";
import { type KeyPackagePair, makeKeyPackage } from "../../../core/group/key-package.ts";
import type { GroupState } from "../../../core/group/state.ts";
import type { AccountId, ConversationId, DeviceId, NodeUrl } from "../../../core/lang/brand.ts";
import type { Result } from "../../../core/lang/result.ts";
import type { ConversationContext } from "../../../core/wire/conversation-context.ts";
import type { Credential } from "../../../core/wire/credential.ts";

export const anybody = () => true;

export const context: ConversationContext = {
  conversation: "c0".repeat(16) as ConversationId,
  kind: "direct",
  topicSecret: new Uint8Array(32).fill(7),
  nodes: ["https://node.example" as NodeUrl],
  generation: 0,
};

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
