/**
 * Sending again what a device lacks (§8.2): sealed anew with the same id, clock and number, through the ordinary outbox
 * and behind all that waits there, newest first. Few at a time, the next when these have arrived: so nothing that is
 * written meanwhile waits for long, and no more message keys are skipped than the other side keeps (§10).
 */

import { isReadable } from "../group/state.ts";
import type { ConversationId, DeviceId, MessageId } from "../lang/brand.ts";
import type { GroupRecord } from "../ports/group-records.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import type { Change } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import type { Ranges } from "../wire/have.ts";
import { type Context, commit } from "./context.ts";
import { unchanged } from "./group-step.ts";
import { type Claim, noteRollback } from "./have.ts";
import { maySeal } from "./keys-in-use.ts";
import { isUnderWay, lackingAt } from "./lacking.ts";
import { contentAgain, isSaid, type Said } from "./own-content.ts";
import { onlyFor } from "./seal.ts";
import { sealSaid, whyUnsaid } from "./seal-said.ts";
import { quietBatch } from "./send.ts";
import { talkingIn } from "./talking.ts";

/** In the outbox at a time. Higher skips more keys and keeps new words waiting; lower leaves a fast link idle. */
const atOnce = 64;
/**
 * Between two answers to a device over links, and between two through the topic. Lower: whoever claims again and again that
 * everything is missing has this device seal a thousand messages each time, or look through twenty thousand.
 */
const answerPauseMs = 60_000;
/** After a write was refused: a full disk may have room again. */
const writeAgainMs = 10_000;
/** Sorts behind every order of a message. */
const behindAll = "~";

export interface SendMissing {
  /** A device says what it has. Resolves when damage that this shows is written down; what it lacks is sent by `look`. */
  told(id: ConversationId, device: DeviceId, claim: Claim): Promise<void>;
  /** Something was said or acknowledged: seals what is to be sent again, as far as there is room. */
  look(id: ConversationId): Promise<void>;
  stop(): void;
}

export interface SendMissingEvents {
  /** This profile is an earlier copy of itself. */
  rolledBack(id: ConversationId): void;
  /** The courier has something to carry. */
  kick(id: ConversationId): void;
}

/** Still to be sent again, newest first; not known yet from a claim that has just come. */
interface Lacking {
  readonly device: DeviceId;
  readonly claim: Claim;
  readonly messages: readonly MessageId[] | undefined;
}

/** What a device says on links and what it says through the topic are answered each by itself. */
const laneOf = (id: ConversationId, device: DeviceId, via: Claim["via"]) => `${id} ${device} ${via}`;

export function createSendMissing(context: Context, events: SendMissingEvents): SendMissing {
  /** Forgotten when the engine stops: the next link tells what is lacking then. */
  const lacking = new Map<ConversationId, Map<string, Lacking>>();
  /** Lanes that were answered a moment ago, with the newest claim that came since. */
  const resting = new Map<string, { readonly cancel: () => void; claim: Claim | undefined }>();
  /** Of a profile that is an earlier copy of itself, which could not be written down yet. */
  const unwritten = new Map<ConversationId, () => void>();
  /** Whose keys are new since the start, or will be: once is enough, else whoever claims again and again has them renewed each time. */
  const renewed = new Set<ConversationId>();
  let stopped = false;

  function keep(id: ConversationId, lane: string, now: Lacking | undefined): void {
    const lanes = lacking.get(id) ?? new Map<string, Lacking>();
    if (now === undefined) lanes.delete(lane);
    else lanes.set(lane, now);
    if (lanes.size === 0) lacking.delete(id);
    else lacking.set(id, lanes);
  }

  function heard(id: ConversationId, device: DeviceId, claim: Claim): void {
    const lane = laneOf(id, device, claim.via);
    const rest = resting.get(lane);
    // What is being sent again goes on meanwhile.
    if (rest !== undefined) rest.claim = claim;
    else keep(id, lane, { device, claim, messages: undefined });
  }

  /** An answer begins: the next one waits. */
  function rest(id: ConversationId, device: DeviceId, via: Claim["via"]): void {
    const lane = laneOf(id, device, via);
    if (stopped || resting.has(lane)) return;
    const cancel = context.clock.after(answerPauseMs, () => {
      const { claim } = resting.get(lane) ?? {};
      resting.delete(lane);
      if (claim === undefined) return;
      heard(id, device, claim);
      look(id).catch((error: unknown) => context.log.fault("sending again what is missing failed", error));
    });
    resting.set(lane, { cancel, claim: undefined });
  }

  async function lookAt(id: ConversationId, lane: string, now: Lacking): Promise<void> {
    const { device, claim } = now;
    const found = now.messages === undefined ? await lackingAt(context, id, device, claim) : undefined;
    const messages = now.messages ?? found?.messages ?? [];
    const notFor = found?.notFor ?? [];
    // Looking through everything costs as much as an answer. On links it is asked for once with each.
    const isVain = found?.messages.length === 0 && claim.via === "topic";
    const sealed = await context.turns(id, async () => {
      // Somebody else looked, or the device said something newer.
      if (lacking.get(id)?.get(lane) !== now) return false;
      const told = notFor.length > 0 && (await sayNotFor(context, id, device, notFor));
      const { sealed: some, left } = await sealSome(context, id, device, messages, claim.via);
      // Not only with the first of them: there may have been no room then, and the next claim would begin anew at once.
      if (some || told || isVain) rest(id, device, claim.via);
      keep(id, lane, left.length > 0 ? { ...now, messages: left } : undefined);
      return some || told;
    });
    if (sealed) events.kick(id);
  }

  async function look(id: ConversationId): Promise<void> {
    for (const [lane, now] of [...(lacking.get(id) ?? [])]) await lookAt(id, lane, now);
  }

  async function told(id: ConversationId, device: DeviceId, claim: Claim, isAgain = false): Promise<void> {
    const found = await context.turns(id, () => {
      // Who said it may be nobody to believe any more by now.
      if (isAgain) context.caughtUp.noted(id);
      return noteRollback(context, id, device, { ...claim, hasNewKeys: renewed.has(id) });
    });
    if (found === "noted") renewed.add(id);
    if (found === "none") return heard(id, device, claim);
    unwritten.get(id)?.();
    unwritten.delete(id);
    if (found === "noted") events.rolledBack(id);
    else if (!stopped)
      unwritten.set(
        id,
        context.clock.after(writeAgainMs, () => tellAgain(id, device, claim)),
      );
  }

  function tellAgain(id: ConversationId, device: DeviceId, claim: Claim): void {
    unwritten.delete(id);
    told(id, device, claim, true).catch((error: unknown) => context.log.fault("noting a rollback failed", error));
  }

  return {
    told: (id, device, claim) => told(id, device, claim),
    look,
    stop() {
      stopped = true;
      for (const cancel of unwritten.values()) cancel();
      unwritten.clear();
      for (const { cancel } of resting.values()) cancel();
      resting.clear();
    },
  };
}

