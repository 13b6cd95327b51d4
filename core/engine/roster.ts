/** The devices of contacts, and which leaves this profile accepts in its groups: the devices that known, signed lists name (§3.2). */

import { breathe, type LeafCheck } from "../group/suite.ts";
import { leafIsListed } from "../identity/leaf-trust.ts";
import type { AccountId, DeviceId } from "../lang/brand.ts";
import type { ContactRecord } from "../ports/people-records.ts";
import { type DeviceList, readKeptDeviceList, readSignedDeviceList } from "../wire/device-list.ts";
import { type Context, me } from "./context.ts";

/** Accepts the devices of this person and of `account`, from the lists on disk. */
export async function leafCheckWith(context: Context, account: AccountId | undefined): Promise<LeafCheck> {
  const own = await me(context);
  const contact = account && (await context.storage.get("contacts", account));
  return leafCheckOf(contact ? [own.deviceList, contact.deviceList] : [own.deviceList]);
}

export function devicesOf(contact: ContactRecord): readonly DeviceId[] {
  return readKeptDeviceList(contact.deviceList).devices.map(({ device }) => device);
}

/** The newest SignedDeviceList that is known here of somebody, this person among them, if anybody lives here yet. */
export async function listKnownOf(context: Context, account: AccountId): Promise<Uint8Array | undefined> {
  const own = await context.storage.get("profile", "me");
  return own?.account === account ? own.deviceList : (await context.storage.get("contacts", account))?.deviceList;
}

/**
 * For who joins: accepts beside the devices of these lists those that they revoke. One that has a leaf still is about to lose it
 * (§13.7), and nobody could join meanwhile.
 */
export function leafCheckAmid(checkedLists: readonly Uint8Array[]): LeafCheck {
  const isListed = leafCheckOf(checkedLists);
  const revoked = new Map(
    checkedLists.map(readKeptDeviceList).map((list) => [list.account, new Set(list.revoked)] as const),
  );
  return (credential, signatureKey) =>
    isListed(credential, signatureKey) || revoked.get(credential.account)?.has(credential.device) === true;
}

/** Those of SignedDeviceList bytes that are signed, with breaths between: those of a large group would be one long task. */
export async function signedOf(lists: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
  const signed: Uint8Array[] = [];
  for (const bytes of lists) {
    await breathe();
    if (readSignedDeviceList(bytes).ok) signed.push(bytes);
  }
  return signed;
}

/** Accepts the devices of these SignedDeviceList bytes, whose signatures have been checked. */
export function leafCheckOf(checkedLists: readonly Uint8Array[]): LeafCheck {
  const lists = new Map<AccountId, DeviceList>();
  for (const checked of checkedLists) {
    const list = readKeptDeviceList(checked);
    lists.set(list.account, list);
  }
  return (credential, signatureKey) => {
    const list = lists.get(credential.account);
    return list !== undefined && leafIsListed(list, credential, signatureKey);
  };
}
