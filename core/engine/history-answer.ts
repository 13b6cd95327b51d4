/**
 * Answering who lacks something of what was said before they came (§13.12): they say what they have, and a member that was there
 * when they came shares what is missing and theirs by the group's rule of that time. Does not know how it is taken.
 */

import { chosen } from "../conversation/history.ts";
import { jobDelayMs } from "../conversation/job-rank.ts";
import { isIn } from "../conversation/ranges.ts";
import type { AccountId, ConversationId, DeviceId } from "../lang/brand.ts";
import { concat, idBytes } from "../lang/bytes.ts";
import type { Newcomer } from "../ports/records.ts";
import type { HaveOf, Ranges } from "../wire/have.ts";
import type { HistoryCapsule, HistoryEntry } from "../wire/history.ts";
import { type Context, me } from "./context.ts";
import { type InGroup, isNewStill, offerOf, saidOffer } from "./history-share.ts";
import { personWith, presentPeople } from "./talking.ts";

/** Between two answers to the same person. Lower: whoever says again and again that they have nothing has this device share it each time. */
const answerPauseMs = 5 * 60_000;

type Numbers = ReadonlyMap<DeviceId, Ranges>;

/** Somebody who lacks something, as far as this device could answer. */
interface Asking {
  readonly cancel: () => void;
  /** What others offered since they asked. */
  readonly offers: { readonly by: AccountId; readonly numbers: Numbers }[];
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
  const asking = new Map<string, Asking>();
  const answeredAtMs = new Map<string, number>();
  let stopped = false;

  async function answer(id: ConversationId, account: AccountId, have: Numbers): Promise<void> {
    const key = keyOf(id, account);
    const { offers = [], failed = new Set() } = asking.get(key) ?? {};
    const trusted = offers.filter(({ by }) => !failed.has(by));
    const isOffered = (device: DeviceId, number: number) =>
      trusted.some(({ numbers }) => isIn(numbers.get(device) ?? [], number));
    const lacks = (device: DeviceId, number: number) => {
      const theirs = have.get(device);
      return theirs !== undefined && !isIn(theirs, number) && !isOffered(device, number);
    };
    const said = await context.turns(id, () => shareMissing(context, id, account, lacks));
    if (!said) return;
    answeredAtMs.set(key, context.clock.now());
    kick(id);
  }

  return {
    async asked(id, device, have) {
      if (stopped || !have.some(({ ranges }) => isWithGap(ranges))) return;
      const conversation = await context.storage.get("conversations", id);
      const group = conversation?.group;
      if (group?.standing.kind !== "member" || !context.caughtUp.has(id)) return;
      const account = personWith(group, device);
      const newcomer = conversation?.newcomers.find((one) => one.account === account);
      if (account === undefined || newcomer === undefined || !isNewStill(newcomer, context.clock.now())) return;
      const key = keyOf(id, account);
      const nowMs = context.clock.now();
      if (nowMs - (answeredAtMs.get(key) ?? Number.NEGATIVE_INFINITY) < answerPauseMs) return;
      const before = asking.get(key);
      before?.cancel();
      const own = (await me(context)).device;
      const devices = presentPeople(group).flatMap((person) => person.devices);
      const delayMs = jobDelayMs(concat(idBytes(id), idBytes(account)), own, devices);
      const numbers = new Map(have.map(({ device: author, ranges }) => [author, ranges] as const));
      const cancel = context.clock.after(delayMs, () => {
        answer(id, account, numbers).catch((error: unknown) =>
          context.log.fault("what was missing could not be shared", error),
        );
      });
      const failed = new Set([...(before?.failed ?? []), ...(before?.offers ?? []).map(({ by }) => by)]);
      if (stopped) cancel();
      else asking.set(key, { cancel, offers: [], failed });
    },
    heard(id, by, { account, persons }) {
      const numbers = new Map(
        persons.flatMap(({ devices }) => devices.map(({ device, ranges }) => [device, ranges] as const)),
      );
      asking.get(keyOf(id, account))?.offers.push({ by, numbers });
    },
    stop() {
      stopped = true;
      for (const { cancel } of asking.values()) cancel();
      asking.clear();
    },
  };
}

const keyOf = (id: ConversationId, account: AccountId) => `${id} ${account}`;

/** Of who has all of a device's numbers up to the newest there is one run, from the first. */
function isWithGap(ranges: Ranges): boolean {
  return ranges.length !== 1 || ranges[0]?.[0] !== 1;
}

/** Whether there is something to carry. Call within the conversation's turn. */
async function shareMissing(
  context: Context,
  id: ConversationId,
  account: AccountId,
  lacks: (device: DeviceId, number: number) => boolean,
): Promise<boolean> {
  const conversation = await context.storage.get("conversations", id);
  const newcomer = conversation?.newcomers.find((one) => one.account === account);
  if (conversation?.group?.standing.kind !== "member" || newcomer === undefined) return false;
  const row: InGroup = { ...conversation, group: conversation.group };
  const wanted = (entries: readonly HistoryEntry[]) =>
    theirs(entries, newcomer).filter(({ message, number }) => lacks(deviceOf(message), number));
  const offer = await offerOf(context, row, { account, wanted });
  return offer !== undefined && saidOffer(context, row, offer);
}

/** What they may have, newest first. What was said since they came they get as everybody does. */
function theirs(entries: readonly HistoryEntry[], { sinceMs, history = "none" }: Newcomer): readonly HistoryEntry[] {
  const before = entries.filter(({ clockMs }) => clockMs <= sinceMs);
  return chosen(before, history, sinceMs);
}

const deviceOf = (message: string) => message.slice(0, message.indexOf("/")) as DeviceId;
