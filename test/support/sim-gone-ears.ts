// Who is no member any more and keeps listening: at the moment in which a device loses a group, its keys and the secret of its
// topic are copied, and at the end everything that lies at any node is tried with them. Of what was said to others afterwards
// nothing may open, and in the topic that is known to it nobody may have gone on.
import { headerOf } from "../../core/group/messages.ts";
import { openInGroup } from "../../core/group/open-in-group.ts";
import type { AccountId, ConversationId } from "../../core/lang/brand.ts";
import type { ConversationRecord, GroupRecord, TopicRecord } from "../../core/ports/records.ts";
import { decodeContent } from "../../core/wire/content.ts";
import { openEnvelope } from "../../core/wire/envelope.ts";
import { deriveTopic } from "../../core/wire/topic.ts";
import { accountOf } from "./sim-group.ts";
import type { World } from "./sim-world.ts";

/** What a device knew when it lost the group. */
interface Ears {
  readonly name: string;
  readonly account: AccountId;
  readonly state: GroupRecord["state"];
  readonly epoch: number;
  /** Others may write in the topic till they have seen off who left. */
  readonly isRemoved: boolean;
  readonly topic: TopicRecord;
}

export interface GoneEars {
  /** What was overheard by whom it was not said to; `to`: whom each was said to, by the end of its id. */
  overheard(to: ReadonlyMap<string, readonly AccountId[]>): Promise<readonly string[]>;
  /** How many devices listened. */
  readonly count: number;
}

/** Begins with the group `id`. */
export function listenWhenGone(world: World, names: readonly string[], id: () => ConversationId | undefined): GoneEars {
  const ears: Ears[] = [];
  for (const name of names) {
    const disk = world.disk(name);
    disk.onCommit = (moment, { changes }) => {
      const key = id();
      if (moment !== "before" || key === undefined) return;
      const loses = changes.some((one) => one.kind === "delete" && one.table === "groups" && one.key === key);
      const keys = disk.tables.get("groups")?.get(key) as GroupRecord | undefined;
      const isRemoved = changes.some(
        (one) => one.kind === "put" && one.table === "conversations" && one.row.group?.standing.kind === "removed",
      );
      const row = disk.tables.get("conversations")?.get(key) as ConversationRecord | undefined;
      const topic = row && (disk.tables.get("topics")?.get(row.topic) as TopicRecord | undefined);
      if (!loses || keys === undefined || topic === undefined) return;
      const { state, epoch } = keys;
      ears.push({ name, account: accountOf(world, { name }), state, epoch, isRemoved, topic });
    };
  }

  return {
    get count() {
      return ears.length;
    },
    async overheard(to) {
      const found: string[] = [];
      for (const one of ears) {
        for (const node of world.nodes.values()) {
          for (const { envelope } of node.topics.get(one.topic.key)?.entries ?? []) {
            found.push(...(await opened(one, envelope, to)));
          }
        }
      }
      return found;
    },
  };
}

async function opened(
  { name, account, state, epoch, isRemoved, topic }: Ears,
  envelope: Uint8Array,
  to: ReadonlyMap<string, readonly AccountId[]>,
): Promise<readonly string[]> {
  const payload = openEnvelope(deriveTopic(topic.secret).envelopeKey, topic.key, envelope);
  if (!payload.ok || payload.value.kind !== "mls") return [];
  const { message } = payload.value;
  const header = headerOf(message);
  // The commit that ended it is of its own epoch.
  if (isRemoved && header !== undefined && header.epoch > epoch)
    return [`${name} is gone and sees what is written in the topic`];
  const content = await openInGroup(state, message, () => () => true);
  if (!content.ok || content.value.kind !== "content") return [];
  const said = decodeContent(content.value.content);
  const people = said.ok ? to.get(said.value.id) : undefined;
  const by = content.value.sender.credential.account;
  return people === undefined || by === account || people.includes(account)
    ? []
    : [`${name} is gone and opens what was said to others`];
}