/** So that it does not wait for what nobody has for it. Who missed this asks again. */
async function sayNotFor(context: Context, id: ConversationId, device: DeviceId, ranges: Ranges): Promise<boolean> {
  const talking = await talkingIn(context, id);
  if (talking === undefined || !maySeal(talking.conversation) || !context.caughtUp.has(id)) return false;
  const batch = await quietBatch(context, id, { kind: "not-for", device, ranges });
  if (batch === undefined) return false;
  const changes = batch.changes.map((change) => onlyFor(change, [device]));
  return (await commit(context, { ...batch, changes })).ok;
}

interface SealedSome {
  readonly sealed: boolean;
  readonly left: readonly MessageId[];
}

async function sealSome(
  context: Context,
  id: ConversationId,
  device: DeviceId,
  messages: readonly MessageId[],
  via: Claim["via"],
): Promise<SealedSome> {
  const talking = await talkingIn(context, id);
  if (talking !== undefined && !context.caughtUp.has(id)) return { sealed: false, left: messages };
  // With damaged keys nothing is sealed; what the successor group does not bring is asked for again.
  const damaged = talking === undefined || !maySeal(talking.conversation) || !isReadable(talking.group.state);
  if (damaged || messages.length === 0) return { sealed: false, left: [] };
  const rows = await context.waiting(id);
  const waiting = rows.filter((row) => row.waitingFor.includes(device));
  const room = atOnce - waiting.filter(({ order }) => order.startsWith(behindAll)).length;
  if (room < atOnce / 2) return { sealed: false, left: messages };
  const changes: Change[] = [];
  let { group } = talking;
  for (const message of messages.slice(0, room)) {
    const row = await context.storage.get("messages", message);
    const before = waiting.find((one) => one.message === message);
    if (row === undefined || !isSaid(row) || (before && isUnderWay(before, device, via))) continue;
    const sealed = await sealOnce(context, group, talking.topic, row, before, device);
    group = sealed.group;
    changes.push(...sealed.changes);
  }
  const left = messages.slice(room);
  if (changes.length === 0) return { sealed: false, left };
  const written = await commit(context, { expect: [unchanged(talking.group)], changes });
  return written.ok ? { sealed: true, left } : { sealed: false, left: [] };
}

/** `before`: what a node was given for the device and did not hand over. It leaves its place to the new envelope. */
async function sealOnce(
  context: Context,
  group: GroupRecord,
  topic: TopicRecord,
  said: Said,
  before: OutboxRecord | undefined,
  device: DeviceId,
): Promise<{ readonly group: GroupRecord; readonly changes: readonly Change[] }> {
  const newestFirst = behindAll + String(Number.MAX_SAFE_INTEGER - said.number).padStart(16, "0");
  // What is under way with its words may still bring them to the others.
  const isUnsaid = before?.unsaid === undefined && (await whyUnsaid(context, group, said)) !== undefined;
  const waitingFor = isUnsaid ? [device] : (before?.waitingFor ?? [device]);
  const order = before?.order ?? newestFirst;
  const row = { order, ends: "acknowledged", message: said.key, waitingFor } as const;
  const sealed = await sealSaid(context, group, topic, contentAgain(said), row);
  const ended: readonly Change[] = before ? [isUnsaid ? without(before, device) : gone(before)] : [];
  return { group: sealed.group, changes: [...ended, ...sealed.changes.map((change) => onlyFor(change, waitingFor))] };
}

const gone = ({ key }: OutboxRecord): Change => ({ kind: "delete", table: "outbox", key });

function without(row: OutboxRecord, device: DeviceId): Change {
  const waitingFor = row.waitingFor.filter((one) => one !== device);
  return waitingFor.length === 0 ? gone(row) : { kind: "put", table: "outbox", row: { ...row, waitingFor } };
}
