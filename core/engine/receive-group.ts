/**
 * Taking in an MLS message of a group (§13.2, §13.3): content, commits of others, which every device judges by the same rule,
 * and the own commit that the topic gives back. Answers what is to be written; writes nothing.
 */

import { type CommitFault, judge } from "../conversation/authority.ts";
import { sha256 } from "../crypto/hash.ts";
import { headerOf, withLiveKeys } from "../group/messages.ts";
import { type Change as GroupChange, type OpenedInGroup, openInGroup } from "../group/open-in-group.ts";
import { type GroupView, type Member, viewGroup } from "../group/state.ts";
import type { LeafCheck } from "../group/suite.ts";
import { equalBytes, noBytes, toHex } from "../lang/bytes.ts";
import { assertNever, err, ok, type Result } from "../lang/result.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupOfConversation } from "../ports/group-of-conversation.ts";
import type { GroupRecord } from "../ports/group-records.ts";
import type { Change } from "../ports/storage.ts";
import { decodeCommitNote } from "../wire/commit-note.ts";
import { type Arrived, refusal, seenRow, type Taken } from "./arrived.ts";
import { type InForce, inForceChanges } from "./commit-in-force.ts";
import { type Context, me } from "./context.ts";
import { commitCopies } from "./copy-commit.ts";
import { aboutLeaf } from "./group-heal.ts";
import { goneChanges } from "./group-over.ts";
import { unchanged } from "./group-step.ts";
import { isFor, leavesForgotten } from "./leaf-asked.ts";
import { goOnWithout, ledAway } from "./led-away.ts";
import { ownMark } from "./outbox-row.ts";
import { sealedWhole } from "./parts.ts";
import { incomplete, takenIn, withPlace } from "./places.ts";
import { ahead, noted, takeContent } from "./receive-mls.ts";
import { leafCheckOf, signedOf } from "./roster.ts";
import { welcomeChanges } from "./welcome.ts";

/** What has arrived in a group that this person is a member of. */
export type InGroup = Arrived & {
  readonly group: GroupRecord;
  readonly conversation: ConversationRecord & { readonly group: GroupOfConversation };
};

/** `undefined`: not in a group, or without its keys. */
export function asInGroup(arrived: Arrived): InGroup | undefined {
  const { conversation, group } = arrived;
  if (conversation.group === undefined || group === undefined) return undefined;
  return { ...arrived, group, conversation: { ...conversation, group: conversation.group } };
}

/** `message`: MLSMessage bytes, put together where they came in parts. */
export async function takeInGroup(context: Context, arrived: InGroup, message: Uint8Array): Promise<Taken> {
  const { pending } = arrived.group;
  // In another envelope than this device left: whoever put it there chose the same place for it.
  const isOwn = pending?.commit !== undefined && equalBytes(pending.commit, message);
  if (isOwn) return arrived.arrival.via === "topic" ? ownChangeTaken(context, arrived) : ahead;
  const opened = await openInGroup(arrived.group.state, message, checkWith);
  if (!opened.ok) {
    switch (opened.error) {
      case "later-epoch":
        return ahead;
      // Another one was first: that is how the order is decided. And what was said before this device was there.
      case "past-commit":
        return pastCommit(context, arrived, message);
      case "other-group":
        return noted(context, arrived, undefined);
      case "damaged-state":
        return noted(context, arrived, "lost");
      // Made by this device, which does not know of it: the profile is an earlier copy of itself. One that waits for its place
      // anybody can have seen, and shown again.
      case "own-commit":
        return noted(context, arrived, "rolled-back", pending && (await me(context)).account);
      case "unopenable":
        return unopenable(context, arrived, message);
      default:
        return assertNever(opened.error);
    }
  }
  switch (opened.value.kind) {
    case "content":
      return takeContent(context, arrived, opened.value);
    case "change":
    case "removed":
      return takeChange(context, arrived, opened.value, message);
    default:
      return assertNever(opened.value);
  }
}

/** Leaves that a commit adds: of devices that the lists in its note name. They are signed by the accounts they are of. */
async function checkWith(noteBytes: Uint8Array): Promise<LeafCheck> {
  const note = decodeCommitNote(noteBytes);
  return leafCheckOf(note.ok ? await signedOf(note.value.lists) : []);
}

