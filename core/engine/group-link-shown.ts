/**
 * What a link to a group shows (§13.9): made and signed by a device of who made the link, anew whenever others may answer, and
 * believed by who comes with it and by the admins only as far as that signature goes. Writes nothing.
 */

import { rankOf, ranks } from "../conversation/group-rights.ts";
import { publicKeyOf } from "../crypto/signature.ts";
import { leafIsListed, newestList } from "../identity/leaf-trust.ts";
import type { AccountId, ConversationId, TopicId } from "../lang/brand.ts";
import type { GroupLinkRecord, LinkShownRow } from "../ports/group-link-records.ts";
import type { GroupOfConversation } from "../ports/group-of-conversation.ts";
import type { ProfileRecord } from "../ports/people-records.ts";
import { readKeptDeviceList, readSignedDeviceList } from "../wire/device-list.ts";
import type { GroupBundle } from "../wire/group-payload.ts";
import {
  decodeLinkShown,
  encodeLinkShown,
  isLinkShownOf,
  type LinkShown,
  linkAnswerer,
  signLinkShown,
} from "../wire/link-shown.ts";
import type { Context } from "./context.ts";

export interface MadeShown {
  readonly bundle: GroupBundle;
  readonly row: LinkShownRow;
}

/** By a device of who made the link. */
export function linkShown(
  context: Context,
  { device, deviceList, deviceSeed, name: by }: ProfileRecord,
  { key, conversation, answerSeed, shown: before }: GroupLinkRecord,
  { facts, people }: GroupOfConversation,
): MadeShown {
  const { name, emoji, joining } = facts;
  const answerKey = publicKeyOf(answerSeed);
  const madeAtMs = Math.max(context.clock.now(), (before?.madeAtMs ?? 0) + 1);
  const answerers = answerersOf(key, conversation, { facts, people });
  const shown = encodeLinkShown({ by, name, emoji, joining, people: people.length, answerKey, madeAtMs, answerers });
  return {
    bundle: { deviceList, device, shown, signature: signLinkShown(key, shown, deviceSeed) },
    row: { deviceList, device, madeAtMs, answerers },
  };
}

/** Owner and admins. */
function answerersOf(
  topic: TopicId,
  conversation: ConversationId,
  { facts, people }: Pick<GroupOfConversation, "facts" | "people">,
): readonly string[] {
  return people
    .filter(({ account }) => rankOf(facts, account) >= ranks.admin)
    .map(({ account }) => linkAnswerer(topic, conversation, account))
    .sort();
}

/** Whether a link of this person's shows others than may answer it now, or was signed by a device that is theirs no more. */
export function isShownOld(
  { key, conversation, by, withdrawn, shown }: GroupLinkRecord,
  { account, deviceList }: ProfileRecord,
  group: GroupOfConversation,
): boolean {
  // What this person's other device left there is read first.
  if (by !== account || withdrawn || shown === undefined) return false;
  const isMine = readKeptDeviceList(deviceList).devices.some(({ device }) => device === shown.device);
  return !isMine || answerersOf(key, conversation, group).join() !== shown.answerers.join();
}

/** What a bundle says, where it is of the person who made the link and newer than `before`. `known`: their list, if one is here. */
export function shownIn(
  topic: TopicId,
  by: AccountId,
  { deviceList, device, shown: bytes, signature }: GroupBundle,
  known: Uint8Array | undefined,
  before: LinkShownRow | undefined,
): { readonly shown: LinkShown; readonly row: LinkShownRow } | undefined {
  const read = readSignedDeviceList(deviceList);
  if (!read.ok || read.value.list.account !== by) return undefined;
  const key = read.value.list.devices.find((one) => one.device === device)?.signatureKey;
  if (key === undefined) return undefined;
  for (const one of [known, before?.deviceList]) {
    const newest = newestList(one, deviceList);
    if (!newest.ok) return undefined;
    const credential = { account: by, device, listSequence: read.value.list.sequence };
    if (!leafIsListed(readKeptDeviceList(newest.value), credential, key)) return undefined;
  }
  const shown = decodeLinkShown(bytes);
  if (!shown.ok || !isLinkShownOf(topic, bytes, signature, key)) return undefined;
  const row = { deviceList, device, madeAtMs: shown.value.madeAtMs, answerers: shown.value.answerers };
  return before === undefined || isNewer(row, before) ? { shown: shown.value, row } : undefined;
}

/** Of a newer list first: whoever has the key of a device that was revoked can write any time. */
function isNewer(a: LinkShownRow, b: LinkShownRow): boolean {
  const sequence = ({ deviceList }: LinkShownRow) => readKeptDeviceList(deviceList).sequence;
  return sequence(a) === sequence(b) ? a.madeAtMs > b.madeAtMs : sequence(a) > sequence(b);
}

/** Whether a Welcome of theirs would be taken by who came with the link. */
export function mayAnswer(
  { key, conversation, shown }: Pick<GroupLinkRecord, "key" | "conversation" | "shown">,
  account: AccountId,
): boolean {
  return shown?.answerers.includes(linkAnswerer(key, conversation, account)) === true;
}
