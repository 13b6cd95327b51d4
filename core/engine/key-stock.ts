/**
 * Key packages of contacts (§13.6): with one of theirs somebody can be added to a group while they are away. Each device
 * leaves some with every contact, so no node learns who adds whom. Writes nothing.
 */

import { sha256 } from "../crypto/hash.ts";
import { readKeyPackage } from "../group/key-package.ts";
import type { Member } from "../group/state.ts";
import type { AccountId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import type { ContactRecord, KeyPackageRecord } from "../ports/people-records.ts";
import type { Change } from "../ports/storage.ts";
import { maxKeyPackagesLeft } from "../wire/bounds.ts";
import type { Context } from "./context.ts";
import { devicesOf, leafCheckOf } from "./roster.ts";

export interface Packages {
  /** One for each device of which there is one. */
  readonly packages: readonly Uint8Array[];
  /** That they are used, to be written with what uses them. */
  readonly used: readonly Change[];
}

/** All that contacts left here, to be read once for everybody who is added: the whole table takes long to read. */
export async function packagesLeft(context: Context): Promise<readonly KeyPackageRecord[]> {
  return (await context.storage.all("keyPackages")).filter(({ privatePackage }) => privatePackage === undefined);
}

/**
 * One for each of the person's devices of what was `left`. `undefined`: nothing of theirs is here. The last one of a device is used
 * again until others come.
 */
export async function packagesOf(
  context: Context,
  account: AccountId,
  left: readonly KeyPackageRecord[],
): Promise<Packages | undefined> {
  const contact = await context.storage.get("contacts", account);
  if (contact === undefined || contact.state === "blocked") return undefined;
  const theirs = left.filter((row) => row.account === account);
  const check = leafCheckOf([contact.deviceList]);
  const chosen = devicesOf(contact).flatMap((device): readonly KeyPackageRecord[] => {
    // What a device left before its person changed their list may not be in it any more.
    const listed = theirs.filter((row) => row.device === device && isFor(row.publicPackage, check));
    const [first] = listed.sort(unusedFirst);
    return first === undefined ? [] : [first];
  });
  if (chosen.length === 0) return undefined;
  const usedAtMs = context.clock.now();
  return {
    packages: chosen.map(({ publicPackage }) => publicPackage),
    used: chosen.map((row): Change => ({ kind: "put", table: "keyPackages", row: { ...row, usedAtMs } })),
  };
}

/** Of used ones the newest: the private half of an older one may be gone. */
function unusedFirst(a: KeyPackageRecord, b: KeyPackageRecord): number {
  const [wasA, wasB] = [a.usedAtMs !== undefined, b.usedAtMs !== undefined];
  if (wasA !== wasB) return Number(wasA) - Number(wasB);
  return wasA ? b.sinceMs - a.sinceMs : a.sinceMs - b.sinceMs;
}

function isFor(publicPackage: Uint8Array, check: ReturnType<typeof leafCheckOf>): boolean {
  const read = readKeyPackage(publicPackage);
  return read.ok && check(read.value.credential, read.value.signatureKey);
}

/** What an accepted contact's device leaves of its own. Used ones and the oldest make room. */
export async function packagesTaken(
  context: Context,
  contact: ContactRecord,
  { credential: { account, device } }: Member,
  packages: readonly Uint8Array[],
): Promise<readonly Change[]> {
  if (contact.state !== "accepted" || account !== contact.key) return [];
  const check = leafCheckOf([contact.deviceList]);
  const own = packages.filter((bytes) => {
    const read = readKeyPackage(bytes);
    return read.ok && read.value.credential.device === device && isFor(bytes, check);
  });
  const sinceMs = context.clock.now();
  const fresh = own.map((publicPackage): KeyPackageRecord => {
    const key = keyOfPackage(publicPackage);
    return { key, account, device, publicPackage, privatePackage: undefined, sinceMs, usedAtMs: undefined };
  });
  const left = await packagesLeft(context);
  const here = left.filter((row) => row.account === account && row.device === device);
  const known = new Set(here.map(({ key }) => key));
  const news = fresh.filter(({ key }) => !known.has(key));
  if (news.length === 0) return [];
  const unused = here.filter(({ usedAtMs }) => usedAtMs === undefined).sort((a, b) => b.sinceMs - a.sinceMs);
  const kept = new Set(unused.slice(0, Math.max(0, maxKeyPackagesLeft - news.length)).map(({ key }) => key));
  return [
    ...here.flatMap(({ key }): Change[] => (kept.has(key) ? [] : [{ kind: "delete", table: "keyPackages", key }])),
    ...news.map((row): Change => ({ kind: "put", table: "keyPackages", row })),
  ];
}

export function keyOfPackage(publicPackage: Uint8Array): string {
  return toHex(sha256(publicPackage));
}
