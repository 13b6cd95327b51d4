/**
 * Who may learn this device's network addresses: accepted contacts, unless the person wants to be reached through the node
 * only, by that contact or by anybody (§7). Nobody else is linked with at all.
 */

import type { AccountId } from "../lang/brand.ts";
import { done, type Result } from "../lang/result.ts";
import type { LinkPrivacy } from "../ports/links.ts";
import { type Context, commit, me, withPerson } from "./context.ts";
import type { WriteFaultView } from "./face.ts";
import { profileBatch } from "./profile-row.ts";

export async function privacyTowards(context: Context, account: AccountId): Promise<LinkPrivacy> {
  const profile = await context.storage.get("profile", "me");
  const contact = await context.storage.get("contacts", account);
  return profile?.relayOnly === false && contact?.relayOnly === false ? "direct" : "relay-only";
}

/** `changed` is told when links have to follow. */
export async function setRelayOnly(
  context: Context,
  on: boolean,
  changed: () => void,
): Promise<Result<void, WriteFaultView>> {
  const written = await context.turns("profile", async () => {
    const profile = await me(context);
    if (profile.relayOnly === on) return done;
    return commit(context, profileBatch(profile, { relayOnly: on }));
  });
  if (written.ok) changed();
  return written;
}

export async function setContactRelayOnly(
  context: Context,
  account: AccountId,
  on: boolean,
  changed: () => void,
): Promise<Result<void, WriteFaultView>> {
  const written = await withPerson(context, account, async () => {
    const contact = await context.storage.get("contacts", account);
    if (contact === undefined || contact.relayOnly === on) return done;
    return commit(context, { changes: [{ kind: "put", table: "contacts", row: { ...contact, relayOnly: on } }] });
  });
  if (written.ok) changed();
  return written;
}
