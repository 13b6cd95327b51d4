/**
 * Schema 1, never edited once released: `test/contracts/storage-frozen` holds it. The first word is the primary key, the
 * rest are indexes; [conversation+order] gives the newest rows of one conversation without touching any other.
 */
export const firstTables = {
  profile: "key",
  contacts: "key",
  conversations: "key",
  messages: "key, [conversation+order]",
  groups: "key",
  outbox: "key, [conversation+order]",
  seen: "key",
  topics: "key",
  invites: "key",
} as const;
