/** What the topics of my invites bring back (§5.3, §5.4): the one reply that has the slot begins a conversation. */

import { joinGroup } from "../group/create.ts";
import { viewGroup } from "../group/state.ts";
import { succeedList } from "../identity/leaf-trust.ts";
import type { InviteId } from "../lang/brand.ts";
import type { TopicEntry } from "../ports/node.ts";
import type { ContactRecord, InviteRecord } from "../ports/people-records.ts";
import type { Change } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { openEnvelope, type Payload } from "../wire/envelope.ts";
import { acceptSlot, deriveTopic, envelopeKeyOf } from "../wire/topic.ts";
import { type Context, commit, me } from "./context.ts";
import { freshConversation } from "./conversation-row.ts";
import { firstGroupRecord } from "./group-step.ts";
import { freshPlace, takenIn } from "./places.ts";
import { leafCheckOf } from "./roster.ts";

/** By how much the node's clock and this device's may differ when a reply's time is judged. */
const clockToleranceMs = 3_600_000;

/** An entry of an invite's topic: our own bundle, or the reply. `false`: could not be kept. */
export function takeInviteEntry(
  context: Context,
  topic: TopicRecord,
  id: InviteId,
  entry: TopicEntry,
): Promise<boolean> {
  return context.turns(id, async () => {
    const now = await context.storage.get("topics", topic.key);
    const invite = await context.storage.get("invites", id);
    if (now === undefined || invite === undefined) return true;
    const moved: Change = { kind: "put", table: "topics", row: takenIn(now, invite.node, entry.sequence) };
    const payload = openEnvelope(envelopeKeyOf(topic.secret), topic.key, entry.envelope);
    if (!payload.ok || payload.value.kind !== "invite-reply") return (await commit(context, { changes: [moved] })).ok;
    const standing = await standingOf(context, invite, now, entry);
    if (standing === "unknown") return false;
    const changes = standing === "first" ? await takeReply(context, invite, now, payload.value) : [moved];
    return (await commit(context, { changes })).ok;
  });
}

/**
 * Whether this reply is the one that has the invite's slot: entries do not tell, so the node is asked for the slot once
 * more in the reply's name. Anybody with the link can leave another reply beside it, or one after the invite's end.
 */
async function standingOf(
  context: Context,
  invite: InviteRecord,
  topic: TopicRecord,
  entry: TopicEntry,
): Promise<"first" | "not-first" | "unknown"> {
  const leftAtMs = entry.expiresAtMs - invite.retentionMs;
  if (invite.retentionMs > 0 && leftAtMs > invite.expiresAtMs + clockToleranceMs) return "not-first";
  const access = { topic: topic.key, seed: deriveTopic(topic.secret).seed };
  const answer = await context.nodes.node(invite.node).append(access, entry.envelope, acceptSlot(invite.secret));
  if (answer.ok) return "first";
  return answer.error.kind === "slot-taken" ? "not-first" : "unknown";
}

/**
 * The one reply. Whatever it holds, the node gave it the invite's only slot: the invite is used, its key package is
 * deleted and its topic no longer followed.
 */
async function takeReply(
  context: Context,
  invite: InviteRecord,
  topic: TopicRecord,
  reply: Extract<Payload, { kind: "invite-reply" }>,
): Promise<readonly Change[]> {
  const spent: Change[] = [{ kind: "delete", table: "topics", key: topic.key }];
  const used = (by: InviteRecord["usedBy"]): Change => ({
    kind: "put",
    table: "invites",
    row: { ...invite, keyPackage: undefined, usedBy: by },
  });
  const joined = await join(context, invite, reply);
  if (joined === undefined) return [...spent, used(undefined)];
  return [...spent, used(joined.account), ...joined.changes];
}

async function join(context: Context, invite: InviteRecord, reply: Extract<Payload, { kind: "invite-reply" }>) {
  const profile = await me(context);
  const claimed = succeedList(undefined, reply.deviceList);
  if (!claimed.ok || invite.keyPackage === undefined) return undefined;
  const { account } = claimed.value;
  const known = await context.storage.get("contacts", account);
  const list = succeedList(known?.deviceList, reply.deviceList);
  if (!list.ok || account === profile.account || known?.state === "blocked") return undefined;
  const state = await joinGroup(reply.welcome, invite.keyPackage, leafCheckOf([profile.deviceList, reply.deviceList]));
  if (!state.ok) return undefined;
  const { context: conversation, members } = await viewGroup(state.value);
  const strangers = members.some(({ credential }) => ![account, profile.account].includes(credential.account));
  if (conversation.kind !== "direct") return undefined;
  const { topic } = deriveTopic(conversation.topicSecret);
  const taken =
    (await context.storage.get("conversations", conversation.conversation)) ??
    (await context.storage.get("topics", topic));
  // Only where I asked to be answered: no stranger makes this device call a server of their choice.
  const elsewhere = conversation.nodes.some((node) => !invite.nodes.includes(node));
  if (strangers || elsewhere || taken !== undefined) return undefined;
  const nowMs = context.clock.now();
  // Read once more: joining took its time, and the person may have blocked them meanwhile.
  const today = await context.storage.get("contacts", account);
  if (today?.state === "blocked") return undefined;
  const contact: ContactRecord = today
    ? {
        ...today,
        deviceList: reply.deviceList,
        answered: true,
        state: today.state === "accepted" ? "accepted" : "requested",
      }
    : {
        key: account,
        name: "",
        deviceList: reply.deviceList,
        state: "requested",
        knownAs: "",
        verified: false,
        answered: true,
        relayOnly: false,
        nodes: [],
        profileOrder: "",
        keepsFor: false,
        keeper: false,
        keeperOrder: "",
        sinceMs: nowMs,
      };
  const { conversation: key, topicSecret, nodes } = conversation;
  const changes: readonly Change[] = [
    { kind: "put", table: "contacts", row: contact },
    { kind: "put", table: "conversations", row: freshConversation(key, "direct", account, topic, nodes, nowMs) },
    { kind: "put", table: "groups", row: await firstGroupRecord(key, state.value, nowMs) },
    {
      kind: "put",
      table: "topics",
      row: {
        key: topic,
        secret: topicSecret,
        places: nodes.map(freshPlace),
        due: [],
        purpose: { kind: "conversation", conversation: key },
      },
    },
  ];
  return { account, changes };
}
