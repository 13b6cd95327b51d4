/**
 * Noticing that messages are missing (§8.2): others' numbers leave a gap that stays although everything at the nodes was
 * read. It is shown, and asked for through the topic, ever more seldom; over a link it is told at the opening.
 */

import { missingCount } from "../conversation/ranges.ts";
import type { ConversationId, DeviceId } from "../lang/brand.ts";
import { type LiveCell, liveCell } from "../lang/live.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import { type Context, commit } from "./context.ts";
import { haveOf } from "./have.ts";
import { sharedCounts } from "./history-claims.ts";
import { isStillShared } from "./history-take.ts";
import { maySeal } from "./keys-in-use.ts";
import { quietBatch } from "./send.ts";
import { presentPeople, talkingIn } from "./talking.ts";

/** What overtook something else is followed by it within seconds. Higher: a node that keeps words back is noticed later. */
const patienceMs = 60_000;
/** Between two times that the same is asked for; doubles. Lower costs the other side an answer each time. */
const firstPauseMs = 10 * 60_000;
const mostPauseMs = 24 * 3_600_000;

type Highest = Readonly<Record<DeviceId, number>>;
/** By conversation: up to which number of each device everything should have been here by now. */
export type Overdue = ReadonlyMap<ConversationId, Highest>;

export interface Gaps {
  readonly overdue: LiveCell<Overdue>;
  /** Everything that lies at the conversation's nodes was read. */
  read(id: ConversationId): Promise<void>;
  stop(): void;
}

/** Messages of the others that should have been here by now and are not. */
export function missingIn({ key, received }: ConversationRecord, overdue: Overdue): number {
  const highest = overdue.get(key) ?? {};
  return (Object.keys(highest) as DeviceId[])
    .map((device) => (received[device] ?? []).filter(([first]) => first <= (highest[device] ?? 0)))
    .reduce((sum, ranges) => sum + missingCount(ranges), 0);
}

interface Watched {
  /** Until what is missing now is overdue. */
  endPatience: (() => void) | undefined;
  /** Until it is asked for again. */
  endPause: (() => void) | undefined;
  pauseMs: number;
}

/** `kick` tells the courier that there is something to carry. */
export function createGaps(context: Context, kick: (id: ConversationId) => void): Gaps {
  const overdue = liveCell<Overdue>(new Map());
  const watched = new Map<ConversationId, Watched>();
  const unsharedIn = (row: ConversationRecord) => unshared(row, context.clock.now());
  let stopped = false;

  function later(delayMs: number, task: () => Promise<void>): () => void {
    return context.clock.after(delayMs, () => {
      task().catch((error: unknown) => context.log.fault("looking for what is missing failed", error));
    });
  }

  function forget(id: ConversationId): void {
    watched.get(id)?.endPatience?.();
    watched.get(id)?.endPause?.();
    watched.delete(id);
    const rest = new Map(overdue.value);
    if (rest.delete(id)) overdue.set(rest);
  }

  async function read(id: ConversationId): Promise<void> {
    const row = await context.storage.get("conversations", id);
    if (stopped) return;
    const highest = row ? highestOf(row) : {};
    const missing = row ? missingIn(row, new Map([[id, highest]])) : 0;
    if (row === undefined || (missing === 0 && unsharedIn(row) === 0)) return forget(id);
    const state = watched.get(id) ?? { endPatience: undefined, endPause: undefined, pauseMs: firstPauseMs };
    watched.set(id, state);
    // All of it is overdue already, or is given its time.
    const isOverdue = missing === missingIn(row, overdue.value) && (unsharedIn(row) === 0 || state.endPause);
    if (isOverdue || state.endPatience) return;
    state.endPatience = later(patienceMs, async () => {
      state.endPatience = undefined;
      const now = await context.storage.get("conversations", id);
      if (stopped || now === undefined) return;
      const isMissing = missingIn(now, new Map([[id, highest]])) > 0;
      if (isMissing) overdue.set(new Map(overdue.value).set(id, highest));
      else if (unsharedIn(now) === 0) return;
      if (state.endPause === undefined) await ask(id, state);
    });
  }

  async function ask(id: ConversationId, state: Watched): Promise<void> {
    state.endPause = later(state.pauseMs, async () => {
      state.endPause = undefined;
      const now = await context.storage.get("conversations", id);
      if (stopped || now === undefined) return;
      if (missingIn(now, overdue.value) > 0 || unsharedIn(now) > 0) await ask(id, state);
    });
    state.pauseMs = Math.min(2 * state.pauseMs, mostPauseMs);
    if (await context.turns(id, () => sealHave(context, id))) kick(id);
  }

  return {
    overdue,
    read,
    stop() {
      stopped = true;
      for (const id of [...watched.keys()]) forget(id);
    },
  };
}

/** Of what members share of the time before this person came, how much is missing and not lost for good (§13.12). */
function unshared(row: ConversationRecord, nowMs: number): number {
  const { shared, group } = row;
  if (shared === undefined || group?.standing.kind !== "member" || !isStillShared(row, nowMs)) return 0;
  const { have, of } = sharedCounts(shared);
  return of - have;
}

/** Of who is gone from a group nobody asks for anything: they cannot answer. */
function highestOf({ received, group }: ConversationRecord): Highest {
  const highest: Record<DeviceId, number> = {};
  const here = group && new Set(presentPeople(group).flatMap(({ devices }) => devices));
  for (const device of Object.keys(received) as DeviceId[]) {
    if (here === undefined || here.has(device)) highest[device] = received[device]?.at(-1)?.[1] ?? 0;
  }
  return highest;
}

/** Not asked of strangers; nor while keys are damaged, for what a successor group brings is not missing. */
async function sealHave(context: Context, id: ConversationId): Promise<boolean> {
  const talking = await talkingIn(context, id);
  if (talking === undefined || !maySeal(talking.conversation)) return false;
  const batch = await quietBatch(context, id, { kind: "have", have: haveOf(talking.conversation) });
  const sealed = batch && (await commit(context, batch));
  return sealed?.ok ?? false;
}
