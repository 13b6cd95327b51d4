/**
 * Bringing own commits into force (§10, §13.3): new keys for the own leaf, and what is wanted of a group, one at a time. A commit
 * is durable before it asks for its slot. Losing the race needs nothing here: the winner comes through the topic and clears what
 * was pending.
 */

import { renewalIsDue } from "../conversation/renewal.ts";
import type { ConversationId } from "../lang/brand.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { ChangeRecord, GroupRecord, PendingCommit } from "../ports/group-records.ts";
import type { Change } from "../ports/storage.ts";
import { envelopeHash } from "../wire/envelope.ts";
import { directRenewal } from "./commit-between-two.ts";
import { type GroupNow, groupCommit, groupNow } from "./commit-make.ts";
import { type Context, commit } from "./context.ts";
import { speakingIn } from "./epoch.ts";
import { unchanged } from "./group-step.ts";
import { mayChange } from "./keys-in-use.ts";
import type { Mailbox } from "./mailbox.ts";
import { isOutdone } from "./owner-missed.ts";
import { mergeOwnCommit } from "./receive-mls.ts";

export interface Commits {
  /** Makes the commit that is next if it is time, or goes on with one that was interrupted. Safe to call at any time. */
  look(id: ConversationId): Promise<void>;
  stop(): void;
}

/** Where a node was busy, or an answer got lost. Whoever is offline looks again once they have read the topic. */
const lookAgainMs = 5_000;

