/**
 * Schema 2, never edited once released: a table for what is kept for contacts, and rows that know receipts,
 * numbers, generations, healing, several nodes and keepers. A conversation that had lost its keys' thread heals from now on.
 */

export const addedTables = { kept: "key" } as const;

type Row = Readonly<Record<string, unknown>>;

export const severalOfEverything: Readonly<Record<string, (row: Row) => Row>> = {
  profile: ({ node, ...row }) => ({ ...row, nodes: [node], receipts: true, relayOnly: false }),
  contacts: (row) => ({ ...row, relayOnly: false, nodes: [], profileOrder: "", ...noKeeper }),
  conversations: ({ outOfStep, ...row }) => ({
    ...row,
    // Its topic's row has the node, and the engine looks there.
    nodes: [],
    nodesOrder: "",
    healing: outOfStep === true ? { why: "behind", sinceMs: 0, asked: undefined } : undefined,
    asker: undefined,
    readAtMs: 0,
    readsDue: [],
    sentNumber: 0,
    received: {},
  }),
  messages: (row) => ({ ...row, number: 0, ...factsOf(row["deliveries"] as Readonly<Record<string, OldDelivery>>) }),
  groups: ({ epochSecrets, ...row }) => ({
    ...row,
    generation: 0,
    epochSecrets: (epochSecrets as readonly Row[]).map((kept) => ({ ...kept, endedBy: "" })),
  }),
  // A promise of before is asked for once more: its node gives the same.
  outbox: ({ custody: _, ...row }) => ({ ...row, generation: 0, refusals: 0, alsoAt: [], custodies: [], keepings: [] }),
  seen: (row) => ({ ...row, owedAtMs: undefined }),
  topics: ({ node, cursor, ...row }) => ({
    ...row,
    places: [{ node, cursor, ahead: undefined, leftAtMs: undefined }],
  }),
  invites: (row) => ({ ...row, nodes: [row["node"]] }),
};

const noKeeper = { keepsFor: false, keeper: false, keeperOrder: "" };

type OldDelivery =
  | { readonly kind: "waiting" }
  | { readonly kind: "held"; readonly untilMs: number }
  | { readonly kind: "delivered" | "refused"; readonly atMs: number };

/** Which node had promised to hold a message was not written beside it. */
function factsOf(old: Readonly<Record<string, OldDelivery>>): Row {
  const deliveries = Object.entries(old).map(([device, copy]) => [
    device,
    {
      deliveredAtMs: copy.kind === "delivered" ? copy.atMs : undefined,
      readAtMs: undefined,
      refusedAtMs: copy.kind === "refused" ? copy.atMs : undefined,
    },
  ]);
  const untilMs = Math.max(0, ...Object.values(old).map((copy) => (copy.kind === "held" ? copy.untilMs : 0)));
  const held = untilMs === 0 ? [] : [{ node: "", atMs: 0, untilMs, brokenAtMs: undefined }];
  return { deliveries: Object.fromEntries(deliveries), held, keepings: [], trouble: undefined };
}
