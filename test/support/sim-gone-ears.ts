// Who hears what was not said to them. At the moment in which a device loses a group its whole keys are copied, and at the end
// it goes on with every change and opens all it can of what lies at any node, as if others had given it the secret of every
// topic. Of what was said to others afterwards nothing may open, and in the topic that it knew nobody may have gone on. And with
// the keys with which a device comes nothing may open of what was sealed just before.
import { headerOf, type MessageHeader } from "../../core/group/messages.ts";
import { openInGroup } from "../../core/group/open-in-group.ts";
import type { ConversationId, DeviceId, TopicId } from "../../core/lang/brand.ts";
import type { ConversationRecord } from "../../core/ports/conversation-record.ts";
import type { GroupRecord } from "../../core/ports/group-records.ts";
import type { TopicRecord } from "../../core/ports/topic-record.ts";
import { decodeContent } from "../../core/wire/content.ts";
import { openEnvelope } from "../../core/wire/envelope.ts";
import { deriveTopic } from "../../core/wire/topic.ts";
import { profileOf } from "./sim-group.ts";
import type { Said } from "./sim-group-acts.ts";
import { rowsOn, type World } from "./sim-world.ts";
import { wholeGroup } from "./whole-group.ts";

/** What a device knew when it lost the group. */
interface Ears {
  readonly name: string;
  readonly device: DeviceId;
  readonly state: GroupRecord["state"];
  readonly epoch: number;
  readonly atMs: number;
  /** Others may write in the topic till they have seen off who left. */
  readonly isRemoved: boolean;
  readonly topic: TopicId;
}

type Newcomer = Pick<Ears, "name" | "state" | "epoch">;

/** Something sealed for the group, as it lies at a node. */
interface Sealed {
  readonly topic: TopicId;
  readonly message: Uint8Array;
  readonly header: MessageHeader;
}

export interface GoneEars {
  /** What was overheard by whom it was not said to. */
  overheard(said: readonly Said[]): Promise<readonly string[]>;
  /** How many devices listened. */
  readonly count: number;
}

/** Of what was sealed before somebody came the newest: what is older is of keys that are further away. */
const triedBefore = 2;

const anybody = () => () => true;

/** Begins with the group `id`. */
export function listenWhenGone(world: World, names: readonly string[], id: () => ConversationId | undefined): GoneEars {
  const ears: Ears[] = [];
  const newcomers: Newcomer[] = [];
  const secrets = new Map<TopicId, Uint8Array>();
  for (const name of names) {
    const disk = world.disk(name);
    for (const { key, secret } of rowsOn<TopicRecord>(disk, "topics")) secrets.set(key, secret);
    let hadKeys = true;
    disk.onCommit = (moment, { changes }) => {
      const key = id();
      for (const one of changes)
        if (one.kind === "put" && one.table === "topics") secrets.set(one.row.key, one.row.secret);
      if (key === undefined) return;
      const keys = disk.tables.get("groups")?.get(key) as GroupRecord | undefined;
      const row = disk.tables.get("conversations")?.get(key) as ConversationRecord | undefined;
      if (moment !== "before") {
        const comes = changes.some((one) => one.kind === "put" && one.table === "groups" && one.row.key === key);
        if (!comes || keys === undefined || hadKeys || newcomers.some((one) => one.name === name)) return;
        newcomers.push({ name, state: wholeGroup(disk, keys).state, epoch: keys.epoch });
        return;
      }
      hadKeys = keys !== undefined;
      const loses = changes.some((one) => one.kind === "delete" && one.table === "groups" && one.key === key);
      const isRemoved = changes.some(
        (one) => one.kind === "put" && one.table === "conversations" && one.row.group?.standing.kind === "removed",
      );
      if (!loses || keys === undefined || row === undefined) return;
      const { device } = profileOf(world, { name });
      const { state, epoch } = wholeGroup(disk, keys);
      ears.push({ name, device, state, epoch, atMs: world.clock.now(), isRemoved, topic: row.topic });
    };
  }

  return {
    get count() {
      return ears.length + newcomers.length;
    },
    async overheard(said) {
      const all = sealedAt(world, secrets);
      const saidAs = new Map(said.map((one) => [one.id.slice(one.id.indexOf("/") + 1), one]));
      const found: string[] = [];
      for (const one of ears) found.push(...(await heardAfter(one, all, saidAs)));
      for (const one of newcomers) found.push(...(await heardBefore(one, all)));
      return found;
    },
  };
}

function sealedAt(world: World, secrets: ReadonlyMap<TopicId, Uint8Array>): readonly Sealed[] {
  const all: Sealed[] = [];
  for (const node of world.nodes.values()) {
    for (const [topic, { entries }] of node.topics) {
      const secret = secrets.get(topic as TopicId);
      if (secret === undefined) continue;
      const { envelopeKey } = deriveTopic(secret);
      for (const { envelope } of entries) {
        const payload = openEnvelope(envelopeKey, topic as TopicId, envelope);
        if (!payload.ok || payload.value.kind !== "mls") continue;
        const { message } = payload.value;
        const header = headerOf(message);
        if (header !== undefined) all.push({ topic: topic as TopicId, message, header });
      }
    }
  }
  return all;
}

async function heardAfter(
  { name, device, state: lost, epoch: lostIn, atMs, isRemoved, topic }: Ears,
  all: readonly Sealed[],
  saidAs: ReadonlyMap<string, Said>,
): Promise<readonly string[]> {
  const found: string[] = [];
  // The commit that ended it is of its own epoch.
  if (isRemoved && all.some((one) => one.topic === topic && one.header.epoch > lostIn))
    found.push(`${name} is gone and sees what is written in the topic`);
  let state: GroupRecord["state"] | undefined = lost;
  for (let epoch = lostIn; state !== undefined; epoch++) {
    const now: GroupRecord["state"] = state;
    state = undefined;
    for (const { message, header } of all) {
      if (header.epoch !== epoch) continue;
      const opened = await openInGroup(now, message, anybody);
      if (!opened.ok) continue;
      if (opened.value.kind === "change") state ??= opened.value.next;
      if (opened.value.kind !== "content") continue;
      const content = decodeContent(opened.value.content);
      const said = content.ok ? saidAs.get(content.value.id) : undefined;
      // Somebody who did not know yet says it to them, too; and what waited is for who came since.
      if (said !== undefined && said.atMs > atMs && !said.devices.includes(device))
        found.push(`${name} is gone and opens what was said to others`);
    }
  }
  return found;
}

async function heardBefore({ name, state, epoch }: Newcomer, all: readonly Sealed[]): Promise<readonly string[]> {
  const earlier = all.filter(({ header }) => header.kind === "content" && header.epoch < epoch).slice(-triedBefore);
  const opened = await Promise.all(earlier.map(({ message }) => openInGroup(state, message, anybody)));
  return opened.some(({ ok }) => ok) ? [`${name} comes and opens what was sealed before`] : [];
}
