/**
 * What is said to have been said before this person came (§13.12), of all offers together: which numbers exist, which of them are
 * here, and how much of that a device keeps. Values only.
 */

import { union } from "../conversation/ranges.ts";
import type { AccountId, DeviceId } from "../lang/brand.ts";
import type { SharedHistory } from "../ports/conversation-record.ts";
import { maxHistoryPersons } from "../wire/bounds.ts";
import type { Ranges } from "../wire/have.ts";
import type { HistoryCapsule } from "../wire/history.ts";

/** As many as one offer has room for. Higher: members who make them up fill the disk of who came. */
const maxShared = 60_000;
/** In the row of the conversation, which every message writes: 60 bytes each. More than a group of 256 devices had in years. */
const maxRuns = 2_000;
const maxNames = 2 * maxHistoryPersons;

/** `undefined`: more than anybody may make this device keep. */
export function withClaims(
  known: SharedHistory | undefined,
  by: AccountId,
  { persons }: HistoryCapsule,
): SharedHistory | undefined {
  const exist: Record<DeviceId, Ranges> = { ...known?.exist };
  const names: Record<AccountId, string> = { ...known?.names };
  for (const { account, name, devices } of persons) {
    names[account] = name;
    for (const { device, first, last } of devices) exist[device] = union(exist[device] ?? [], [[first, last]]);
  }
  const here = known?.here ?? {};
  const isFull = countIn(here) >= maxShared || runsIn(here) > maxRuns;
  if (isFull || runsIn(exist) > maxRuns || Object.keys(names).length > maxNames) return undefined;
  return { ...known, by, names, exist, here };
}

/** Whoever numbers with holes makes nobody miss more than that. */
const maxBetween = 1_000;

/**
 * The first that is heard of a device has this number: what lies between it and what was shared was under way when this person
 * came, so that whoever shared did not have it yet. `undefined`: there is nothing between.
 */
export function knownToExist(shared: SharedHistory, device: DeviceId, number: number): SharedHistory | undefined {
  const runs = shared.exist[device] ?? [];
  const [first, last] = runs.at(-1) ?? [0, number];
  if (last + 1 >= number || number - last > maxBetween) return undefined;
  return { ...shared, exist: { ...shared.exist, [device]: [...runs.slice(0, -1), [first, number - 1]] } };
}

/** "412 of 420": how many numbers are here of how many that are said to exist. */
export function sharedCounts({ exist, here }: SharedHistory): { readonly have: number; readonly of: number } {
  return { have: countIn(here), of: countIn(exist) };
}

/** How many messages members told in other words than those that are shown. */
export function disputedCount({ disputed }: SharedHistory): number {
  return countIn(disputed ?? {});
}

function countIn(numbers: Readonly<Record<DeviceId, Ranges>>): number {
  return Object.values<Ranges>(numbers)
    .flat()
    .reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

function runsIn(numbers: Readonly<Record<DeviceId, Ranges>>): number {
  return Object.values<Ranges>(numbers).reduce((sum, runs) => sum + runs.length, 0);
}
