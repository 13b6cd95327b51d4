// What shows that the others go on without a device that somebody gave a leaf (PROTOCOL.md §13.7), and what does not.
import { expect, it } from "vitest";
import { givenNow, goOnWithout, isBelieved, ledAway } from "../../../core/engine/led-away.ts";
import type { InGroup } from "../../../core/engine/receive-group.ts";
import type { AccountId, NodeUrl } from "../../../core/lang/brand.ts";
import type { ConversationRecord } from "../../../core/ports/conversation-record.ts";
import { farNode, homeNode } from "../../support/sim-world.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const [alice, bob, mallory] = ["a", "b", "m"].map((one) => one.repeat(64) as AccountId) as [
  AccountId,
  AccountId,
  AccountId,
];

/** Bob, whom Mallory gave a leaf by the commit of epoch 21, at minute 0, in what lay at the first node as its tenth. */
function bobs(changes: Partial<ConversationRecord> = {}, people: readonly AccountId[] = [alice, bob, mallory]) {
  const given = givenNow(mallory, { via: "topic", node: homeNode, sequence: 10 }, 0);
  const group = { people: people.map((account) => ({ account })) };
  return { nodes: [homeNode], given, group, ...changes } as unknown as ConversationRecord;
}

interface Read {
  readonly epoch?: number;
  readonly kind?: "commit" | "content";
  readonly node?: NodeUrl;
  readonly sequence?: number;
  readonly afterMs?: number;
}

/** Of a change of epoch 1, which lies behind the Welcome, unless said otherwise. */
function shows(
  { epoch = 1, kind = "commit", node = homeNode, sequence = 11, afterMs = minuteMs }: Read,
  conversation = bobs(),
): boolean {
  const arrival = { via: "topic", node, sequence } as const;
  const arrived = { conversation, group: { joinedEpoch: 22 }, arrival } as unknown as InGroup;
  return goOnWithout(arrived, { epoch, kind, authenticatedData: new Uint8Array() }, afterMs);
}

it("a change of an earlier epoch behind the Welcome at the first node does, and one before it does not", () => {
  expect(shows({})).toBe(true);
  expect(shows({ sequence: 9 })).toBe(false);
});

it("a change that lost its slot to the one that gave the leaf does not, nor does any later one", () => {
  expect(shows({ epoch: 20 })).toBe(true);
  expect(shows({ epoch: 21 })).toBe(false);
  expect(shows({ epoch: 22 })).toBe(false);
});

it("words do only once those that were under way are at the node", () => {
  expect(shows({ kind: "content", afterMs: 59 * minuteMs })).toBe(false);
  expect(shows({ kind: "content", afterMs: 61 * minuteMs })).toBe(true);
});

it("what lies at another node, or came over a link, does not: only the first node's order tells", () => {
  expect(shows({ node: farNode, afterMs: 61 * minuteMs })).toBe(false);
  const link = { conversation: bobs(), group: { joinedEpoch: 22 }, arrival: { via: "link" } } as unknown as InGroup;
  expect(goOnWithout(link, { epoch: 1, kind: "commit", authenticatedData: new Uint8Array() }, 61 * minuteMs)).toBe(
    false,
  );
});

it("after a move, where the Welcome lay elsewhere, a change does only after a while", () => {
  const moved = bobs({ nodes: [farNode] });
  expect(shows({ node: farNode, sequence: 1 }, moved)).toBe(false);
  expect(shows({ node: farNode, sequence: 1, afterMs: 61 * minuteMs }, moved)).toBe(true);
});

it("nothing does where nobody gave a leaf, or nobody else is there to go on", () => {
  const { given: _, ...without } = bobs();
  expect(shows({}, without)).toBe(false);
  expect(shows({}, bobs({}, [bob, mallory]))).toBe(false);
});

it("is heard once a day, however often a member leaves old changes", () => {
  const again = bobs({ misled: { by: alice, atMs: 0 } });
  expect(shows({ afterMs: dayMs - 1 }, again)).toBe(false);
  expect(shows({ afterMs: dayMs }, again)).toBe(true);
});

it("who was led away asks anew, and believes whoever led them for no week, but others at once", () => {
  const after = ledAway(bobs(), minuteMs);
  expect(after).toMatchObject({
    misled: { by: mallory, atMs: minuteMs },
    healing: { why: "forked", sinceMs: minuteMs, asked: undefined },
  });
  expect(after.given).toBeUndefined();
  expect(isBelieved(after, mallory, minuteMs + 7 * dayMs)).toBe(false);
  expect(isBelieved(after, mallory, minuteMs + 7 * dayMs + 1)).toBe(true);
  expect(isBelieved(after, alice, minuteMs)).toBe(true);
});
