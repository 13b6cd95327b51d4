import { expect, test } from "vitest";
import { putOutAfter, putOutTogether } from "../../../core/conversation/put-out.ts";
import type { AccountId, ConversationId } from "../../../core/lang/brand.ts";
import { maxPutOut } from "../../../core/wire/bounds.ts";
import { putOutMark } from "../../../core/wire/group-card.ts";

const group = "ab".repeat(16) as ConversationId;
const person = (n: number) => n.toString(16).padStart(64, "0") as AccountId;
const mark = (n: number) => putOutMark(group, person(n));

test("who is removed stands last, and no longer once somebody adds them", () => {
  const first = putOutAfter(group, undefined, { removed: [person(2), person(1)], added: [] });
  expect(first).toEqual([mark(1), mark(2)]);
  const again = putOutAfter(group, first, { removed: [person(1), person(3)], added: [] });
  expect(again).toEqual([mark(2), mark(1), mark(3)]);
  expect(putOutAfter(group, again, { removed: [], added: [person(1)] })).toEqual([mark(2), mark(3)]);
});

test("the oldest make room", () => {
  const many = Array.from({ length: maxPutOut }, (_, n) => `${n}`);
  const next = putOutAfter(group, many, { removed: [person(1)], added: [] });
  expect(next).toEqual([...many.slice(1), mark(1)]);
});

test("what others know is added to what is known here, each once", () => {
  expect(putOutTogether(group, ["a", "b"], { said: ["b", "c"], here: [] })).toEqual(["a", "b", "c"]);
  expect(putOutTogether(group, undefined, { said: ["c"], here: [] })).toEqual(["c"]);
});

test("whom somebody let in meanwhile is put out no longer", () => {
  expect(putOutTogether(group, [mark(1), mark(2)], { said: [], here: [person(1)] })).toEqual([mark(2)]);
});

test("a mark is of one group: nobody sees that the same person was put out of another", () => {
  expect(putOutMark("cd".repeat(16) as ConversationId, person(1))).not.toBe(mark(1));
  expect(mark(1)).toMatch(/^[0-9a-f]{32}$/);
});
