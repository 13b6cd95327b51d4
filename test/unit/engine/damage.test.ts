import { expect, it } from "vitest";
import { damaged } from "../../../core/engine/heal.ts";
import type { AccountId } from "../../../core/lang/brand.ts";
import type { ConversationRecord } from "../../../core/ports/conversation-record.ts";
import type { Damage } from "../../../core/ports/healing.ts";

const mallory = "m".repeat(64) as AccountId;
const sound = { key: "a group", group: {}, healing: undefined } as unknown as ConversationRecord;

const after = (...found: readonly (readonly [Damage, AccountId?])[]) =>
  found.reduce((row, [why, claimedBy], at) => damaged(row, why, at, claimedBy), sound).healing;

it("the first damage stays", () => {
  expect(after(["lost"], ["rolled-back"])).toMatchObject({ why: "lost", sinceMs: 0 });
  expect(after(["rolled-back"], ["rolled-back", mallory])).toEqual({
    why: "rolled-back",
    sinceMs: 0,
    asked: undefined,
  });
});

it("keys that are damaged are worse than changes that are lacking", () => {
  expect(after(["behind"], ["rolled-back"])).toMatchObject({ why: "rolled-back", sinceMs: 1 });
  expect(after(["rolled-back"], ["behind"])).toMatchObject({ why: "rolled-back", sinceMs: 0 });
});

it("what was claimed by one person alone is so no more once it shows, and stays while others claim it", () => {
  expect(after(["rolled-back", mallory], ["rolled-back"])).toEqual({
    why: "rolled-back",
    sinceMs: 1,
    asked: undefined,
  });
  expect(after(["rolled-back", mallory], ["behind"])).toMatchObject({ claimedBy: mallory, sinceMs: 0 });
  expect(after(["rolled-back", mallory], ["rolled-back", "o".repeat(64) as AccountId])).toMatchObject({
    claimedBy: mallory,
    sinceMs: 0,
  });
});
