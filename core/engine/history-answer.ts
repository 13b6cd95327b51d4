/**
 * Answering who lacks something of what was said before they came (§13.12): they say what they have, and a member that was there
 * when they came shares what is missing and theirs by the group's rule of that time. Does not know how it is taken.
 */

import { chosen } from "../conversation/history.ts";
import { jobDelayMs } from "../conversation/job-rank.ts";
import { isIn } from "../conversation/ranges.ts";
import type { AccountId, ConversationId, DeviceId } from "../lang/brand.ts";
import { concat, idBytes } from "../lang/bytes.ts";
import type { Newcomer } from "../ports/conversation-record.ts";
import type { HaveOf, Ranges } from "../wire/have.ts";
import type { HistoryCapsule, HistoryEntry } from "../wire/history.ts";
import { type Context, me } from "./context.ts";
import { type InGroup, isNewStill, offerOf, saidOffer } from "./history-share.ts";
import { personWith, presentPeople } from "./talking.ts";

/**
 * Between two looks for the same person, and twice as long after each answer. Lower: whoever says again and again that they
 * have nothing has this device look through all, and share it, each time.
 */
const answerPauseMs = 5 * 60_000;
const mostPauseMs = 24 * 3_600_000;

/** In one answer. Who did not know yet that somebody came said little till then. */
const maxPassed = 100;

type Numbers = ReadonlyMap<DeviceId, Ranges>;

const noNumbers: Numbers = new Map();

/** Somebody who lacks something, as far as this device could answer. */
interface Asking {
  /** Until it is this device's turn; undefined: it was. */
  cancel: (() => void) | undefined;
  lookedAtMs: number;
  /** What others offered since they asked, the newest of each. Which numbers is for this device's turn alone. */
  readonly offers: Map<AccountId, Numbers>;
  /** Who offered and did not deliver, so that the same was asked for again: others do not wait for them any more. */
  readonly failed: ReadonlySet<AccountId>;
}

export interface HistoryAnswers {
  /** A device says what it has. */
  asked(id: ConversationId, device: DeviceId, have: readonly HaveOf[]): Promise<void>;
  heard(id: ConversationId, by: AccountId, capsule: HistoryCapsule): void;
  stop(): void;
}

/** `kick` is told when there is something to carry. */
export function createHistoryAnswers(context: Context, kick: (id: ConversationId) => void): HistoryAnswers {
  const asking = new Map<ConversationId, Map<AccountId, Asking>>();
  let stopped = false;

  async function answer(id: ConversationId, account: AccountId, have: Numbers, state: Asking): Promise<void> {
    const trusted = [...state.offers].flatMap(([by, numbers]) => (state.failed.has(by) ? [] : [numbers]));
    state.cancel = undefined;
    state.lookedAtMs = context.clock.now();
    for (const by of state.offers.keys()) state.offers.set(by, noNumbers);
    const isOffered = (device: DeviceId, number: number) =>
      trusted.some((numbers) => isIn(numbers.get(device) ?? [], number));
    const lacks = (device: DeviceId, number: number) => {
      const theirs = have.get(device);
      return theirs !== undefined && !isIn(theirs, number) && !isOffered(device, number);
    };
    const upTo = (device: DeviceId) => have.get(device)?.at(-1)?.[1] ?? 0;
    if (await context.turns(id, () => shareMissing(context, id, account, lacks, upTo))) kick(id);
  }

  return {
    async asked(id, device, have) {
      if (stopped || !have.some(({ ranges }) => isWithGap(ranges))) return;
      const conversation = await context.storage.get("conversations", id);
      const group = conversation?.group;
      if (group?.standing.kind !== "member" || !context.caughtUp.has(id)) return;
      const account = personWith(group, device);
      const newcomer = conversation?.newcomers.find((one) => one.account === account);
      const nowMs = context.clock.now();
      if (account === undefined || newcomer === undefined || !isNewStill(newcomer, nowMs)) return;
      const accounts = new Set(conversation?.newcomers.map((one) => one.account));
      const all = new Map([...(asking.get(id) ?? [])].filter(([one]) => accounts.has(one)));
      const before = all.get(account);
      if (nowMs - (before?.lookedAtMs ?? Number.NEGATIVE_INFINITY) < answerPauseMs || isTooSoon(newcomer, nowMs))
        return;
      before?.cancel?.();
      const own = (await me(context)).device;
      const devices = presentPeople(group).flatMap((person) => person.devices);
      const delayMs = jobDelayMs(concat(idBytes(id), idBytes(account)), own, devices);
      const numbers = new Map(have.map(({ device: author, ranges }) => [author, ranges] as const));
      const people = new Set(group.people.map((person) => person.account));
      const failed = [...(before?.failed ?? []), ...(before?.offers.keys() ?? [])].filter((by) => people.has(by));
      const state: Asking = {
        cancel: undefined,
        lookedAtMs: Number.NEGATIVE_INFINITY,
        offers: new Map(),
        failed: new Set(failed),
      };
      if (stopped) return;
      asking.set(id, all.set(account, state));
      state.cancel = context.clock.after(delayMs, () => {
        answer(id, account, numbers, state).catch((error: unknown) =>
          context.log.fault("what was missing could not be shared", error),
        );
      });
    },
    heard(id, by, { account, persons }) {
      const state = asking.get(id)?.get(account);
      if (state === undefined) return;
      const numbers = new Map(
        persons.flatMap(({ devices }) => devices.map(({ device, ranges }) => [device, ranges] as const)),
      );
      state.offers.set(by, state.cancel === undefined ? noNumbers : numbers);
    },
    stop() {
      stopped = true;
      for (const all of asking.values()) for (const { cancel } of all.values()) cancel?.();
      asking.clear();
    },
  };
}

