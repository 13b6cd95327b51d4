/**
 * Noticing that a group is in two parts (§13.15): this device's marks are said to contacts in the group now and then, and to all
 * ways at once where something does not open that should; those of others are compared, and what they say of a split is passed on
 * to the own part. Comes over to no other part.
 */

import { firstDifference, splitAfter } from "../conversation/epoch-marks.ts";
import { jobDelayMs } from "../conversation/job-rank.ts";
import { labels } from "../crypto/labels.ts";
import { verify } from "../crypto/signature.ts";
import { membersIfReadable } from "../group/state.ts";
import type { ConversationId } from "../lang/brand.ts";
import { idBytes } from "../lang/bytes.ts";
import type { Change } from "../ports/storage.ts";
import { type EpochMarks, epochMarksMessage } from "../wire/epoch-marks.ts";
import { type Context, commit, me } from "./context.ts";
import { epochRunOf } from "./group-step.ts";
import { marksPassedOn, marksTo, marksTold } from "./marks-said.ts";
import { noticeRow } from "./successor.ts";
import { talkingIn } from "./talking.ts";

/** Between two tellings without a reason. Lower is traffic: 1 KB to each of eight contacts. Higher: a split is noticed later. */
const tellAgainMs = 24 * 3_600_000;
/** Between two with one. Lower, and whoever leaves what nobody can open has everybody speak. */
const doubtAgainMs = 3_600_000;

export interface SplitWatch {
  /** Says which keys are here, if others may not have heard it for long. */
  look(id: ConversationId): Promise<void>;
  /** Something does not open that should: says it soon, if nobody else of this part does. */
  doubted(id: ConversationId): void;
  /** `via`: the group itself, or a conversation with a contact. */
  heard(via: ConversationId, said: EpochMarks): Promise<void>;
  stop(): void;
}

type Heard = "nothing" | "same" | "differs" | "news";

/** `split`: what follows from a split is to be looked at. */
export function createSplitWatch(
  context: Context,
  { split, kick }: { split(id: ConversationId): void; kick(id: ConversationId): void },
): SplitWatch {
  const { clock } = context;
  const timers = new Map<ConversationId, () => void>();
  /** Since this engine started. By group when it was said because of a doubt, by conversation when it was answered. */
  const saidAtMs = new Map<ConversationId, number>();
  /** Groups in which another device of this part said it in the topic since this one doubts. */
  const saidByOthers = new Set<ConversationId>();
  const passedOn = new Set<string>();
  let stopped = false;

  function mayAgain(id: ConversationId): boolean {
    const sinceMs = clock.now() - (saidAtMs.get(id) ?? Number.NEGATIVE_INFINITY);
    // Said in the future: the clock was set back.
    if (sinceMs >= 0 && sinceMs < doubtAgainMs) return false;
    saidAtMs.set(id, clock.now());
    return true;
  }

  async function write(id: ConversationId, changesOf: () => Promise<readonly Change[]>): Promise<void> {
    const written = await context.turns(id, async () => {
      const changes = await changesOf();
      return changes.length > 0 && (await commit(context, { changes })).ok ? changes : [];
    });
    const waits = written.flatMap((one) =>
      one.kind === "put" && one.table === "outbox" ? [one.row.conversation] : [],
    );
    for (const conversation of new Set(waits)) kick(conversation);
  }

  async function doubtLater(id: ConversationId): Promise<void> {
    if (stopped || !mayAgain(id)) return;
    const group = (await talkingIn(context, id))?.conversation.group;
    if (group === undefined || stopped) return;
    const { device } = await me(context);
    const devices = group.people.flatMap((person) => person.devices);
    saidByOthers.delete(id);
    const tell = () =>
      write(id, () => marksTold(context, id, !saidByOthers.has(id))).catch((error: unknown) =>
        context.log.fault("marks of epochs were not said", error),
      );
    timers.set(id, clock.after(jobDelayMs(idBytes(id), device, devices), tell));
  }

  function doubted(id: ConversationId): void {
    doubtLater(id).catch((error: unknown) => context.log.fault("a doubt about a group's keys was lost", error));
  }

  return {
    doubted,
    async look(id) {
      const conversation = await context.storage.get("conversations", id);
      const group = conversation?.group && (await context.storage.get("groups", id));
      if (conversation === undefined || group === undefined) return;
      const told = conversation.marksTold ?? { epoch: group.joinedEpoch, atMs: conversation.sinceMs };
      const sinceMs = clock.now() - told.atMs;
      if (group.epoch <= told.epoch || (sinceMs >= 0 && sinceMs < tellAgainMs)) return;
      await write(id, () => marksTold(context, id, false));
    },
    async heard(via, said) {
      const { conversation: id } = said;
      const heard = await context.turns(id, () => hear(context, said));
      if (heard === "same" && via === id) saidByOthers.add(id);
      if (heard !== "differs" && heard !== "news") return;
      if (heard === "news") split(id);
      if (heard === "news" || via === id) doubted(id);
      if (via === id) return;
      const what = `${id} ${said.device}`;
      if (!passedOn.has(what)) {
        passedOn.add(what);
        await write(id, () => marksPassedOn(context, said));
      }
      if (mayAgain(via)) await write(id, () => marksTo(context, id, via));
    },
    stop() {
      stopped = true;
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

/** Compares, and writes down what is news. Call within the group's turn. */
async function hear(context: Context, said: EpochMarks): Promise<Heard> {
  const talking = await talkingIn(context, said.conversation);
  const own = talking && epochRunOf(talking.group);
  if (talking?.conversation.group === undefined || own === undefined) return "nothing";
  const { conversation, group } = talking;
  const profile = await me(context);
  const member = membersIfReadable(group.state).find(({ credential }) => credential.device === said.device);
  if (member === undefined || said.device === profile.device) return "nothing";
  if (!verify(labels.epochMarks, epochMarksMessage(said), said.signature, member.signatureKey)) return "nothing";
  const difference = firstDifference(own, said);
  // Who came later is perhaps not known in another part.
  if (difference === undefined) return said.first <= Math.max(own.first, group.joinedEpoch) ? "same" : "nothing";
  const nowMs = context.clock.now();
  const after = splitAfter(conversation.split, difference, nowMs);
  if (after === undefined) return "differs";
  context.log.event("a group is in two parts", { stays: after.split.side === "stays" });
  const row = { ...conversation, split: after.split };
  const written = await commit(context, {
    changes: [
      { kind: "put", table: "conversations", row },
      ...(after.isNews ? [noticeRow(context, row, profile, nowMs, "split")] : []),
    ],
  });
  return written.ok ? "news" : "differs";
}
