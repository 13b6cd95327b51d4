/** A new group (§13.1): of this device alone, with the wish to add the others, which waits like any other change. */

import { createGroup } from "../group/create.ts";
import type { AccountId, ConversationId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import type { ChangeRecord, ConversationRecord, TopicRecord } from "../ports/records.ts";
import type { Change } from "../ports/storage.ts";
import { maxPeopleOfGroup } from "../wire/bounds.ts";
import type { GroupFacts } from "../wire/group-facts.ts";
import { checkGroupName, isEmoji } from "../wire/group-text.ts";
import { deriveTopic } from "../wire/topic.ts";
import { eventRow } from "./commit-in-force.ts";
import { type Context, commit, me } from "./context.ts";
import { freshConversation } from "./conversation-row.ts";
import type { GroupFault } from "./group-face.ts";
import { firstGroupRecord } from "./group-step.ts";
import { ownKeyPackage } from "./own-leaf.ts";
import { freshPlace } from "./places.ts";
import { leafCheckOf } from "./roster.ts";

const idLength = 16;
const secretLength = 32;

export interface NewGroup {
  readonly name: string;
  readonly emoji: string;
  readonly people: readonly AccountId[];
}

export async function createNewGroup(context: Context, choice: NewGroup): Promise<Result<ConversationId, GroupFault>> {
  const name = checkGroupName(choice.name);
  const people = [...new Set(choice.people)];
  if (!name.ok) return err("name");
  if (!isEmoji(choice.emoji)) return err("emoji");
  if (people.length >= maxPeopleOfGroup) return err("too-many");
  for (const account of people) {
    if ((await context.storage.get("contacts", account))?.state !== "accepted") return err("people");
  }
  const id = toHex(context.random.bytes(idLength)) as ConversationId;
  const begun = await beginning(context, id, { name: name.value, emoji: choice.emoji });
  const wanted: ChangeRecord = {
    key: toHex(context.random.bytes(idLength)),
    conversation: id,
    act: { kind: "add", people },
    place: 1,
    sinceMs: context.clock.now(),
  };
  const waiting: readonly Change[] = people.length === 0 ? [] : [{ kind: "put", table: "changes", row: wanted }];
  const written = await commit(context, { changes: [...begun, ...waiting] });
  return written.ok ? ok(id) : written;
}

async function beginning(
  context: Context,
  id: ConversationId,
  { name, emoji }: Pick<GroupFacts, "name" | "emoji">,
): Promise<readonly Change[]> {
  const profile = await me(context);
  const { account, device, nodes } = profile;
  const facts: GroupFacts = {
    name,
    description: "",
    emoji,
    roles: [{ account, role: "owner" }],
    writers: "everybody",
    slowModeS: 0,
    history: "none",
    joining: "approval",
    rotation: 0,
  };
  const state = await createGroup(
    context.random.bytes(idLength),
    { conversation: id, kind: "group", generation: 0, facts },
    await ownKeyPackage(profile),
    leafCheckOf([profile.deviceList]),
  );
  const nowMs = context.clock.now();
  const secret = context.random.bytes(secretLength);
  const { topic: key } = deriveTopic(secret);
  const topic: TopicRecord = {
    key,
    secret,
    places: nodes.map(freshPlace),
    due: [],
    purpose: { kind: "conversation", conversation: id },
  };
  const time = { clockMs: nowMs, clockCount: 0 };
  const row: ConversationRecord = {
    ...freshConversation(id, "group", undefined, key, nodes, nowMs),
    ...time,
    group: {
      facts,
      people: [{ account, devices: [device], leaving: undefined }],
      standing: { kind: "member" },
    },
  };
  const event = { conversation: id, account, device, time, id: toHex(context.random.bytes(8)) };
  return [
    { kind: "put", table: "conversations", row },
    { kind: "put", table: "topics", row: topic },
    { kind: "put", table: "groups", row: await firstGroupRecord(id, state, nowMs) },
    { kind: "put", table: "messages", row: eventRow(context, event, { kind: "created" }) },
  ];
}
