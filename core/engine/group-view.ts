/** What the interface sees of a group (§13): members, rights, what waits. Reads only. */

import { permissions, writableAtMs } from "../conversation/group-rights.ts";
import { claimShown, waitedAtMs } from "../conversation/owner-claims.ts";
import { votersAre } from "../conversation/owner-gone.ts";
import { safetyNumber } from "../identity/safety-number.ts";
import type { AccountId, NodeUrl } from "../lang/brand.ts";
import type { ConversationRecord, SharedHistory } from "../ports/conversation-record.ts";
import type { GroupLinkRecord, JoinRequestRecord } from "../ports/group-link-records.ts";
import type { GroupOfConversation, GroupPerson } from "../ports/group-of-conversation.ts";
import type { ChangeRecord } from "../ports/group-records.ts";
import type { ContactRecord, ProfileRecord } from "../ports/people-records.ts";
import type { Reader } from "../ports/storage.ts";
import type { GroupFacts } from "../wire/group-facts.ts";
import { isOrdered } from "./change-ended.ts";
import type { NodeView } from "./face.ts";
import type { GroupChangeView, GroupMemberView, GroupRole, GroupView, OwnerGoneView } from "./group-face.ts";
import { mayAnswer } from "./group-link-shown.ts";
import { groupLinkView } from "./group-links.ts";
import { isOpen } from "./group-requests.ts";
import { disputedCount, sharedCounts } from "./history-claims.ts";
import { isStillShared } from "./history-take.ts";
import { presenceOf, type Surroundings } from "./person-view.ts";
import { presentPeople } from "./talking.ts";
import { lastSaidMs } from "./who-may-write.ts";

/** What is read off the disk for one look. */
export interface GroupRows {
  readonly conversation: ConversationRecord;
  readonly group: GroupOfConversation;
  readonly profile: ProfileRecord;
  readonly contacts: ReadonlyMap<AccountId, ContactRecord>;
  /** Oldest first. */
  readonly changes: readonly ChangeRecord[];
  /** Of whom there is something to add them with. */
  readonly addable: ReadonlySet<AccountId>;
  readonly writableAtMs: number | undefined;
  readonly requests: readonly JoinRequestRecord[];
  readonly links: readonly GroupLinkRecord[];
  readonly nowMs: number;
}

export async function groupRows(
  reader: Reader,
  conversation: ConversationRecord,
  profile: ProfileRecord,
  nowMs: number,
): Promise<GroupRows | undefined> {
  const { group, key } = conversation;
  if (group === undefined) return undefined;
  const wanted = (await reader.all("changes")).filter((change) => change.conversation === key);
  // The largest table there is, and hardly ever does a group wait for anybody.
  const stock = wanted.some(({ act }) => act.kind === "add") ? await reader.all("keyPackages") : [];
  const theirs = stock.filter(({ privatePackage }) => privatePackage === undefined);
  return {
    conversation,
    group,
    profile,
    contacts: new Map((await reader.all("contacts")).map((row) => [row.key, row])),
    changes: wanted.sort((a, b) => a.place - b.place),
    addable: new Set(theirs.map(({ account }) => account)),
    requests: (await reader.all("joinRequests")).filter((row) => row.conversation === key && isOpen(row)),
    links: (await reader.all("groupLinks")).filter(
      (row) => row.conversation === key && !row.withdrawn && row.expiresAtMs > nowMs,
    ),
    nowMs,
    writableAtMs: await slowedUntilMs(reader, conversation, group.facts, profile.account, nowMs),
  };
}

async function slowedUntilMs(
  reader: Reader,
  { key, clockMs }: ConversationRecord,
  facts: GroupFacts,
  account: AccountId,
  nowMs: number,
): Promise<number | undefined> {
  const lastMs = await lastSaidMs(reader, key, facts, account, Math.max(clockMs, nowMs));
  const untilMs = lastMs === undefined ? 0 : writableAtMs(facts, account, lastMs);
  return untilMs > nowMs ? untilMs : undefined;
}

