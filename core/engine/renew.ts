/**
 * Renewing the own leaf (§10): the commit is durable before it asks for its slot, and is merged only once the node has
 * granted it. Losing the race needs nothing here: the winner comes through the topic and clears what was pending.
 */

import { renewalIsDue } from "../conversation/renewal.ts";
import { deriveKey } from "../crypto/kdf.ts";
import { labels } from "../crypto/labels.ts";
import { sealNonceBytes } from "../crypto/seal.ts";
import { renewLeaf } from "../group/messages.ts";
import type { ConversationId } from "../lang/brand.ts";
import { uint64 } from "../lang/bytes.ts";
import type { ConversationRecord, GroupRecord } from "../ports/records.ts";
import { envelopeHash, sealEnvelope } from "../wire/envelope.ts";
import { deriveTopic } from "../wire/topic.ts";
import { type Context, commit } from "./context.ts";
import { type Speaking, secretOfEpoch, speakingIn } from "./epoch.ts";
import { unchanged } from "./group-step.ts";
import type { Mailbox } from "./mailbox.ts";
import { mergeOwnCommit } from "./receive-mls.ts";
import { leafCheckWith } from "./roster.ts";

export interface Renewal {
  /** Renews if it is time, or goes on with a renewal that was interrupted. Safe to call at any time. */
  renewIfDue(id: ConversationId): Promise<void>;
}

/** `behind`: the slot of this epoch went to a commit that is not in the topic any more, or that nobody here can open. */
export function createRenewal(context: Context, mailbox: Mailbox, behind: (id: ConversationId) => void): Renewal {
  const underWay = new Set<ConversationId>();
  /** The keys under which a slot was lost. Forgotten when the engine stops: it is asked for once more then. */
  const lostUnder = new Map<ConversationId, string>();
  return {
    async renewIfDue(id) {
      // The winner of a lost slot, and whatever else moved the group on, is read first.
      const conversation = await context.storage.get("conversations", id);
      if (conversation === undefined || underWay.has(id) || !arbiterIsRead(mailbox, conversation)) return;
      // Looked through only when it matters: a thousand rows take long.
      if (!(await isDue(context, id)) || (await isMoving(context, id))) return;
      // Read to its end since, and the winner was not there: asking again would go on for ever.
      if (lostUnder.has(id) && lostUnder.get(id) === (await keysNow(context, id))) return behind(id);
      underWay.add(id);
      try {
        const lost = await renew(context, mailbox, id);
        if (lost !== undefined) lostUnder.set(id, lost);
      } finally {
        underWay.delete(id);
      }
    },
  };
}

/** The first of the conversation's nodes gives the slots. */
function arbiterIsRead(mailbox: Mailbox, { topic, nodes: [arbiter] }: ConversationRecord): boolean {
  return arbiter !== undefined && mailbox.isRead(topic, arbiter);
}

async function isDue(context: Context, id: ConversationId): Promise<boolean> {
  const group = await context.storage.get("groups", id);
  return group !== undefined && (group.pending !== undefined || renewalIsDue(group, context.clock.now()));
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

/** The keys whose slot somebody else has, if so. */
async function renew(context: Context, mailbox: Mailbox, id: ConversationId): Promise<string | undefined> {
  const group = await context.turns(id, () => pendingCommit(context, id));
  const speaking = await speakingIn(context, id);
  if (group?.pending === undefined || speaking === undefined) return undefined;
  const { envelope, slot } = group.pending;
  const access = mailbox.access(speaking.topic);
  const [arbiter] = speaking.conversation.nodes;
  if (arbiter === undefined) return undefined;
  const answer = await context.nodes.node(arbiter).append(access, envelope, slot);
  if (!answer.ok) {
    if (answer.error.kind !== "slot-taken") return undefined;
    await context.turns(id, () => dropPending(context, id, group));
    mailbox.unread(speaking.topic.key, arbiter);
    return keysOf(group);
  }
  await context.turns(id, async () => {
    const now = await speakingIn(context, id);
    const stillPending = now?.group.pending !== undefined && keysOf(now.group) === keysOf(group);
    if (!now || !stillPending) return;
    await mergeOwnCommit(context, {
      group: now.group,
      topic: now.topic,
      hash: envelopeHash(envelope),
      arrival: { via: "link" },
    });
  });
  return undefined;
}

/** The commit that waits for its slot, made now if a renewal is due. None with damaged keys (§11). */
async function pendingCommit(context: Context, id: ConversationId): Promise<GroupRecord | undefined> {
  const speaking = await speakingIn(context, id);
  if (speaking === undefined || speaking.conversation.healing !== undefined) return undefined;
  if (speaking.group.pending !== undefined) return speaking.group;
  if (!renewalIsDue(speaking.group, context.clock.now())) return undefined;
  const group = await withCommit(context, speaking);
  const written = await commit(context, {
    expect: [unchanged(speaking.group)],
    changes: [{ kind: "put", table: "groups", row: group }],
  });
  return written.ok ? group : undefined;
}

async function withCommit(context: Context, { group, topic, conversation }: Speaking): Promise<GroupRecord> {
  const check = await leafCheckWith(context, conversation.contact);
  const made = await renewLeaf(group.state, check);
  const secret = secretOfEpoch(group, group.epoch);
  if (secret === undefined) throw new Error("a group row without the secret of its epoch");
  const key = deriveTopic(topic.secret).envelopeKey;
  const nonce = context.random.bytes(sealNonceBytes);
  const envelope = sealEnvelope(
    key,
    topic.key,
    { kind: "mls", message: made.commit, generation: group.generation },
    nonce,
  );
  if (!envelope.ok) throw new Error("a leaf renewal does not fit an envelope");
  const slot = deriveKey(secret, labels.slot, uint64(group.epoch));
  return {
    ...group,
    revision: group.revision + 1,
    pending: { state: made.next, envelope: envelope.value, parts: [], slot, change: undefined, welcome: undefined },
  };
}

async function dropPending(context: Context, id: ConversationId, of: GroupRecord): Promise<void> {
  const group = await context.storage.get("groups", id);
  if (group?.pending === undefined || keysOf(group) !== keysOf(of)) return;
  const row = { ...group, revision: group.revision + 1, pending: undefined };
  await commit(context, { expect: [unchanged(group)], changes: [{ kind: "put", table: "groups", row }] });
}
