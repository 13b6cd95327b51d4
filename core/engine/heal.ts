/**
 * Healing (§11): noticing that a conversation's keys are damaged, asking the other side for a successor group, and making
 * one for who asks. Nothing said is lost meanwhile: it waits in the outbox with its content.
 */

import { isReadable } from "../group/state.ts";
import type { AccountId, ConversationId } from "../lang/brand.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { Damage } from "../ports/healing.ts";
import type { Change } from "../ports/storage.ts";
import { type Context, commit, conversationWithContact } from "./context.ts";
import { healGroup } from "./group-heal.ts";
import { unchangedOrNone } from "./group-step.ts";
import { answerTo } from "./heal-answer.ts";
import { requestChanges } from "./heal-request.ts";
import { maySeal } from "./keys-in-use.ts";
import type { Mailbox } from "./mailbox.ts";

/** A request that nobody answered is made again: the node may have lost it, or kept it for less long than they were away. */
const askAgainMs = 24 * 3_600_000;
/** After a write was refused: a full disk may have room again. */
const writeAgainMs = 10_000;
/** Between two answers. Lower: whoever asks without end has this device seal everything that waits anew without end. */
const answerPauseMs = 10_000;
/** Who asks waits for the topic to be read. That is looked at after reading, and this often, for nodes come to count as away. */
const unreadAgainMs = 2_000;

/**
 * The conversation with its damage noted. The one that was noted first stays, but where only changes of a group were lacking: it
 * goes on with its keys then; and where it was only claimed until now.
 */
export function damaged(
  conversation: ConversationRecord,
  why: Damage,
  nowMs: number,
  claimedBy?: AccountId,
): ConversationRecord {
  const { healing } = conversation;
  const isShownNow = healing?.claimedBy !== undefined && claimedBy === undefined;
  if (healing && (why === "behind" || !(maySeal(conversation) || isShownNow))) return conversation;
  return { ...conversation, healing: { why, sinceMs: nowMs, ...(claimedBy && { claimedBy }), asked: undefined } };
}

/** Notes damage that was found elsewhere than in an envelope. `false`: that could not be written. */
export function noteDamage(context: Context, id: ConversationId, why: Damage): Promise<boolean> {
  return context.turns(id, async () => {
    const row = await context.storage.get("conversations", id);
    if (row === undefined || damaged(row, why, 0) === row) return true;
    const noted = damaged(row, why, context.clock.now());
    return (await commit(context, { changes: [{ kind: "put", table: "conversations", row: noted }] })).ok;
  });
}

export interface Healer {
  /** Does what is due: answers who asks, else asks if this side is damaged. Safe to call at any time. */
  look(id: ConversationId): Promise<void>;
  /** The same, after seeing whether the keys can be read at all. */
  inspect(id: ConversationId): Promise<void>;
  stop(): void;
}

/** `kick`: there is something to carry, or a change of a group to make. */
export function createHealer(
  context: Context,
  { isAllRead }: Pick<Mailbox, "isAllRead">,
  kick: (id: ConversationId) => void,
): Healer {
  const timers = new Map<ConversationId, () => void>();
  const answeredAtMs = new Map<ConversationId, number>();
  let stopped = false;

  function answerPauseLeftMs(id: ConversationId): number {
    const sinceMs = context.clock.now() - (answeredAtMs.get(id) ?? Number.NEGATIVE_INFINITY);
    // Answered in the future: the clock was set back.
    return sinceMs < 0 ? 0 : Math.max(0, answerPauseMs - sinceMs);
  }

  function lookLater(id: ConversationId, delayMs: number): void {
    timers.get(id)?.();
    if (stopped) return;
    timers.set(
      id,
      context.clock.after(delayMs, () => {
        timers.delete(id);
        attend(id, false).catch((error: unknown) => context.log.fault("healing failed", error));
      }),
    );
  }

  async function attend(id: ConversationId, thorough: boolean): Promise<void> {
    const outcome = await context.turns(id, async () => {
      const inGroup = (await context.storage.get("conversations", id))?.group !== undefined;
      return inGroup ? healGroup(context, id, thorough) : heal(context, id, thorough, answerPauseLeftMs(id), isAllRead);
    });
    if (outcome === "answered") answeredAtMs.set(id, context.clock.now());
    const isDue = typeof outcome === "object";
    if (outcome === "answered" || outcome === "asked" || isDue) kick(id);
    const nextMs = isDue ? outcome.nextMs : outcome;
    if (typeof nextMs === "number") lookLater(id, nextMs);
  }

  return {
    look: (id) => attend(id, false),
    inspect: (id) => attend(id, true),
    stop() {
      stopped = true;
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

/** `answered`, `asked`: something is to be carried now. A number: look again after so many milliseconds. */
async function heal(
  context: Context,
  id: ConversationId,
  thorough: boolean,
  answerPauseLeftMs: number,
  isAllRead: Mailbox["isAllRead"],
): Promise<"answered" | "asked" | "nothing" | number> {
  const found = await conversationWithContact(context, id);
  if (!found.ok || found.value.contact?.state !== "accepted") return "nothing";
  const { asker: asking, healing: noted } = found.value.conversation;
  if (!thorough && asking === undefined && noted === undefined) return "nothing";
  const { contact } = found.value;
  const topic = await context.storage.get("topics", found.value.conversation.topic);
  if (topic === undefined) return "nothing";
  const group = await context.storage.get("groups", id);
  const nowMs = context.clock.now();
  const lost = group === undefined || !isReadable(group.state);
  const conversation = lost ? damaged(found.value.conversation, "lost", nowMs) : found.value.conversation;
  const { asker, healing } = conversation;
  if (asker !== undefined) {
    if (answerPauseLeftMs > 0) return answerPauseLeftMs;
    // What lies there under the old keys could not be opened after the answer.
    if (!isAllRead(topic.key)) return unreadAgainMs;
    const answer = await answerTo(context, { conversation, contact, group, topic }, asker);
    if (answer === "answered") return answer;
    if (answer === "not-written") return writeAgainMs;
  }
  if (healing === undefined) return "nothing";
  const sinceAskedMs = healing.asked === undefined ? askAgainMs : nowMs - healing.asked.atMs;
  // Asked in the future: the clock was set back.
  if (sinceAskedMs >= 0 && sinceAskedMs < askAgainMs) return askAgainMs - sinceAskedMs;
  const changes = await requestChanges(context, { conversation, contact, group, topic });
  // Nobody shall stumble over what cannot be read.
  const gone: readonly Change[] = lost ? [{ kind: "delete", table: "groups", key: id }] : [];
  const written = await commit(context, { expect: [unchangedOrNone(id, group)], changes: [...gone, ...changes] });
  return written.ok ? "asked" : writeAgainMs;
}