export function groupViewOf(rows: GroupRows, now: Surroundings, nodes: readonly NodeView[]): GroupView {
  const { group, profile, conversation } = rows;
  const { facts, standing } = group;
  const { name, description, emoji, writers, slowModeS, history, joining } = facts;
  const here = presentPeople(group).map(({ account }) => account);
  const isMember = standing.kind === "member";
  const answers = (url: NodeUrl | undefined) => nodes.some(({ node, state }) => node === url && state === "connected");
  return {
    name,
    description,
    emoji,
    rules: { writers, slowModeS, history, joining },
    standing: isMember ? { kind: "member", role: roleOf(facts, profile.account) } : standing,
    members: group.people.map((person) => memberOf(rows, person, now)).sort(byRoleAndName),
    rights: permissions(facts, isMember ? here : [], profile.account),
    changes: rows.changes.flatMap((change) => changeOf(change, rows, answers)),
    requests: rows.requests
      .filter(({ account }) => !here.includes(account) && !isBeingLetIn(rows, account))
      .sort((a, b) => a.atMs - b.atMs)
      .map(({ account, name, atMs }) => ({ account, name, atMs })),
    invites: rows.links.map((link) => groupLinkView(link, rows.nowMs)).sort((a, b) => b.createdAtMs - a.createdAtMs),
    typing: (now.typing.get(conversation.key) ?? []).filter((account) => here.includes(account)),
    writableAtMs: rows.writableAtMs,
    history: conversation.shared && historyOf(conversation, conversation.shared, rows.nowMs),
    ownerGone: isMember ? ownerGoneOf(conversation, group, here, profile.account) : undefined,
  };
}

function ownerGoneOf(
  { sentNumber }: ConversationRecord,
  { facts, missed }: GroupOfConversation,
  here: readonly AccountId[],
  me: AccountId,
): OwnerGoneView | undefined {
  const shown = claimShown(missed, facts, here, me);
  if (shown === undefined) return undefined;
  const { claim, agreed, voters, needed } = shown;
  const { owner, next, by } = claim;
  // Whatever the owner said since has ended it with the others.
  if (owner === me && sentNumber > claim.sentNumber) return undefined;
  return {
    owner,
    next,
    by,
    agreed,
    needed,
    of: voters.length,
    voters: votersAre(facts),
    confirmed: claim.confirmations.map(({ account }) => account).filter((account) => agreed.includes(account)),
    mine: agreed.includes(me),
    untilMs: waitedAtMs(claim),
  };
}

function historyOf(conversation: ConversationRecord, shared: SharedHistory, nowMs: number): GroupView["history"] {
  const over = !isStillShared(conversation, nowMs);
  return { by: shared.by, ...sharedCounts(shared), over, disputed: disputedCount(shared) };
}

function roleOf(facts: GroupFacts, account: AccountId): GroupRole {
  return facts.roles.find((one) => one.account === account)?.role ?? "member";
}

function memberOf({ group, profile, contacts }: GroupRows, person: GroupPerson, now: Surroundings): GroupMemberView {
  const { account, devices, leaving } = person;
  const me = account === profile.account;
  const contact = contacts.get(account);
  return {
    account,
    name: me ? profile.name : (contact?.name ?? ""),
    knownAs: contact?.knownAs ?? "",
    me,
    role: roleOf(group.facts, account),
    standing: me ? "contact" : standingOf(contact),
    verified: contact?.verified ?? false,
    safetyNumber: me ? "" : safetyNumber(profile.account, account),
    devices: devices.length,
    presence: me ? { kind: "here" } : presenceOf(contact, now),
    leaving: leaving !== undefined,
  };
}

function standingOf(contact: ContactRecord | undefined): GroupMemberView["standing"] {
  if (contact?.state === "blocked") return "blocked";
  return contact?.state === "accepted" ? "contact" : "stranger";
}

const roleOrder: readonly GroupRole[] = ["owner", "admin", "member"];

function byRoleAndName(a: GroupMemberView, b: GroupMemberView): number {
  const roles = roleOrder.indexOf(a.role) - roleOrder.indexOf(b.role);
  return roles || (a.knownAs || a.name).localeCompare(b.knownAs || b.name) || (a.account < b.account ? -1 : 1);
}

/** What a device does by itself for others is nobody's order. */
function changeOf(
  { key: id, act, sinceMs }: ChangeRecord,
  { addable, requests, links, profile, conversation }: GroupRows,
  answers: (node: NodeUrl | undefined) => boolean,
): readonly GroupChangeView[] {
  if (!isOrdered(act)) return [];
  if (act.kind === "add" && !act.people.some((account) => addable.has(account))) {
    return [{ id, act, sinceMs, waits: "keys" }];
  }
  const link =
    act.kind === "let-in" &&
    links.find(({ key }) => requests.some((one) => one.link === key && one.account === act.account));
  if (link && !mayAnswer(link, profile.account)) return [{ id, act, sinceMs, waits: "link" }];
  if (act.kind === "move" && !answers(act.nodes[0])) return [{ id, act, sinceMs, waits: "new-node" }];
  return [{ id, act, sinceMs, waits: answers(conversation.nodes[0]) ? "deciding" : "node" }];
}

/** As this person said: it stands among what they changed. */
function isBeingLetIn({ changes }: GroupRows, account: AccountId): boolean {
  return changes.some(({ act }) => act.kind === "let-in" && act.account === account && isOrdered(act));
}
