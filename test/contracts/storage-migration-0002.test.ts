// What migration 2 makes of each row of schema 1, said once more in other words. That a database really comes out so is
// storage-migrations.test.ts.
import { describe, expect, it } from "vitest";
import { severalOfEverything } from "../../core/storage/migrations/0002-several-of-everything.ts";

type Row = Readonly<Record<string, unknown>>;
const node = "https://node.example";
const phone = "d2".repeat(16);
const laptop = "d3".repeat(16);

const made = (table: string, row: Row): unknown => severalOfEverything[table]?.(row);
const fact = { deliveredAtMs: undefined, readAtMs: undefined, refusedAtMs: undefined };
const copies = (deliveries: Row) => made("messages", { key: "m", deliveries });

describe("migration 2", () => {
  it("gives the person one node, receipts, and direct links", () => {
    expect(made("profile", { key: "me", name: "Alice", node })).toStrictEqual({
      key: "me",
      name: "Alice",
      nodes: [node],
      receipts: true,
      relayOnly: false,
    });
  });

  it("knows no nodes of a contact until they say them, links directly, and keeps for nobody who did not agree", () => {
    expect(made("contacts", { key: "b2", verified: true })).toStrictEqual({
      key: "b2",
      verified: true,
      relayOnly: false,
      nodes: [],
      profileOrder: "",
      keepsFor: false,
      keeper: false,
      keeperOrder: "",
    });
  });

  it("begins to count messages, leaves the conversation where its topic is and owes nobody a receipt", () => {
    const row = { key: "aa", draft: "half a thou", readUpTo: "00000001", outOfStep: false };
    const { outOfStep: _, ...kept } = row;
    expect(made("conversations", row)).toStrictEqual({
      ...kept,
      nodes: [],
      nodesOrder: "",
      healing: undefined,
      asker: undefined,
      readAtMs: 0,
      readsDue: [],
      sentNumber: 0,
      received: {},
    });
  });

  it("heals a conversation that was out of step", () => {
    expect(made("conversations", { key: "aa", outOfStep: true })).toMatchObject({
      healing: { why: "behind", sinceMs: 0, asked: undefined },
    });
  });

  it("takes every group for the conversation's first, and does not know what ended its epochs", () => {
    const kept = [
      { epoch: 1, secret: Uint8Array.of(9) },
      { epoch: 0, secret: Uint8Array.of(8) },
    ];
    expect(made("groups", { key: "aa", revision: 5, epoch: 1, epochSecrets: kept })).toStrictEqual({
      key: "aa",
      revision: 5,
      epoch: 1,
      epochSecrets: kept.map((one) => ({ ...one, endedBy: "" })),
      generation: 0,
    });
  });

  it("keeps what waits, with its bytes, and asks the node for its promise again", () => {
    const row = { key: "e1", envelope: Uint8Array.of(1), waitingFor: [phone] };
    for (const custody of [undefined, { node, sequence: 4, untilMs: 9, signature: Uint8Array.of(3) }]) {
      expect(made("outbox", { ...row, custody })).toStrictEqual({
        ...row,
        generation: 0,
        refusals: 0,
        alsoAt: [],
        custodies: [],
        keepings: [],
      });
    }
  });

  it("goes on reading a topic where it was", () => {
    expect(made("topics", { key: "cc", node, cursor: 12, due: [{ hash: "h" }] })).toStrictEqual({
      key: "cc",
      due: [{ hash: "h" }],
      places: [{ node, cursor: 12, ahead: undefined, leftAtMs: undefined }],
    });
  });

  it("keeps the conversation of an invite at the invite's node", () => {
    expect(made("invites", { key: "ee", node, published: true })).toStrictEqual({
      key: "ee",
      node,
      published: true,
      nodes: [node],
    });
  });

  it("gives messages of before no number", () => {
    expect(copies({})).toStrictEqual({
      key: "m",
      number: 0,
      deliveries: {},
      held: [],
      keepings: [],
      trouble: undefined,
    });
  });

  it("writes what is known of each copy with its time", () => {
    const deliveries = { [phone]: { kind: "delivered", atMs: 3 }, [laptop]: { kind: "refused", atMs: 4 } };
    expect(copies(deliveries)).toStrictEqual({
      key: "m",
      number: 0,
      deliveries: { [phone]: { ...fact, deliveredAtMs: 3 }, [laptop]: { ...fact, refusedAtMs: 4 } },
      held: [],
      keepings: [],
      trouble: undefined,
    });
    expect(copies({ [phone]: { kind: "waiting" } })).toMatchObject({ deliveries: { [phone]: fact }, held: [] });
  });

  it("writes a node's promise beside the message, until the last day that was promised", () => {
    const deliveries = { [phone]: { kind: "held", untilMs: 7 }, [laptop]: { kind: "held", untilMs: 8 } };
    expect(copies(deliveries)).toMatchObject({
      deliveries: { [phone]: fact, [laptop]: fact },
      held: [{ node: "", atMs: 0, untilMs: 8, brokenAtMs: undefined }],
    });
  });

  it("says of no envelope that its acknowledgement is on its way", () => {
    expect(made("seen", { key: "h", acknowledge: true, atMs: 3 })).toStrictEqual({
      key: "h",
      acknowledge: true,
      atMs: 3,
      owedAtMs: undefined,
    });
  });

  it("changes no table but these", () => {
    expect(Object.keys(severalOfEverything).sort()).toEqual(
      ["profile", "contacts", "conversations", "groups", "outbox", "topics", "invites", "messages", "seen"].sort(),
    );
  });
});
