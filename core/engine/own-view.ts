/** What a person sees of their own: who they are here, and the invites they made. Reads only. */

import type { Live } from "../lang/live.ts";
import type { InviteRecord } from "../ports/people-records.ts";
import type { Context } from "./context.ts";
import type { InviteView, ProfileView } from "./face.ts";

export function profileView(context: Context): Live<ProfileView> {
  return context.storage.live(async (reader): Promise<ProfileView> => {
    const profile = await reader.get("profile", "me");
    if (profile === undefined) return { kind: "none" };
    const { account, device, name, nodes, receipts, relayOnly } = profile;
    return { kind: "person", account, device, name, nodes, receipts, relayOnly };
  });
}

export function invitesView(context: Context): Live<readonly InviteView[]> {
  return context.storage.live(async (reader) => {
    const names = new Map((await reader.all("contacts")).map((row) => [row.key, row.name]));
    const nowMs = context.clock.now();
    return (await reader.all("invites"))
      .filter((row) => !row.withdrawn)
      .map((row) => inviteOf(row, nowMs, row.usedBy && names.get(row.usedBy)))
      .sort((a, b) => b.createdAtMs - a.createdAtMs);
  });
}

export function inviteOf(row: InviteRecord, nowMs: number, usedBy?: string): InviteView {
  const { key: id, link, createdAtMs, expiresAtMs } = row;
  const used = row.usedBy !== undefined || (row.keyPackage === undefined && row.expiresAtMs > nowMs);
  const fresh = row.published ? "ready" : "preparing";
  const state = used ? "used" : expiresAtMs <= nowMs ? "expired" : fresh;
  return { id, link, createdAtMs, expiresAtMs, state, usedBy };
}
