// How often a topic is read while one thing after another comes.
import { expect, it } from "vitest";
import type { Context } from "../../../core/engine/context.ts";
import { createTopicReader } from "../../../core/engine/topic-reader.ts";
import { makeChange } from "../../../core/group/change.ts";
import { createGroup } from "../../../core/group/create.ts";
import { makeKeyPackage } from "../../../core/group/key-package.ts";
import type { AccountId, ConversationId, DeviceId, NodeUrl, TopicId } from "../../../core/lang/brand.ts";
import { liveCell } from "../../../core/lang/live.ts";
import { ok } from "../../../core/lang/result.ts";
import type { NodeClient, NodeStatus } from "../../../core/ports/node.ts";
import { virtualClock } from "../../support/virtual-clock.ts";
import { anybody, groupContext, must, wish } from "../group/party.ts";

const url = "http://node.example" as NodeUrl;
const key = "topic" as TopicId;
const id = "conversation" as ConversationId;

async function groupOf(devices: number) {
  const packages = await Promise.all(
    Array.from({ length: devices }, (_, index) => {
      const device = index.toString(16).padStart(32, "0") as DeviceId;
      const account = device.repeat(2) as AccountId;
      return makeKeyPackage({ account, device, listSequence: 1 }, new Uint8Array(32).fill(index + 1));
    }),
  );
  const [own, ...others] = packages;
  const alone = await createGroup(new Uint8Array(16).fill(1), groupContext, own!, anybody);
  const add = others.map(({ publicPackage }) => publicPackage);
  return must(await makeChange(alone, wish({ add }), anybody)).next;
}

/** A reader of a group of so many devices to which nothing comes but wakes. */
async function readerAmong(devices: number) {
  const clock = virtualClock(0);
  const rows = {
    topics: { key, places: [{ node: url, cursor: 0 }], purpose: { kind: "conversation", conversation: id } },
    groups: { generation: 0, epoch: 1, joinedEpoch: 1, state: await groupOf(devices) },
  };
  const context = {
    clock,
    storage: { get: async (table: keyof typeof rows) => rows[table] },
  } as unknown as Context;
  const status = liveCell<NodeStatus>({ kind: "connected", relayPeerId: undefined, iceServers: [] });
  const readAtMs: number[] = [];
  const node = {
    url,
    status,
    async read() {
      readAtMs.push(clock.now());
      return ok({ entries: [], more: false, latest: 0 });
    },
  } as unknown as NodeClient;
  const none = { entries: async () => [], lostData: async () => true, paged() {}, drained() {} };
  const reader = createTopicReader(context, key, node, { topic: key, seed: new Uint8Array(32) }, none);
  return { clock, reader, readAtMs, status };
}

it("reads what is new at once in a small group, however much came before", async () => {
  const { clock, reader, readAtMs } = await readerAmong(32);
  for (const afterMs of [0, 50, 50]) {
    await clock.advance(afterMs);
    reader.wake();
    await clock.advance(0);
  }
  expect(readAtMs).toEqual([0, 50, 100]);
  reader.stop();
});

it("reads what comes soon after it has read at once in a large group, and what comes later without waiting", async () => {
  const { clock, reader, readAtMs } = await readerAmong(40);
  for (const afterMs of [0, 50, 50, 200]) {
    await clock.advance(afterMs);
    reader.wake();
    await clock.advance(0);
  }
  await clock.advance(2_000);
  expect(readAtMs).toEqual([0, 400]);
  await clock.advance(5_000);
  reader.wake();
  await clock.advance(0);
  expect(readAtMs).toEqual([0, 400, 7_300]);
  reader.stop();
});

it("does not wait with reading once its node was away", async () => {
  const { clock, reader, readAtMs, status } = await readerAmong(40);
  reader.wake();
  await clock.advance(10);
  status.set({ kind: "offline", sinceMs: 10, reason: "unreachable" });
  reader.wake();
  await clock.advance(0);
  expect(readAtMs).toEqual([0, 10]);
  reader.stop();
});
