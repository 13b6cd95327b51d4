/**
 * Schema 2, never edited once released: no new keys or indexes, but rows that know receipts, numbers, generations and
 * healing. A conversation that had lost its keys' thread heals from now on.
 */

type Row = Readonly<Record<string, unknown>>;

export const severalOfEverything: Readonly<Record<string, (row: Row) => Row>> = {
  profile: (row) => ({ ...row, receipts: true, relayOnly: false }),
  contacts: (row) => ({ ...row, relayOnly: false }),
  conversations: ({ outOfStep, ...row }) => ({
    ...row,
    healing: outOfStep === true ? { why: "behind", sinceMs: 0, asked: undefined } : undefined,
    asker: undefined,
    readAtMs: 0,
    readsDue: [],
    sentNumber: 0,
    received: {},
  }),
  messages: (row) => ({ ...row, number: 0 }),
  groups: (row) => ({ ...row, generation: 0, origin: "" }),
  outbox: (row) => ({ ...row, generation: 0, refusals: 0 }),
};
