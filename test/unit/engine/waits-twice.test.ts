// A text that waits in a group in two rows, each for other devices, as when it was sealed once more for who said that it is missing
// (PROTOCOL.md §8.2).
import { expect, it } from "vitest";
import { acknowledgedChanges } from "../../../core/engine/acknowledge.ts";
import { createCaughtUp } from "../../../core/engine/catching-up.ts";
import type { Context } from "../../../core/engine/context.ts";
import { freshRow } from "../../../core/engine/outbox-row.ts";
import { contentAgain, isSaid } from "../../../core/engine/own-content.ts";
import { sealedForNow } from "../../../core/engine/seal-for-now.ts";
import { sealWaiting } from "../../../core/engine/seal-waiting.ts";
import { treesApart } from "../../../core/engine/trees-apart.ts";
import { createTurns } from "../../../core/engine/turns.ts";
import type { DeviceId, EnvelopeHash } from "../../../core/lang/brand.ts";
import { noBytes } from "../../../core/lang/bytes.ts";
import type { MessageRecord } from "../../../core/ports/message-record.ts";
import type { OutboxRecord } from "../../../core/ports/outbox-records.ts";
import type { Change } from "../../../core/ports/storage.ts";
import { envelopeHash } from "../../../core/wire/envelope.ts";
import { memoryStorage } from "../../support/memory-storage.ts";
import { keysOf, profileOf, put, standGroup, topicAt, wants } from "../../support/sim-group.ts";
import { createWorld, must, rowsOn } from "../../support/sim-world.ts";

const shut = { writers: "admins", slowModeS: 0, history: "none", joining: "approval" } as const;

/** Dave wrote to the group of Alice, and has not heard of anybody. Nobody runs. */
async function written() {
  const world = await createWorld({ storage: "memory", links: false });
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const carol = await world.person("carol");
  const dave = await world.person("dave");
  const id = await standGroup(world, [alice, bob, carol, dave]);
  const key = must(await world.run(dave.messenger.sendText(id, "one")));
  await world.advance(20_000);
  const devices = [alice, bob, carol].map((one) => profileOf(world, one).device);
  const [toAlice, toBob, toCarol] = devices as [DeviceId, DeviceId, DeviceId];
  const message = rowsOn<MessageRecord>(world.disk("dave"), "messages").find((row) => row.key === key)!;
  if (!isSaid(message)) throw new Error("no text");
  const content = contentAgain(message);
  const nothing = { deliveredAtMs: undefined, readAtMs: undefined, refusedAtMs: undefined };
  return {
    world,
    alice,
    dave,
    id,
    toAlice,
    toBob,
    toCarol,
    unsealedKey: envelopeHash(content),
    async stopAll() {
      await world.end();
      const deliveries = Object.fromEntries(devices.map((device) => [device, nothing]));
      put(world, dave, "messages", { ...message, deliveries });
      world.disk("dave").tables.get("outbox")?.clear();
    },
    context() {
      const storage = treesApart(memoryStorage(world.disk("dave")));
      const caughtUp = createCaughtUp();
      caughtUp.add(id);
      const { clock, random } = world;
      const waiting = () => storage.ofConversation("outbox", id);
      return { storage, clock, random, turns: createTurns(), caughtUp, waiting } as unknown as Context;
    },
    /** Waits for these; sealed, unless its key is that of what waits unsealed. */
    wait(context: Context, rowKey: string, ...waitingFor: readonly DeviceId[]): void {
      const envelope = rowKey === envelopeHash(content) ? noBytes : Uint8Array.of(1);
      const about = { conversation: id, topic: topicAt(world, dave, id)!.key, order: message.order } as const;
      const row = { ...about, key: rowKey as EnvelopeHash, envelope, content, message: key, waitingFor };
      put(world, dave, "outbox", freshRow(context, { ...row, ends: "acknowledged" }));
    },
    waiting: () => rowsOn<OutboxRecord>(world.disk("dave"), "outbox"),
    copies: () => rowsOn<MessageRecord>(world.disk("dave"), "messages").find((row) => row.key === key)!.deliveries,
  };
}

const commit = async (context: Context, changes: readonly Change[]) => {
  expect(await context.storage.commit({ changes })).toMatchObject({ ok: true });
};

