// What a device shares of what others shared with it (PROTOCOL.md §13.12).
import { expect, it } from "vitest";
import { chosen, readPiece, shareHistory, startReading } from "../../../core/conversation/history.ts";
import { messageIdOf, orderOf } from "../../../core/conversation/order.ts";
import type { Context } from "../../../core/engine/context.ts";
import { authorsOf, entriesHere } from "../../../core/engine/history-entries.ts";
import type { AccountId, DeviceId } from "../../../core/lang/brand.ts";
import { toHex, uint64 } from "../../../core/lang/bytes.ts";
import type { ConversationRecord } from "../../../core/ports/conversation-record.ts";
import type { MessageRecord } from "../../../core/ports/message-record.ts";
import { decodeHistoryCapsule, encodeHistoryCapsule } from "../../../core/wire/history.ts";
import { conversation, message, profile, put } from "../../contracts/storage-rows.ts";
import { memoryStorage } from "../../support/memory-storage.ts";

const row = conversation(0);
const bob = "cc".repeat(32) as AccountId;
const mallory = "dd".repeat(32) as AccountId;
const hex = (n: number, bytes: number) => n.toString(16).padStart(2 * bytes, "0");

/** The oldest first. */
function said(n: number, author: AccountId, device: DeviceId, sharedBy?: AccountId): MessageRecord {
  const id = toHex(uint64(n));
  const order = orderOf({ clockMs: n, clockCount: 0 }, device, id);
  const about = { key: messageIdOf(device, id), order, author, authorDevice: device, number: 1, conversation: row.key };
  return { ...message(n), ...about, ...(sharedBy && { sharedBy }) };
}

/** The capsule, as who reads it finds it. */
async function sharedOf(rows: readonly MessageRecord[], more: Partial<ConversationRecord> = {}) {
  const storage = memoryStorage();
  await storage.commit({ changes: put("messages", ...rows) });
  const context = { storage } as unknown as Context;
  const { entries, owners } = await entriesHere(context, { ...row, ...more }, profile(0));
  const authors = await authorsOf(context, owners, row, profile(0));
  const newestFirst = chosen(entries, "all", 0);
  const about = { conversation: row.key, account: mallory, madeAtMs: 1 };
  const { capsule } = await shareHistory({ ...about, authors, entries: newestFirst });
  const encoded = encodeHistoryCapsule(capsule);
  return encoded.ok ? decodeHistoryCapsule(encoded.value) : encoded;
}

it("can be read though somebody shared words of more devices of one person than there may be, and names the one it heard", async () => {
  const heard = hex(1, 16) as DeviceId;
  const madeUp = Array.from({ length: 20 }, (_, n) => said(n + 2, bob, hex(n + 2, 16) as DeviceId, mallory));
  const shared = await sharedOf([said(1, bob, heard), ...madeUp]);
  expect(shared).toMatchObject({ ok: true, value: { persons: [{ account: bob }] } });
  const devices = shared.ok ? shared.value.persons[0]!.devices.map(({ device }) => device) : [];
  expect(devices).toHaveLength(16);
  expect(devices).toContain(heard);
});

it("can be read though somebody shared words as said by another's device before its person came", async () => {
  const device = hex(1, 16) as DeviceId;
  const carol = "ee".repeat(32) as AccountId;
  const people = [{ account: carol, devices: [device], leaving: undefined }];
  const group = { people } as unknown as NonNullable<ConversationRecord["group"]>;
  const shared = await sharedOf([said(1, bob, device, mallory), { ...said(2, carol, device), number: 2 }], { group });
  expect(shared).toMatchObject({
    ok: true,
    value: { persons: [{ account: carol, devices: [{ first: 2, last: 2 }] }] },
  });
});

it("can be read though somebody shared words of more persons than there may be, and names whom it heard", async () => {
  const madeUp = Array.from({ length: 500 }, (_, n) =>
    said(n + 2, hex(n + 2, 32) as AccountId, hex(n + 2, 16) as DeviceId, mallory),
  );
  const shared = await sharedOf([said(1, bob, hex(1, 16) as DeviceId), ...madeUp]);
  expect(shared).toMatchObject({ ok: true });
  expect(shared.ok && shared.value.persons.some(({ account }) => account === bob)).toBe(true);
  expect(shared.ok && shared.value.persons).toHaveLength(500);
});

it("is whole though somebody gave a text the id that the next number would have", async () => {
  const device = hex(1, 16) as DeviceId;
  const text = said(2, bob, device);
  const storage = memoryStorage();
  await storage.commit({ changes: put("messages", text) });
  const here = { ...row, received: { [device]: [[1, 3]] as const } };
  const { entries, owners } = await entriesHere({ storage } as unknown as Context, here, profile(0), {
    upTo: () => 3,
  });
  const authors = [{ account: bob, name: "Bob", devices: [...owners.keys()] }];
  const about = { conversation: row.key, account: mallory, madeAtMs: 1 };
  const { capsule, pieces } = await shareHistory({ ...about, authors, entries: chosen(entries, "all", 0) });
  expect(entries.map(({ number }) => number)).toEqual([1, 2, 3]);
  expect(readPiece(startReading(capsule), pieces[0]!)).toMatchObject({ ok: true, value: { complete: true } });
});
