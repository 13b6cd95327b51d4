// Who is who in the groups of a pretend engine: contacts, people known from groups only, own names, and who is blocked.
import type { AccountId, ContactStanding, GroupMemberView, PresenceView } from "@kith/core";
import type { PretendMember } from "./pretend-group-state.ts";

export interface PretendContact {
  readonly account: AccountId;
  readonly name: string;
  readonly standing: ContactStanding;
  readonly verified: boolean;
  readonly presence: PresenceView;
}

export interface PeopleHost {
  readonly me: AccountId;
  readonly myName: () => string;
  readonly contacts: () => readonly PretendContact[];
  readonly safetyNumber: (account: AccountId) => string;
}

export function pretendPeople({ me, myName, contacts, safetyNumber }: PeopleHost) {
  const strangers = new Map<AccountId, { readonly name: string; verified: boolean }>();
  const knownAs = new Map<AccountId, string>();
  const blocked = new Set<AccountId>();

  const contactOf = (account: AccountId) => contacts().find((each) => each.account === account);
  const nameOf = (account: AccountId): string =>
    account === me ? myName() : (contactOf(account)?.name ?? strangers.get(account)?.name ?? "");

  return {
    contactOf,
    nameOf,
    meet: (account: AccountId, name: string): void => void strangers.set(account, { name, verified: false }),
    call: (account: AccountId, name: string): void => void knownAs.set(account, name),
    block: (account: AccountId, on: boolean): void => void (on ? blocked.add(account) : blocked.delete(account)),
    isBlocked: (account: AccountId): boolean => blocked.has(account),
    verify(account: AccountId, verified: boolean): void {
      const stranger = strangers.get(account);
      if (stranger) stranger.verified = verified;
    },
    /** What somebody is called in front of their words. */
    called: (account: AccountId): string => knownAs.get(account) || nameOf(account),
    names(): ReadonlyMap<AccountId, { readonly name: string; readonly knownAs: string }> {
      const accounts = [me, ...contacts().map((each) => each.account), ...strangers.keys()];
      return new Map(accounts.map((each) => [each, { name: nameOf(each), knownAs: knownAs.get(each) ?? "" }]));
    },
    member({ account, role, leaving }: PretendMember): GroupMemberView {
      const contact = contactOf(account);
      return {
        account,
        name: nameOf(account),
        knownAs: knownAs.get(account) ?? "",
        me: account === me,
        role,
        standing: blocked.has(account) ? "blocked" : contact || account === me ? "contact" : "stranger",
        verified: contact?.verified ?? strangers.get(account)?.verified ?? false,
        safetyNumber: account === me ? "" : safetyNumber(account),
        devices: 1,
        presence: contact?.presence ?? { kind: "unknown" },
        leaving,
      };
    },
  };
}
