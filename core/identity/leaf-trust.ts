/**
 * Whom a signed device list lets speak for an account (§3.1, §3.2). Pure: knows lists and keys, not where they came from.
 */

import { sha256 } from "../crypto/hash.ts";
import { equalBytes, noBytes } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import type { Credential } from "../wire/credential.ts";
import { type DeviceList, readSignedDeviceList } from "../wire/device-list.ts";

/** `rolled-back` and `forked` are alarms: the account key signed two histories, or somebody replays an old one. */
export type ListFault = "malformed" | "newer-version" | "not-signed" | "other-account" | "rolled-back" | "forked";

/**
 * Whether `incoming` (SignedDeviceList bytes) may replace what is known of the account. Answers with the list to use,
 * which is the known one when both are equal.
 */
export function succeedList(known: Uint8Array | undefined, incoming: Uint8Array): Result<DeviceList, ListFault> {
  const next = readSignedDeviceList(incoming);
  if (!next.ok) return next;
  if (known === undefined) return ok(next.value.list);
  const before = readSignedDeviceList(known);
  if (!before.ok) return before;
  const from = before.value;
  const to = next.value;
  if (to.list.account !== from.list.account) return err("other-account");
  if (equalBytes(to.listBytes, from.listBytes)) return ok(from.list);
  if (to.list.sequence < from.list.sequence) return err("rolled-back");
  if (to.list.sequence === from.list.sequence) return err("forked");
  const follows = to.list.sequence === from.list.sequence + 1;
  if (follows && !equalBytes(to.list.previousHash ?? noBytes, sha256(from.listBytes))) return err("forked");
  return ok(to.list);
}

/**
 * The newer one of a list that is known and one that came, which may have been under way for long: an older one counts for
 * nothing. SignedDeviceList bytes.
 */
export function newestList(known: Uint8Array | undefined, incoming: Uint8Array): Result<Uint8Array, ListFault> {
  const next = succeedList(known, incoming);
  if (next.ok) return ok(incoming);
  return next.error === "rolled-back" && known !== undefined ? ok(known) : next;
}

/** Whether a leaf with this credential and signature key is a device that its account lists and has not revoked. */
export function leafIsListed(list: DeviceList, credential: Credential, signatureKey: Uint8Array): boolean {
  if (list.account !== credential.account || list.revoked.includes(credential.device)) return false;
  const listed = list.devices.find((entry) => entry.device === credential.device);
  return listed !== undefined && equalBytes(listed.signatureKey, signatureKey);
}
