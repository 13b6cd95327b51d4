// One group of a pretend engine: who is in it, what may be done in it, and what an act makes of it.
import type {
  AccountId,
  ChangeEndView,
  GroupAct,
  GroupChangeView,
  GroupEventView,
  GroupInviteView,
  GroupMemberView,
  GroupRights,
  GroupRole,
  GroupRules,
  GroupView,
  JoinRequestView,
  OwnerGoneView,
} from "@kith/core";

export interface PretendMember {
  readonly account: AccountId;
  role: GroupRole;
  leaving: boolean;
}

export interface PretendGroup {
  name: string;
  description: string;
  emoji: string;
  rules: GroupRules;
  /** This person stays in `members` where they left, till the others have taken it in. */
  ended: Exclude<GroupView["standing"], { kind: "member" }> | undefined;
  members: PretendMember[];
  changes: GroupChangeView[];
  requests: JoinRequestView[];
  invites: GroupInviteView[];
  muted: boolean;
  saidAtMs: number | undefined;
  /** Who types, in the order in which they began. */
  typing: readonly AccountId[];
  ownerGone: OwnerGoneView | undefined;
}

export const openRules: GroupRules = { writers: "everybody", slowModeS: 0, history: "none", joining: "approval" };

export function newGroup(name: string, emoji: string, members: PretendMember[]): PretendGroup {
  return {
    name,
    description: "",
    emoji,
    rules: openRules,
    ended: undefined,
    members,
    changes: [],
    requests: [],
    invites: [],
    muted: false,
    saidAtMs: undefined,
    typing: [],
    ownerGone: undefined,
  };
}

const rank: Readonly<Record<GroupRole, number>> = { owner: 3, admin: 2, member: 1 };

export const roleOf = (group: PretendGroup, account: AccountId): GroupRole | undefined =>
  group.members.find((member) => member.account === account)?.role;

/** Who decides about an owner who is gone: nobody alone. */
export function votersOf(group: PretendGroup): readonly AccountId[] {
  const admins = group.members.filter(({ role }) => role === "admin");
  const others = group.members.filter(({ role }) => role !== "owner");
  const voters = admins.length > 0 ? admins : others;
  if (others.length < group.members.length && voters.length < 2) return [];
  return voters.map(({ account }) => account);
}

export function rightsOf(group: PretendGroup, me: AccountId): GroupRights {
  const role = roleOf(group, me);
  const leads = role === "owner" || role === "admin";
  return {
    write: role !== undefined && (leads || group.rules.writers === "everybody"),
    add: leads,
    edit: leads,
    appoint: role === "owner",
    moderate: leads,
    replaceOwner: votersOf(group).includes(me),
    remove: group.members.filter((each) => role && rank[each.role] < rank[role]).map((each) => each.account),
    leave: role === "owner" && group.members.length > 1 ? "hand-over" : "free",
  };
}

/** Whether a message of `author` may be taken away for everybody by `me`. */
export function mayRemove(group: PretendGroup, me: AccountId, author: AccountId): boolean {
  const role = roleOf(group, me);
  const theirs = roleOf(group, author);
  if (role === undefined) return false;
  return me === author || (role !== "member" && (theirs === undefined || rank[theirs] < rank[role]));
}

/** Makes it so; answers with what the timeline tells of it, or nothing where it changes nothing. */
export function apply(group: PretendGroup, actor: AccountId, act: GroupAct): GroupEventView | undefined {
  const member = "account" in act ? group.members.find((each) => each.account === act.account) : undefined;
  switch (act.kind) {
    case "add":
      group.members.push(...act.people.map((account) => ({ account, role: "member" as const, leaving: false })));
      return { kind: "added", people: act.people };
    case "remove":
      if (!member) return undefined;
      group.members = group.members.filter((each) => each !== member);
      return { kind: "removed", people: [act.account] };
    case "role":
      if (!member) return undefined;
      member.role = act.role;
      return { kind: "role", account: act.account, role: act.role };
    case "hand-over": {
      const owner = group.members.find((each) => each.account === actor);
      if (!member || !owner) return undefined;
      owner.role = "admin";
      member.role = "owner";
      return { kind: "handed-over", account: act.account };
    }
    case "rename":
      group.name = act.name;
      return { kind: "renamed", name: act.name };
    case "describe":
      group.description = act.description;
      return { kind: "described" };
    case "picture":
      group.emoji = act.emoji;
      return { kind: "pictured", emoji: act.emoji };
    case "rules": {
      const before = group.rules;
      group.rules = act.rules;
      return { kind: "rules", before, after: act.rules };
    }
    case "move":
      return { kind: "moved", nodes: act.nodes };
  }
}

export function viewOf(group: PretendGroup, me: AccountId, member: (of: PretendMember) => GroupMemberView): GroupView {
  const role = roleOf(group, me);
  const waitsUntilMs = (group.saidAtMs ?? 0) + group.rules.slowModeS * 1_000;
  const slowed = role === "member" && group.rules.slowModeS > 0 && group.saidAtMs !== undefined;
  return {
    name: group.name,
    description: group.description,
    emoji: group.emoji,
    rules: group.rules,
    standing: group.ended ?? { kind: "member", role: role ?? "member" },
    members: group.members.map(member).sort((a, b) => rank[b.role] - rank[a.role] || a.name.localeCompare(b.name)),
    rights: group.ended ? noRights : rightsOf(group, me),
    changes: group.changes,
    requests: group.requests,
    invites: group.invites,
    typing: group.typing,
    writableAtMs: slowed ? waitsUntilMs : undefined,
    history: undefined,
    ownerGone: group.ended ? undefined : group.ownerGone,
  };
}

const noRights: GroupRights = {
  write: false,
  add: false,
  edit: false,
  appoint: false,
  moderate: false,
  replaceOwner: false,
  remove: [],
  leave: "free",
};

export const endOf = (
  act: ChangeEndView["act"],
  why: ChangeEndView["why"],
  by: AccountId | undefined,
): ChangeEndView => ({
  act,
  why,
  by,
});
