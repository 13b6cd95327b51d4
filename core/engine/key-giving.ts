/**
 * Leaving key packages of this device with contacts (§13.6): said quietly between two people, so that each can add the other
 * to a group while they are away. One that was used is replaced; its private half stays for a while, for whoever had no other.
 */

import type { AccountId, ConversationId } from "../lang/brand.ts";
import type { KeyPackageRecord } from "../ports/people-records.ts";
import type { Change } from "../ports/storage.ts";
import { type Context, commit, me } from "./context.ts";
import { speakingIn } from "./epoch.ts";
import { keyOfPackage } from "./key-stock.ts";
import { ownKeyPackage } from "./own-leaf.ts";
import { quietBatch } from "./send.ts";

/** Two for two groups in one absence. */
const leftWithEach = 2;
/** A Welcome that was made with it before its maker heard of new ones is under way for as long as nodes keep things. */
const keptOnceUsedMs = 30 * 24 * 3_600_000;

export interface KeyGiving {
  /** Leaves what is missing with the other one of a direct conversation. Cheap where nothing is. */
  look(id: ConversationId): Promise<void>;
  /** One that was left there was used. */
  used(id: ConversationId): Promise<void>;
  /** Forgets those of who is no contact any more. */
  sweep(): Promise<void>;
}

export function createKeyGiving(context: Context, kick: (id: ConversationId) => void): KeyGiving {
  /** Nothing is missing there. */
  const stocked = new Set<ConversationId>();

  async function look(id: ConversationId): Promise<void> {
    if (stocked.has(id)) return;
    const outcome = await context.turns(id, () => give(context, id));
    if (outcome === "stocked" || outcome === "given") stocked.add(id);
    if (outcome === "given") kick(id);
  }

  return {
    look,
    async used(id) {
      stocked.delete(id);
      await look(id);
    },
    async sweep() {
      for (const { key, account } of await context.storage.all("keyPackages")) {
        const contact = await context.storage.get("contacts", account);
        if (contact?.state === "accepted") continue;
        await commit(context, { changes: [{ kind: "delete", table: "keyPackages", key }] });
      }
    },
  };
}

/** Of this device, with the contact; used ones for as long as their private halves are kept. */
export async function packagesLeftWith(context: Context, contact: AccountId): Promise<readonly KeyPackageRecord[]> {
  const all = await context.storage.all("keyPackages");
  return all.filter(({ account, privatePackage }) => account === contact && privatePackage !== undefined);
}

/** `later`: nobody there who could take them. Call within the conversation's turn. */
async function give(context: Context, id: ConversationId): Promise<"stocked" | "given" | "later"> {
  const speaking = await speakingIn(context, id);
  const contact = speaking && (await context.storage.get("contacts", speaking.conversation.contact));
  // Before they said anything they may not have accepted yet, and take nothing from strangers.
  if (contact?.answered !== true) return "later";
  const nowMs = context.clock.now();
  const left = await packagesLeftWith(context, contact.key);
  const missing = leftWithEach - left.filter(({ usedAtMs }) => usedAtMs === undefined).length;
  if (missing <= 0) return "stocked";
  const profile = await me(context);
  const rows: KeyPackageRecord[] = [];
  for (let n = 0; n < missing; n++) {
    const pair = await ownKeyPackage(profile);
    const key = keyOfPackage(pair.publicPackage);
    rows.push({ key, account: contact.key, device: profile.device, ...pair, sinceMs: nowMs, usedAtMs: undefined });
  }
  const packages = rows.map(({ publicPackage }) => publicPackage);
  const spent = left.filter(({ usedAtMs }) => usedAtMs !== undefined && nowMs - usedAtMs > keptOnceUsedMs);
  const batch = await quietBatch(context, id, { kind: "key-packages", packages }, () => [
    ...rows.map((row): Change => ({ kind: "put", table: "keyPackages", row })),
    ...spent.map(({ key }): Change => ({ kind: "delete", table: "keyPackages", key })),
  ]);
  if (batch === undefined) return "later";
  return (await commit(context, batch)).ok ? "given" : "later";
}