/**
 * A commit that MLS refuses is as if it were not there, for all alike. Of what was said before this device joined it has no keys.
 * Who says something over a link with keys that are over has not read the topic, or is in another part of the group: refused, it
 * would be sealed with the same keys, and refused for good; not answered, it is sealed anew once they have others. Who has the
 * same keys reads the refusal in the topic. In a group that is known to be in two parts it is not said where keys of that epoch
 * are here: the other part could not open it, and would refuse it in turn without end.
 */
function unopenable(context: Context, arrived: InGroup, message: Uint8Array): Taken {
  const { group, arrival, conversation } = arrived;
  const header = headerOf(message);
  if (header === undefined) return refusal(arrived);
  const isBefore = header.epoch < group.joinedEpoch;
  if (isBefore && goOnWithout(arrived, header, context.clock.now())) return notedLedAway(context, arrived);
  if (!isBefore && header.epoch <= group.epoch) context.doubted(group.key);
  const isOfNow = header.kind === "commit" && header.epoch === group.epoch;
  if (isOfNow) return noted(context, lackingChanges(arrived), undefined);
  const isOfPart = conversation.split !== undefined && group.epochSecrets.some(({ epoch }) => epoch === header.epoch);
  return isBefore || arrival.via === "link" || header.kind === "commit" || isOfPart
    ? noted(context, arrived, undefined)
    : refusal(arrived);
}

/** Others may have taken a change that this device cannot. */
function lackingChanges(arrived: InGroup): InGroup {
  const { arrival, topic } = arrived;
  return arrival.via === "topic" ? { ...arrived, topic: withPlace(topic, arrival.node, incomplete) } : arrived;
}

function notedLedAway(context: Context, arrived: InGroup): Taken {
  const taken = noted(context, arrived, undefined);
  const row = ledAway(arrived.conversation, context.clock.now());
  return { ...taken, changes: [...taken.changes, { kind: "put", table: "conversations", row }] };
}

/** Up to the commit by which this device came, others were asked. */
async function pastCommit(context: Context, arrived: InGroup, message: Uint8Array): Promise<Taken> {
  const header = headerOf(message);
  if (header && goOnWithout(arrived, header, context.clock.now())) return notedLedAway(context, arrived);
  const taken = noted(context, arrived, undefined);
  if (header?.epoch !== arrived.group.joinedEpoch - 1) return taken;
  return { ...taken, changes: [...taken.changes, ...(await leavesForgotten(context, arrived.group.key))] };
}

async function takeChange(
  context: Context,
  arrived: InGroup,
  opened: Exclude<OpenedInGroup, { readonly kind: "content" }>,
  message: Uint8Array,
): Promise<Taken> {
  const { conversation, group, topic, arrival } = arrived;
  // Only the order at the first node decides, and a copy may be of one that lost (§13.3).
  if (arrival.via !== "topic" || arrival.node !== conversation.nodes[0]) return ahead;
  const judged = judgedChange(opened.change, topic.key);
  if (!judged.ok) {
    context.log.event("a change of a group was refused");
    return noted(context, arrived, undefined);
  }
  const nowMs = context.clock.now();
  if (opened.kind === "removed") {
    // The own leaf is replaced because this device asked for it: the Welcome comes behind. Where it does not ask any more, an
    // old request of its was used, to whose Welcome it has no key: it asks again.
    const own = (await viewGroup(group.state)).own.credential.device;
    const stays = opened.change.after.members.some(({ credential }) => credential.device === own);
    if (stays) return noted(context, lackingChanges(arrived), "behind");
    return { receipt: "taken", changes: await goneChanges(context, arrived, judged.value), expect: unchanged(group) };
  }
  const commit: InForce = { ...judged.value, next: opened.next, message, own: false };
  const read = arrival.via === "topic" ? takenIn(topic, arrival.node, arrival.sequence) : topic;
  const changes = await inForceChanges(context, { conversation, group, topic: read }, commit);
  const seen = seenRow(arrived, false, nowMs);
  return { receipt: "taken", changes: [...changes, seen], expect: unchanged(group) };
}

type Judged = Pick<InForce, "change" | "note">;

function judgedChange(change: GroupChange, topic: Arrived["topic"]["key"]): Result<Judged, CommitFault | "malformed"> {
  const note = decodeCommitNote(change.note);
  if (!note.ok) return err("malformed");
  const allowed = judge(change, note.value, topic);
  return allowed.ok ? ok({ change, note: note.value }) : allowed;
}

