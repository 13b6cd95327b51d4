import { expect, it } from "vitest";
import type { Context } from "../../../core/engine/context.ts";
import { receivedSince } from "../../../core/engine/received-since.ts";
import type { Member } from "../../../core/group/state.ts";
import type { AccountId, DeviceId } from "../../../core/lang/brand.ts";
import type { MessageRecord } from "../../../core/ports/message-record.ts";
import { conversation, message, put } from "../../contracts/storage-rows.ts";
import { memoryStorage } from "../../support/memory-storage.ts";

const bobs = "cc".repeat(16) as DeviceId;

/** What counts as here of Bob's, of whom 60 was the first that an earlier copy of this device heard. */
async function countedWith(...more: readonly Partial<MessageRecord>[]) {
  const row = { ...conversation(0), received: { [bobs]: [[1, 60]] as const } };
  const said = { ...message(60), authorDevice: bobs, number: 60, conversation: row.key };
  const others = more.map((one, at) => ({
    ...said,
    ...message(at + 1),
    authorDevice: bobs,
    ...one,
    conversation: row.key,
  }));
  const storage = memoryStorage();
  await storage.commit({ changes: put("messages", said, ...others) });
  const member = { credential: { device: bobs } } as Member;
  return (await receivedSince({ storage } as unknown as Context, row, [member]))[bobs];
}

it("counts as here what is from the oldest on that its author said to this device", async () => {
  expect(await countedWith()).toEqual([[60, 60]]);
  expect(await countedWith({ number: 40 })).toEqual([[40, 60]]);
});

it("counts nothing for what members shared of the time before: of what this device forgot that says nothing", async () => {
  expect(await countedWith({ number: 1, sharedBy: "dd".repeat(32) as AccountId })).toEqual([[60, 60]]);
});
