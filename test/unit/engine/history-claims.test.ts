import { expect, it } from "vitest";
import { sharedCounts, withClaims } from "../../../core/engine/history-claims.ts";
import type { AccountId, ConversationId, DeviceId } from "../../../core/lang/brand.ts";
import type { SharedHistory } from "../../../core/ports/conversation-record.ts";
import type { HistoryCapsule } from "../../../core/wire/history.ts";

const by = "b0".repeat(32) as AccountId;
const idOf = (n: number) => n.toString(16).padStart(32, "0") as DeviceId;
const personOf = (n: number) => n.toString(16).padStart(64, "0") as AccountId;

/** One person for each device, of whom the numbers from `first` to `last` are said to exist. */
function offered(devices: readonly number[], first = 1, last = 10): HistoryCapsule {
  const persons = devices.map((n) => {
    return { account: personOf(n), name: `no. ${n}`, devices: [{ device: idOf(n), first, last, ranges: [] }] };
  });
  return { conversation: "c0".repeat(16) as ConversationId, account: by, madeAtMs: 1, persons, pieces: [] };
}

const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, n) => from + n);
const after = (offers: readonly HistoryCapsule[], from?: SharedHistory) =>
  offers.reduce<SharedHistory | undefined>((known, offer) => withClaims(known, by, offer) ?? known, from);

it("what members offer is counted together, a number once", () => {
  const shared = after([offered([1, 2]), offered([2, 3], 5, 12)])!;
  expect(sharedCounts(shared)).toEqual({ have: 0, of: 10 + 12 + 8 });
  expect(Object.keys(shared.names)).toHaveLength(3);
});

it("offers of what nobody ever was do not fill a device, however many come, and what is known still counts after them", () => {
  const persons = after(upTo(20).map((n) => offered(upTo(500, n * 500))))!;
  expect(Object.keys(persons.names)).toHaveLength(1_000);
  expect(withClaims(persons, by, offered([1], 1, 12))).toBeDefined();
  // Of one device, each time with a gap to what is known.
  const runs = after(upTo(3_000).map((n) => offered([1], n * 10 + 1, n * 10 + 2)))!;
  expect(runs.exist[idOf(1)]).toHaveLength(2_000);
  expect(withClaims(runs, by, offered([1], 1, 30_000))).toBeDefined();
});

it("nothing more is taken where as much is here as a whole group says in years", () => {
  const shared = after([offered([1], 1, 70_000)])!;
  const with59 = { ...shared, here: { [idOf(1)]: [[1, 59_999]] as const } };
  expect(withClaims(with59, by, offered([2]))).toBeDefined();
  expect(withClaims({ ...with59, here: { [idOf(1)]: [[1, 60_000]] as const } }, by, offered([2]))).toBeUndefined();
  const crumbs = upTo(2_001).map((n) => [n * 2 + 1, n * 2 + 1] as const);
  expect(withClaims({ ...shared, here: { [idOf(1)]: crumbs } }, by, offered([2]))).toBeUndefined();
});