/** The own commit, which its place in the topic has put in force. */
export async function ownChangeTaken(context: Context, arrived: InGroup): Promise<Taken> {
  const { conversation, group, topic, arrival, hash } = arrived;
  const { pending } = group;
  if (pending?.commit === undefined || arrival.via !== "topic") throw new Error("no own commit waits here");
  if (arrival.node !== conversation.nodes[0]) return ahead;
  const header = headerOf(pending.commit);
  const note = header && decodeCommitNote(header.authenticatedData);
  if (header === undefined || !note?.ok) throw new Error("an own commit cannot be read back");
  const next = withLiveKeys(pending.state, group.state);
  const change = changeBetween(await viewGroup(group.state), await viewGroup(next), header.authenticatedData);
  const commit: InForce = { change, note: note.value, next, message: pending.commit, own: true };
  const read = takenIn(topic, arrival.node, arrival.sequence);
  const changes = await inForceChanges(context, { conversation, group, topic: read }, commit);
  return {
    receipt: "taken",
    changes: [
      ...changes,
      ownMark(context, hash, group.key),
      ...(await carriedOut(context, pending.change, change)),
      ...(pending.welcome?.people.length === 0
        ? welcomeBack(context, arrived, pending.welcome.bytes)
        : await welcomeChanges(context, pending.welcome, note.value.link)),
      // Who is removed is to find the others nowhere.
      ...(change.removed.length === 0
        ? await commitCopies(context, rowOf(changes), group, hash, conversation.nodes)
        : []),
    ],
    expect: unchanged(group),
  };
}

/** What was wanted is done; of an addition, those are left whom it could not add yet. */
async function carriedOut(
  context: Context,
  key: string | undefined,
  { after }: GroupChange,
): Promise<readonly Change[]> {
  const wanted = key === undefined ? undefined : await context.storage.get("changes", key);
  // A leaf that was given stays noted for a while.
  if (wanted === undefined || wanted.act.kind === "give-leaf") return [];
  const here = new Set(after.members.map(({ credential }) => credential.account));
  const left = wanted.act.kind === "add" ? wanted.act.people.filter((account) => !here.has(account)) : [];
  if (left.length === 0) return [{ kind: "delete", table: "changes", key: wanted.key }];
  return [{ kind: "put", table: "changes", row: { ...wanted, act: { kind: "add", people: left } } }];
}

/** Whom the Welcome is for reads it where they asked. */
function welcomeBack(context: Context, { conversation, topic }: InGroup, welcome: Uint8Array) {
  const sealed = sealedWhole(context, topic, "welcome", welcome);
  return sealed ? aboutLeaf(context, conversation, topic, [...sealed.parts, sealed.envelope]) : [];
}

function rowOf(changes: readonly Change[]): ConversationRecord | undefined {
  const rows = changes.flatMap((one) => (one.kind === "put" && one.table === "conversations" ? [one.row] : []));
  return rows.at(-1);
}

/**
 * What an own commit does, read off the states before and after it: its maker cannot open it. `packages`: of new leaves; only
 * the proof of a healed one needs them.
 */
export function changeBetween(
  was: GroupView,
  is: GroupView,
  note: Uint8Array,
  packages: readonly Uint8Array[] = [],
): GroupChange {
  const hashOf = ({ encryptionKey }: Member) => {
    const bytes = packages.find((one) => isFor({ keyPackage: one }, encryptionKey));
    return bytes === undefined ? noBytes : sha256(bytes);
  };
  const keysOf = (members: readonly Member[]) => new Set(members.map(({ encryptionKey }) => toHex(encryptionKey)));
  const had = keysOf(was.members);
  const has = keysOf(is.members);
  const isOwn = ({ leaf }: Member) => leaf === was.own.leaf;
  const added = is.members.filter((one) => !isOwn(one) && !had.has(toHex(one.encryptionKey)));
  return {
    by: was.own,
    note,
    added: added.map((one) => ({ ...one, packageHash: hashOf(one) })),
    removed: was.members.filter((one) => !isOwn(one) && !has.has(toHex(one.encryptionKey))),
    before: was,
    after: is,
  };
}