/** `behind`: the slot of this epoch went to a commit that is not in the topic any more, or that nobody here can open. */
export function createCommits(context: Context, mailbox: Mailbox, behind: (id: ConversationId) => void): Commits {
  const underWay = new Set<ConversationId>();
  /** The keys under which a slot was lost. Forgotten when the engine stops: it is asked for once more then. */
  const lostUnder = new Map<ConversationId, string>();
  const timers = new Map<ConversationId, () => void>();
  let stopped = false;

  function lookLater(id: ConversationId): void {
    timers.get(id)?.();
    if (stopped) return;
    const looked = () => look(id).catch((error: unknown) => context.log.fault("a change was not made", error));
    timers.set(id, context.clock.after(lookAgainMs, looked));
  }

  async function bring(id: ConversationId, conversation: ConversationRecord, slotless: boolean): Promise<void> {
    const pending = await context.turns(id, () => pendingCommit(context, id, slotless));
    if (pending === undefined) return;
    const outcome = await take(context, mailbox, conversation, pending);
    if (outcome === "lost") lostUnder.set(id, keysOf(pending));
    if (outcome === "later") lookLater(id);
    // Of a group its place in the topic decides, and nobody tells of an own envelope there.
    if (outcome === "there" && conversation.kind === "group") lookAtArbiter(mailbox, conversation);
  }

  async function look(id: ConversationId): Promise<void> {
    // The winner of a lost slot, and whatever else moved the group on, is read first; nor is anything made with keys of which it
    // is not known yet that they were not used since (§11).
    const conversation = await context.storage.get("conversations", id);
    if (conversation === undefined || underWay.has(id) || !arbiterIsRead(mailbox, conversation)) return;
    if (!context.caughtUp.has(id)) return;
    // Looked through only when it matters: a thousand rows take long.
    if (!(await isDue(context, conversation)) || (await isMoving(context, id))) return;
    // Read to its end since, and nothing moved the keys: whoever has the slot left nothing that counts.
    const slotless = lostUnder.has(id) && lostUnder.get(id) === (await keysNow(context, id));
    // Between two, the slot alone decides: asking again would go on for ever.
    if (slotless && conversation.kind !== "group") return behind(id);
    underWay.add(id);
    try {
      await bring(id, conversation, slotless);
    } finally {
      underWay.delete(id);
    }
  }

  return {
    look,
    stop() {
      stopped = true;
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

/** The first of the conversation's nodes gives the slots. */
function arbiterIsRead(mailbox: Mailbox, { topic, nodes: [arbiter] }: ConversationRecord): boolean {
  return arbiter !== undefined && mailbox.isRead(topic, arbiter);
}

function lookAtArbiter(mailbox: Mailbox, { topic, nodes: [arbiter] }: ConversationRecord): void {
  if (arbiter !== undefined) mailbox.look(topic, arbiter);
}

async function isDue(context: Context, { key, kind }: ConversationRecord): Promise<boolean> {
  const group = await context.storage.get("groups", key);
  if (group === undefined) return false;
  if (group.pending !== undefined || renewalIsDue(group, context.clock.now())) return true;
  return kind === "group" && (await wantedOf(context, key)).length > 0;
}

/** Oldest first. */
export async function wantedOf(context: Context, id: ConversationId): Promise<readonly ChangeRecord[]> {
  const all = await context.storage.all("changes");
  return all.filter(({ conversation }) => conversation === id).sort((a, b) => a.place - b.place);
}

/** While others may not know yet where slots are given now, two could be granted. */
async function isMoving(context: Context, id: ConversationId): Promise<boolean> {
  const waiting = await context.storage.ofConversation("outbox", id);
  return waiting.some(({ alsoAt, waitingFor }) => alsoAt.length > 0 && waitingFor.length > 0);
}

async function keysNow(context: Context, id: ConversationId): Promise<string | undefined> {
  const group = await context.storage.get("groups", id);
  return group && keysOf(group);
}

const keysOf = ({ generation, epoch }: GroupRecord) => `${generation} ${epoch}`;

type WithPending = GroupRecord & { readonly pending: PendingCommit };

/** `there`: it lies in the topic. `lost`: the slot of its keys went to another. */
async function take(
  context: Context,
  mailbox: Mailbox,
  conversation: ConversationRecord,
  group: WithPending,
): Promise<"there" | "lost" | "later"> {
  const { key: id } = conversation;
  const topic = await context.storage.get("topics", conversation.topic);
  const [arbiter] = conversation.nodes;
  if (topic === undefined || arbiter === undefined) return "later";
  const access = mailbox.access(topic);
  const node = context.nodes.node(arbiter);
  const { envelope, parts, slot } = group.pending;
  for (const part of parts) if (!(await node.append(access, part)).ok) return "later";
  const answer = await node.append(access, envelope, slot);
  if (!answer.ok) {
    if (answer.error.kind !== "slot-taken") return "later";
    await context.turns(id, () => dropPending(context, group));
    mailbox.unread(topic.key, arbiter);
    return "lost";
  }
  if (conversation.kind !== "group") await context.turns(id, () => mergeBetweenTwo(context, group));
  return "there";
}

async function mergeBetweenTwo(context: Context, before: WithPending): Promise<void> {
  const now = await speakingIn(context, before.key);
  if (now?.group.pending === undefined || keysOf(now.group) !== keysOf(before)) return;
  const hash = envelopeHash(before.pending.envelope);
  await mergeOwnCommit(context, { group: now.group, topic: now.topic, hash, arrival: { via: "link" } });
}

/** The commit that waits for its slot, made now if one is due. None with damaged keys (§11). */
async function pendingCommit(
  context: Context,
  id: ConversationId,
  slotless: boolean,
): Promise<WithPending | undefined> {
  const conversation = await context.storage.get("conversations", id);
  const group = await context.storage.get("groups", id);
  const topic = conversation && (await context.storage.get("topics", conversation.topic));
  if (conversation === undefined || topic === undefined || group === undefined) return undefined;
  if (!mayChange(conversation, topic, context.clock.now())) return undefined;
  if (group.pending !== undefined) {
    if (!(await isOutdone(context, conversation, group.pending))) return { ...group, pending: group.pending };
    // The topic was read to its end, and it is not there.
    await dropPending(context, group);
  }
  const now = conversation.kind === "group" ? await groupNow(context, id) : undefined;
  if (now !== undefined) return nextOfGroup(context, now, slotless);
  const speaking = await speakingIn(context, id);
  if (speaking === undefined || !renewalIsDue(group, context.clock.now())) return undefined;
  return withPending(context, group, await directRenewal(context, speaking), []);
}

/** The oldest change that can be made; those that cannot come into force any more end. */
async function nextOfGroup(context: Context, now: GroupNow, slotless: boolean): Promise<WithPending | undefined> {
  const { group, conversation } = now;
  const ended: Change[] = [];
  for (const wanted of await wantedOf(context, conversation.key)) {
    const made = await groupCommit(context, now, wanted, slotless);
    if (made.kind === "made") return withPending(context, group, made.pending, [...ended, ...made.changes]);
    if (made.kind === "ended") ended.push(...made.changes);
  }
  if (renewalIsDue(group, context.clock.now())) {
    const made = await groupCommit(context, now, undefined, slotless);
    if (made.kind === "made") return withPending(context, group, made.pending, [...ended, ...made.changes]);
  }
  if (ended.length > 0) await commit(context, { changes: ended });
  return undefined;
}

async function withPending(
  context: Context,
  group: GroupRecord,
  pending: PendingCommit,
  changes: readonly Change[],
): Promise<WithPending | undefined> {
  const row = { ...group, revision: group.revision + 1, pending };
  const written = await commit(context, {
    expect: [unchanged(group)],
    changes: [{ kind: "put", table: "groups", row }, ...changes],
  });
  return written.ok ? row : undefined;
}

async function dropPending(context: Context, of: GroupRecord): Promise<void> {
  const group = await context.storage.get("groups", of.key);
  if (group?.pending === undefined || keysOf(group) !== keysOf(of)) return;
  const row = { ...group, revision: group.revision + 1, pending: undefined };
  await commit(context, { expect: [unchanged(group)], changes: [{ kind: "put", table: "groups", row }] });
}
