// What a browser's page runs to tell how long the history of a group keeps it from everything else: copied, shared and taken.

import { chosen } from "../../../core/conversation/history.ts";
import { orderOf } from "../../../core/conversation/order.ts";
import { type Context, me } from "../../../core/engine/context.ts";
import { forkGroup } from "../../../core/engine/group-copy.ts";
import { createNewGroup } from "../../../core/engine/group-create.ts";
import { type InGroup, offerOf } from "../../../core/engine/history-share.ts";
import { createHistoryTaking } from "../../../core/engine/history-take.ts";
import { startPerson } from "../../../core/engine/person.ts";
import { createTurns } from "../../../core/engine/turns.ts";
import { breatheBy } from "../../../core/group/suite.ts";
import { accountOf } from "../../../core/identity/account.ts";
import type { AccountId, ConversationId, DeviceId, MessageId, NodeUrl } from "../../../core/lang/brand.ts";
import { toHex } from "../../../core/lang/bytes.ts";
import type { Result } from "../../../core/lang/result.ts";
import type { MessageRecord } from "../../../core/ports/message-record.ts";
import type { Change } from "../../../core/ports/storage.ts";
import type { TopicRecord } from "../../../core/ports/topic-record.ts";
import { openStorage } from "../../../core/storage/dexie-storage.ts";
import { systemBreath } from "../../../core/system/system-breath.ts";
import { systemClock } from "../../../core/system/system-clock.ts";
import { systemRandom } from "../../../core/system/system-random.ts";
import { decodeHistoryCapsule } from "../../../core/wire/history.ts";
import { deriveTopic } from "../../../core/wire/topic.ts";
import { type Stall, stallWatch } from "./stall-watch.ts";

export type { Stall } from "./stall-watch.ts";

breatheBy(systemBreath());

const node = "https://node.example" as NodeUrl;
const authors = Array.from({ length: 8 }, () => accountOf(systemRandom.bytes(16)));

function must<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(String(result.error));
  return result.value;
}

/** As much of an engine as history takes: nobody else is here, and nothing is carried anywhere. */
async function profile(name: string): Promise<Context> {
  const log = { event: () => {}, fault: (what: string, error: unknown) => console.error(what, error) };
  const storage = must(await openStorage(`${name} ${systemRandom.bytes(4).join(".")}`, log));
  const context = {
    storage,
    log,
    clock: systemClock,
    random: systemRandom,
    turns: createTurns(),
    heardOffer: () => {},
  } as unknown as Context;
  must(await startPerson(context, { name, node }));
  return context;
}

/** A group of `authors` in which so many messages were said in turns. */
async function groupWith(context: Context, count: number, characters: number): Promise<ConversationId> {
  const id = must(await createNewGroup(context, { name: "Walkers", emoji: "", people: [] }));
  const devices = authors.map(() => toHex(systemRandom.bytes(16)) as DeviceId);
  const row = await context.storage.get("conversations", id);
  if (row?.group === undefined) throw new Error("no group");
  const people = authors.map((account, at) => ({ account, devices: [devices[at] as DeviceId], leaving: undefined }));
  const group = { ...row.group, people: [...row.group.people, ...people] };
  must(await context.storage.commit({ changes: [{ kind: "put", table: "conversations", row: { ...row, group } }] }));
  const text = `${"walk and talk ".repeat(1_000).slice(0, characters - 1)}.`;
  for (let from = 0; from < count; from += 1_000) {
    const changes: Change[] = [];
    for (let n = from; n < Math.min(count, from + 1_000); n++) {
      const at = n % authors.length;
      const device = devices[at] as DeviceId;
      const said = toHex(systemRandom.bytes(8));
      const clockMs = 1_700_000_000_000 + n;
      const message: MessageRecord = {
        key: `${device}/${said}` as MessageId,
        conversation: id,
        order: orderOf({ clockMs, clockCount: 0 }, device, said),
        author: authors[at] as AccountId,
        authorDevice: device,
        sentAtMs: clockMs,
        receivedAtMs: clockMs,
        number: Math.floor(n / authors.length) + 1,
        body: { kind: "text", text },
        deliveries: {},
        held: [],
        keepings: [],
        trouble: undefined,
      };
      changes.push({ kind: "put", table: "messages", row: message });
    }
    must(await context.storage.commit({ changes }));
  }
  return id;
}

async function inGroup(context: Context, id: ConversationId): Promise<InGroup> {
  const row = await context.storage.get("conversations", id);
  if (row?.group === undefined) throw new Error("no group");
  return { ...row, group: row.group };
}

async function stallsOf(count: number, characters: number): Promise<readonly Stall[]> {
  const { stalls, measure } = stallWatch();
  const alice = await profile("Alice");
  const id = await groupWith(alice, count, characters);
  await measure("nothing, for a second", () => new Promise((resolve) => setTimeout(resolve, 1_000)));
  const choice = { name: "Walkers again", emoji: "", people: [], history: true, byLink: false };
  await measure("copy of the last 2,000", async () => must(await forkGroup(alice, id, choice)));
  const row = await inGroup(alice, id);
  const account = authors[0] as AccountId;
  const offer = await measure("share all", () =>
    offerOf(alice, row, { account, wanted: (entries) => chosen(entries, "all", systemClock.now()) }),
  );
  if (offer === undefined) throw new Error("nothing to share");
  const shared = offer.changes.flatMap((change) =>
    change.kind === "put" && change.table === "outbox" ? [change.row.envelope ?? new Uint8Array()] : [],
  );
  const bob = await profile("Bob");
  const { topic: key } = deriveTopic(offer.topicSecret);
  const capsule = must(decodeHistoryCapsule(offer.capsule));
  const exist = Object.fromEntries(
    capsule.persons.flatMap(({ devices }) => devices.map(({ device, ranges }) => [device, ranges] as const)),
  );
  const by = (await me(alice)).account;
  const topic: TopicRecord = {
    key,
    secret: offer.topicSecret,
    places: [{ node, cursor: 0, ahead: undefined, leftAtMs: undefined }],
    due: [],
    purpose: {
      kind: "history",
      conversation: id,
      by,
      capsule: offer.capsule,
      next: 0,
      untilMs: systemClock.now() + 86_400_000,
    },
  };
  const conversation = { ...row, shared: { by, names: {}, exist, here: {} } };
  must(
    await bob.storage.commit({
      changes: [
        { kind: "put", table: "conversations", row: conversation },
        { kind: "put", table: "topics", row: topic },
      ],
    }),
  );
  const taking = createHistoryTaking(bob, () => {});
  await measure(`take ${shared.length} pieces`, async () => {
    for (const [at, envelope] of shared.entries()) {
      const sequence = at + 1;
      await taking.entry(topic, node, { sequence, envelope, expiresAtMs: 0 } as never);
    }
  });
  const taken = await bob.storage.ofConversation("messages", id);
  if (taken.length === 0) throw new Error("nothing was taken");
  console.log(`${taken.length} taken`);
  return stalls;
}

declare global {
  var historyStalls: typeof stallsOf;
}
globalThis.historyStalls = stallsOf;
