/** What a person decides about others whom they know from groups: a name of their own for them, and not to see their words. */

import type { AccountId } from "../lang/brand.ts";
import { done, err, ok, type Result } from "../lang/result.ts";
import type { ContactRecord, ContactState } from "../ports/people-records.ts";
import type { Reader } from "../ports/storage.ts";
import { checkName } from "../wire/content.ts";
import { type Context, commit, withPerson } from "./context.ts";
import type { WriteFaultView } from "./face.ts";
import type { GroupMessenger } from "./group-face.ts";

/** Everybody who is or was in a group of this person, and this person: for the names in a timeline. */
export function namesView(context: Context): ReturnType<GroupMessenger["names"]> {
  return context.storage.live(async (reader) => {
    const profile = await reader.get("profile", "me");
    const own = profile === undefined ? [] : ([[profile.account, { name: profile.name, knownAs: "" }]] as const);
    const others = (await reader.all("contacts")).map(({ key, name, knownAs }) => [key, { name, knownAs }] as const);
    // Who was gone before this person came is known from shared history alone.
    const gone = (await reader.all("conversations")).flatMap(({ shared }) =>
      (Object.entries(shared?.names ?? {}) as [AccountId, string][]).map(
        ([account, name]) => [account, { name, knownAs: "" }] as const,
      ),
    );
    return new Map([...gone, ...others, ...own]);
  });
}

/** "" takes it back. */
export async function setKnownAs(
  context: Context,
  account: AccountId,
  raw: string,
): Promise<Result<void, WriteFaultView | "too-long">> {
  const name = raw.trim() === "" ? ok("") : checkName(raw);
  if (!name.ok) return err("too-long");
  return changed(context, account, (contact) => ({ ...contact, knownAs: name.value }));
}

/** Nothing is said to whoever is blocked, nor taken from them but in groups, where it is hidden. */
export function setBlocked(context: Context, account: AccountId, on: boolean): Promise<Result<void, WriteFaultView>> {
  return changed(context, account, async (contact) => {
    const { state, before, ...rest } = contact;
    if (on) return state === "blocked" ? contact : { ...rest, state: "blocked", before: state };
    return state === "blocked" ? { ...rest, state: await unblocked(context.storage, account, before) } : contact;
  });
}

/** With a conversation that was not forgotten when they were blocked they are what they were. */
async function unblocked(
  reader: Reader,
  account: AccountId,
  before: ContactRecord["before"] = "accepted",
): Promise<ContactState> {
  const direct = (await reader.all("conversations")).some(({ contact }) => contact === account);
  return direct ? before : "stranger";
}

type Edit = (contact: ContactRecord) => ContactRecord | Promise<ContactRecord>;

function changed(context: Context, account: AccountId, edit: Edit): Promise<Result<void, WriteFaultView>> {
  return withPerson(context, account, async () => {
    const contact = await context.storage.get("contacts", account);
    if (contact === undefined) return done;
    return commit(context, { changes: [{ kind: "put", table: "contacts", row: await edit(contact) }] });
  });
}