it("is sealed again for all whom either row waits for, when nobody of them could open it", async () => {
  const { id, toBob, toCarol, unsealedKey, ...its } = await written();
  await its.stopAll();
  const context = its.context();
  its.wait(context, "b0".repeat(32), toBob);
  its.wait(context, "ca".repeat(32), toCarol);
  for (const [key, device] of [
    ["b0", toBob],
    ["ca", toCarol],
  ] as const)
    await commit(context, await acknowledgedChanges(context, id, key.repeat(32) as EnvelopeHash, device, "refused"));
  const rows = its.waiting();
  expect(rows.map(({ key }) => key)).toEqual([unsealedKey]);
  expect(new Set(rows[0]?.waitingFor)).toEqual(new Set([toBob, toCarol]));
});

it("waits for all whom any row waits for, when the topic turns and nothing may be sealed yet", async () => {
  const { world, dave, id, toAlice, toBob, toCarol, unsealedKey, ...its } = await written();
  await its.stopAll();
  const context = its.context();
  its.wait(context, "b0".repeat(32), toBob);
  its.wait(context, unsealedKey, toAlice);
  its.wait(context, "ca".repeat(32), toCarol);
  const about = {
    group: keysOf(world, dave, id)!,
    topic: topicAt(world, dave, id)!,
    here: new Set([toAlice, toBob, toCarol]),
    wanted: () => true,
    mayUse: false,
  };
  await commit(context, await sealedForNow(context, about));
  const rows = its.waiting();
  expect(rows.map(({ key }) => key)).toEqual([unsealedKey]);
  expect(new Set(rows[0]?.waitingFor)).toEqual(about.here);
});

it("is told to its author as not sent for all whom either row waited for, where it may not be said any more", async () => {
  const { world, alice, dave, id, toAlice, toBob, toCarol, unsealedKey, ...its } = await written();
  await wants(world, alice, id, { kind: "rules", rules: shut });
  await world.advance(20_000);
  await its.stopAll();
  const context = its.context();
  its.wait(context, unsealedKey, toAlice);
  its.wait(context, "ca".repeat(32), toCarol);
  const told = () => Object.values(its.copies()).map(({ unsaid }) => unsaid?.why);
  const about = {
    group: keysOf(world, dave, id)!,
    topic: topicAt(world, dave, id)!,
    here: new Set([toAlice, toCarol]),
    wanted: () => true,
    mayUse: true,
  };
  const changes = await sealedForNow(context, about);
  await commit(context, changes);
  // Bob is gone, and counts in no mark.
  expect(told()).toEqual(["not-allowed", "not-allowed"]);
  // The same where they wait for keys.
  await its.stopAll();
  its.wait(context, unsealedKey, toAlice);
  const [row] = its.waiting();
  const later = { ...row!, key: "ca".repeat(32) as EnvelopeHash, waitingFor: [toBob, toCarol] };
  put(world, dave, "outbox", later);
  expect(await sealWaiting(context, id)).toBe("more");
  expect(told()).toEqual(["not-allowed", "not-allowed", "not-allowed"]);
  expect(its.waiting().every(({ unsaid, envelope }) => unsaid && envelope.length > 0)).toBe(true);
});

it("keeps the number that it got above those that were used, where somebody it waits for is gone as well", async () => {
  const { world, dave, id, toAlice, toBob, unsealedKey, ...its } = await written();
  await its.stopAll();
  const context = its.context();
  its.wait(context, unsealedKey, toAlice, toBob);
  const message = rowsOn<MessageRecord>(world.disk("dave"), "messages").find(isSaid)!;
  const [row] = its.waiting();
  const renumbered = { messages: [{ ...message, number: 7 }], rows: [{ before: row!, after: row! }] };
  const about = { group: keysOf(world, dave, id)!, topic: topicAt(world, dave, id)!, here: new Set([toAlice]) };
  await commit(context, await sealedForNow(context, { ...about, wanted: () => true, mayUse: true, renumbered }));
  const now = rowsOn<MessageRecord>(world.disk("dave"), "messages").find(isSaid)!;
  expect([now.number, Object.keys(now.deliveries)]).toEqual([7, [toAlice]]);
});
