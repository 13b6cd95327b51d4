/**
 * Schema 3, never edited once released: groups, with tables for what is wanted of them, for the trees of their keys, for key
 * packages that wait to be used and for the parts of what is too large for an envelope.
 */

export const tablesOfGroups = {
  trees: "key",
  changes: "key",
  keyPackages: "key",
  parts: "key",
  groupLinks: "key",
  joinRequests: "key",
  asked: "key",
} as const;

type Row = Readonly<Record<string, unknown>>;

const uncut = (live: unknown) => ({ live, trees: new Map() });

export const groups: Readonly<Record<string, (row: Row) => Row>> = {
  contacts: (row) => ({ ...row, knownAs: "" }),
  conversations: (row) => ({ ...row, group: undefined, muted: false, newcomers: [], shared: undefined }),
  // Till now everybody was there from the first. A state that is whole is cut with its next step.
  groups: ({ pending, state, ...row }) => ({
    ...row,
    state: uncut(state),
    joinedEpoch: 0,
    pending: pending && {
      ...pending,
      state: uncut((pending as Row)["state"]),
      parts: [],
      commit: undefined,
      change: undefined,
      welcome: undefined,
    },
  }),
};
