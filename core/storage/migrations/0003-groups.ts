/**
 * Schema 3, never edited once released: groups, with tables for what is wanted of them, for key packages that wait to be used
 * and for the parts of what is too large for an envelope.
 */

export const tablesOfGroups = {
  changes: "key",
  keyPackages: "key",
  parts: "key",
  groupLinks: "key",
  joinRequests: "key",
  asked: "key",
} as const;

type Row = Readonly<Record<string, unknown>>;

export const groups: Readonly<Record<string, (row: Row) => Row>> = {
  contacts: (row) => ({ ...row, knownAs: "" }),
  conversations: (row) => ({ ...row, group: undefined, muted: false, newcomers: [], shared: undefined }),
  // Till now everybody was there from the first.
  groups: ({ pending, ...row }) => ({
    ...row,
    joinedEpoch: 0,
    pending: pending && { ...pending, parts: [], commit: undefined, change: undefined, welcome: undefined },
  }),
};
