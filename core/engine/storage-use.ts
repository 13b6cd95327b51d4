/** What this profile keeps on the disk, by what it is and by conversation. Counts and adds up; keeps nothing. */

import type { ConversationId } from "../lang/brand.ts";
import type { Table } from "../ports/records.ts";
import type { Reader } from "../ports/storage.ts";
import type { ConversationUse, StoragePart, StorageUse } from "./face.ts";

/** Messages and what waits are counted by conversation, the others by table. */
const partOf: Readonly<Record<Exclude<Table, "messages" | "outbox">, StoragePart>> = {
  profile: "keys",
  groups: "keys",
  trees: "keys",
  topics: "keys",
  contacts: "people",
  conversations: "people",
  seen: "receipts",
  invites: "invites",
  kept: "kept",
  changes: "waiting",
  keyPackages: "keys",
  parts: "receipts",
  groupLinks: "invites",
  joinRequests: "invites",
  asked: "invites",
};

/** Rows in memory at a time: a conversation may hold a hundred thousand. */
const windowRows = 500;

export async function storageUse(reader: Reader): Promise<StorageUse> {
  const parts = new Map<StoragePart, { count: number; bytes: number }>();
  const add = (part: StoragePart, count: number, bytes: number) => {
    const sum = parts.get(part) ?? { count: 0, bytes: 0 };
    parts.set(part, { count: sum.count + count, bytes: sum.bytes + bytes });
  };
  for (const table of Object.keys(partOf) as (keyof typeof partOf)[]) {
    const rows = await reader.all(table);
    add(partOf[table], rows.length, bytesOf(rows));
  }
  const names = new Map<string, string>((await reader.all("contacts")).map(({ key, name }) => [key, name]));
  const conversations: ConversationUse[] = [];
  for (const { key: id, kind, contact } of await reader.all("conversations")) {
    const said = await countRows(reader, "messages", id);
    const waiting = await countRows(reader, "outbox", id);
    add("messages", said.count, said.bytes);
    add("waiting", waiting.count, waiting.bytes);
    const title = (contact && names.get(contact)) ?? "";
    conversations.push({ id, kind, title, messages: said.count, bytes: said.bytes + waiting.bytes });
  }
  return {
    parts: [...parts].map(([part, sum]) => ({ part, ...sum })).sort((a, b) => b.bytes - a.bytes),
    conversations: conversations.sort((a, b) => b.bytes - a.bytes),
  };
}

async function countRows(reader: Reader, table: "messages" | "outbox", id: ConversationId) {
  let count = 0;
  let bytes = 0;
  let before: string | undefined;
  for (;;) {
    const window = { limit: windowRows, ...(before === undefined ? {} : { before }) };
    const rows = await reader.ofConversation(table, id, window);
    count += rows.length;
    bytes += bytesOf(rows);
    before = rows[0]?.order;
    if (rows.length < windowRows || before === undefined) return { count, bytes };
  }
}

/** About what a value takes on the disk: the browser's own bookkeeping and compression are not known. */
function bytesOf(value: unknown): number {
  if (value instanceof Uint8Array) return value.length + 8;
  if (typeof value === "string") return value.length + 4;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + bytesOf(item), 4);
  if (typeof value !== "object" || value === null) return 8;
  return Object.entries(value).reduce((sum, [name, field]) => sum + name.length + 4 + bytesOf(field), 4);
}