function isTooSoon({ answers }: Newcomer, nowMs: number): boolean {
  if (answers === undefined) return false;
  return nowMs - answers.atMs < Math.min(answerPauseMs * 2 ** (answers.count - 1), mostPauseMs);
}

/** Of who has all of a device's numbers up to the newest there is one run, from the first. */
function isWithGap(ranges: Ranges): boolean {
  return ranges.length !== 1 || ranges[0]?.[0] !== 1;
}

/**
 * Whether there is something to carry. All answers together are no more than what they may have once: a node lost some of it, and
 * who lost it again and again does not say what is so. Call within the conversation's turn.
 */
async function shareMissing(
  context: Context,
  id: ConversationId,
  account: AccountId,
  lacks: (device: DeviceId, number: number) => boolean,
  upTo: (device: DeviceId) => number,
): Promise<boolean> {
  const conversation = await context.storage.get("conversations", id);
  const newcomer = conversation?.newcomers.find((one) => one.account === account);
  if (conversation?.group?.standing.kind !== "member" || newcomer === undefined) return false;
  const row: InGroup = { ...conversation, group: conversation.group };
  const { count, entries: given } = newcomer.answers ?? { count: 0, entries: 0 };
  let passed = 0;
  const wanted = (entries: readonly HistoryEntry[]) => {
    const isLacked = ({ message, number }: HistoryEntry) => lacks(deviceOf(message), number);
    const all = theirs(entries, newcomer);
    const since = sincePassed(entries, newcomer, upTo).filter(isLacked).slice(0, maxPassed);
    passed = since.length;
    return [...since, ...all.filter(isLacked).slice(0, Math.max(0, all.length - given))];
  };
  const offer = await offerOf(context, row, { account, wanted });
  if (offer === undefined) return false;
  const answers = { count: count + 1, entries: given + Math.max(0, offer.entries - passed), atMs: context.clock.now() };
  const newcomers = row.newcomers.map((one) => (one === newcomer ? { ...one, answers } : one));
  return saidOffer(context, { ...row, newcomers }, offer);
}

/** What they may have, newest first. What was said since they came they get as everybody does. */
function theirs(entries: readonly HistoryEntry[], { sinceMs, history }: Newcomer): readonly HistoryEntry[] {
  const before = entries.filter(({ clockMs }) => clockMs <= sinceMs);
  return chosen(before, history, sinceMs);
}

/** But not what somebody said who did not know yet that they came: they have later numbers. Newest first. */
function sincePassed(
  entries: readonly HistoryEntry[],
  { sinceMs }: Newcomer,
  upTo: (device: DeviceId) => number,
): readonly HistoryEntry[] {
  const since = entries.filter(({ clockMs, message, number }) => clockMs > sinceMs && number < upTo(deviceOf(message)));
  return chosen(since, "all", sinceMs);
}

const deviceOf = (message: string) => message.slice(0, message.indexOf("/")) as DeviceId;
