// What is left of words whose removal came before them (PROTOCOL.md §13.10).
import { expect, it } from "vitest";
import { bodyAfterRemoval } from "../../../core/engine/removal.ts";
import type { AccountId } from "../../../core/lang/brand.ts";
import type { MessageRecord } from "../../../core/ports/message-record.ts";
import { message } from "../../contracts/storage-rows.ts";
import { facts } from "../group/party.ts";

const [alice, bob, mallory] = ["aa", "bb", "cc"].map((one) => one.repeat(32) as AccountId) as [
  AccountId,
  AccountId,
  AccountId,
];
/** Alice is the owner, mallory an admin. */
const roles = [
  { account: alice, role: "owner" },
  { account: mallory, role: "admin" },
] as const;
const then = { ...facts, roles };
const said = { kind: "text", text: "hello" } as const;
const removed = { kind: "removed", by: mallory } as const;

/** Mallory's removal of a message, whose author was known to be this one or, where she sealed it, not in the group. */
function awaited(author: AccountId | undefined): MessageRecord {
  return { ...message(1), number: 0, author: author ?? mallory, body: removed };
}

it("nothing, where its author was known and whoever removed it had the right to", () => {
  expect(bodyAfterRemoval(awaited(bob), bob, said, then)).toEqual(removed);
});

it("nothing, where its author was not known and has no rank", () => {
  expect(bodyAfterRemoval(awaited(undefined), bob, said, then)).toEqual(removed);
});

it("all, where an admin removed it as of before the owner's device was in the group", () => {
  expect(bodyAfterRemoval(awaited(undefined), alice, said, then)).toEqual(said);
});
