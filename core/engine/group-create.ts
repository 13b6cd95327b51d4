/** A new group (§13.1): of this device alone, with the wish to add the others, which waits like any other change. */

import type { HybridTime } from "../conversation/clock.ts";
import type { GroupEvent } from "../conversation/group-acts.ts";

import { createGroup } from "../group/create.ts";
import type { AccountId, ConversationId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { ChangeRecord } from "../ports/group-records.ts";
import type { Change } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
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

/** As its maker chooses it; the others' rank is that of members. */
export interface Beginning extends NewGroup {
  readonly facts: Pick<GroupFacts, "history" | "joining">;
  /** Of its first event, in the timeline of this device. */
  readonly time: HybridTime;
  readonly event: GroupEvent;
}

export async function createNewGroup(context: Context, choice: NewGroup): Promise<Result<ConversationId, GroupFault>> {
  const checked = await checkedChoice(context, choice);
  if (!checked.ok) return checked;
  const begun = await beginning(context, {
    ...checked.value,
    facts: { history: "none", joining: "approval" },
    time: { clockMs: context.clock.now(), clockCount: 0 },
    event: { kind: "created" },
  });
  const conversation: Change = { kind: "put", table: "conversations", row: begun.conversation };
  const written = await commit(context, { changes: [conversation, ...begun.changes] });
  return written.ok ? ok(begun.conversation.key) : written;
}

export async function checkedChoice(context: Context, choice: NewGroup): Promise<Result<NewGroup, GroupFault>> {
  const name = checkGroupName(choice.name);
  const people = [...new Set(choice.people)];
  if (!name.ok) return err("name");
  if (!isEmoji(choice.emoji)) return err("emoji");
  if (people.length >= maxPeopleOfGroup) return err("too-many");
  for (const account of people) {
    if ((await context.storage.get("contacts", account))?.state !== "accepted") return err("people");
  }
  return ok({ name: name.value, emoji: choice.emoji, people });
}

/** What begins it: the conversation's row, and everything else. Of a choice that was checked. */
export async function beginning(
  context: Context,
  { name, emoji, people, facts: rules, time, event: first }: Beginning,
): Promise<{ readonly conversation: ConversationRecord; readonly changes: readonly Change[] }> {
  const id = toHex(context.random.bytes(idLength)) as ConversationId;
  const profile = await me(context);
  const { account, device, nodes } = profile;
  const facts: GroupFacts = {
    name,
    description: "",
    emoji,
    roles: [{ account, role: "owner" }],
    writers: "everybody",
    slowModeS: 0,
    rotation: 0,
    nodes,
    ...rules,
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
  const conversation: ConversationRecord = {
    ...freshConversation(id, "group", undefined, key, nodes, nowMs),
    ...time,
    group: {
      facts,
      people: [{ account, devices: [device], leaving: undefined }],
      standing: { kind: "member" },
    },
  };
  const event = { conversation: id, account, device, time, id: toHex(context.random.bytes(8)) };
  const wanted: ChangeRecord = {
    key: toHex(context.random.bytes(idLength)),
    conversation: id,
    act: { kind: "add", people },
    place: 1,
    sinceMs: nowMs,
  };
  const waiting: readonly Change[] = people.length === 0 ? [] : [{ kind: "put", table: "changes", row: wanted }];
  const changes: readonly Change[] = [
    { kind: "put", table: "topics", row: topic },
    { kind: "put", table: "groups", row: await firstGroupRecord(id, state, nowMs) },
    { kind: "put", table: "messages", row: eventRow(context, event, first) },
    ...waiting,
  ];
  return { conversation, changes };
}
