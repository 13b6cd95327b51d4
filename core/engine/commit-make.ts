/**
 * A commit of a group from what is wanted of it (§13.2): asked of the group as it is now, made, judged as the others will, sealed,
 * and cut where it is large. Writes nothing.
 */

import { judge } from "../conversation/authority.ts";
import type { Act, ActEnd } from "../conversation/group-acts.ts";
import { type Since, stillWanted } from "../conversation/still-wanted.ts";
import { type MadeChange, makeChange } from "../group/change.ts";
import { type GroupView, isReadable, viewGroup } from "../group/state.ts";
import type { AccountId, ConversationId } from "../lang/brand.ts";
import { equalBytes } from "../lang/bytes.ts";
import { err, type Result } from "../lang/result.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupOfConversation } from "../ports/group-of-conversation.ts";
import type { ChangeRecord, GroupRecord, PendingCommit } from "../ports/group-records.ts";
import type { ProfileRecord } from "../ports/people-records.ts";
import type { Change } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { encodeCommitNote } from "../wire/commit-note.ts";
import type { Credential } from "../wire/credential.ts";
import { commitSlot } from "../wire/topic.ts";
import { changeEnded } from "./change-ended.ts";
import { type CommitPlan, planOf } from "./commit-plan.ts";
import { type Context, me } from "./context.ts";
import { secretOfEpoch } from "./epoch.ts";
import { sealedWhole } from "./parts.ts";
import { changeBetween } from "./receive-group.ts";
import { leafCheckOf, signedOf } from "./roster.ts";
import { type Sifted, sifted } from "./sifted.ts";

/** A group that this person is a member of, with its keys. */
export interface GroupNow {
  readonly profile: ProfileRecord;
  readonly conversation: ConversationRecord & { readonly group: GroupOfConversation };
  readonly group: GroupRecord;
  readonly topic: TopicRecord;
}

/** `undefined` also for who leaves: they make no commits any more. */
export async function groupNow(context: Context, id: ConversationId): Promise<GroupNow | undefined> {
  const conversation = await context.storage.get("conversations", id);
  if (conversation?.group?.standing.kind !== "member") return undefined;
  const group = await context.storage.get("groups", id);
  const topic = await context.storage.get("topics", conversation.topic);
  if (group === undefined || topic === undefined || !isReadable(group.state)) return undefined;
  const profile = await me(context);
  const own = conversation.group.people.find(({ account }) => account === profile.account);
  // What is said for the leaf as it is would not hold for another one (§13.5).
  if (own?.leaving !== undefined) return undefined;
  return { profile, conversation: { ...conversation, group: conversation.group }, group, topic };
}

/** `waits`: nothing is here to add anybody with. `ended`: it cannot come into force any more; the changes say so. */
export type MadeCommit =
  | { readonly kind: "made"; readonly pending: PendingCommit; readonly changes: readonly Change[] }
  | { readonly kind: "ended"; readonly changes: readonly Change[] }
  | { readonly kind: "waits" };

/** `wanted`: none for new keys of the own leaf. `slotless`: the slot of this epoch went to what all refuse; the order in the topic decides. */
export async function groupCommit(
  context: Context,
  now: GroupNow,
  wanted: ChangeRecord | undefined,
  slotless: boolean,
): Promise<MadeCommit> {
  const act = wanted?.act ?? ({ kind: "renew" } as const);
  const state = { ...now.conversation.group, me: now.profile.account };
  const turn = stillWanted(act, state, wanted === undefined ? [] : await sinceOf(context, now, wanted));
  if (turn.kind === "end") return endedWith(context, now, wanted, turn.why, turn.by);
  const attempt = (one: Act) => attempted(context, now, wanted, one, slotless);
  if (turn.act.kind === "add" && wanted !== undefined) {
    const { people } = turn.act;
    return ofThose(
      context,
      now,
      wanted,
      people,
      await sifted(people, (some) => attempt({ kind: "add", people: some })),
    );
  }
  const made = await attempt(turn.act);
  if (made.kind !== "cannot") return made;
  return endedWith(context, now, wanted, made.why, undefined);
}

/** Of several who are to be added: those who can be, and the others are told of and left out. */
function ofThose(
  context: Context,
  now: GroupNow,
  wanted: ChangeRecord,
  people: readonly AccountId[],
  { made, cannot, why }: Sifted<AccountId, Extract<MadeCommit, { readonly kind: "made" }>, ActEnd>,
): MadeCommit {
  if (why === undefined) return made ?? { kind: "waits" };
  const others = people.filter((account) => !cannot.includes(account));
  const left: readonly Change[] =
    others.length === 0
      ? []
      : [{ kind: "put", table: "changes", row: { ...wanted, act: { kind: "add", people: others } } }];
  const out = { ...wanted, act: { kind: "add", people: cannot } } as const;
  const told = [...changeEnded(context, now, out, why, undefined), ...left];
  return made === undefined ? { kind: "ended", changes: told } : { ...made, changes: [...made.changes, ...told] };
}

type Attempt =
  | Extract<MadeCommit, { readonly kind: "made" | "waits" }>
  | { readonly kind: "cannot"; readonly why: ActEnd };

async function attempted(
  context: Context,
  now: GroupNow,
  wanted: ChangeRecord | undefined,
  act: Act,
  slotless: boolean,
): Promise<Attempt> {
  const plan = await planOf(context, now, await viewGroup(now.group.state), act);
  if (plan === "waits") return { kind: "waits" };
  // Somebody else refused them, or they do not want to come any more.
  if (plan === "done") return { kind: "cannot", why: act.kind === "let-in" ? "gone" : "moot" };
  const made = await madeOf(now, plan);
  if (!made.ok) return { kind: "cannot", why: made.error };
  const sealed = sealedWhole(context, now.topic, "commit", made.value.commit);
  if (sealed === undefined) return { kind: "cannot", why: "not-allowed" };
  const secret = secretOfEpoch(now.group, now.group.epoch);
  if (secret === undefined) throw new Error("a group row without the secret of its epoch");
  const { clockMs, clockCount } = plan.note;
  const { next, commit, welcome } = made.value;
  return {
    kind: "made",
    pending: {
      state: next,
      ...sealed,
      slot: slotless ? undefined : commitSlot(secret, now.group.epoch),
      commit,
      change: wanted?.key,
      welcome: welcome && { bytes: welcome, people: plan.added },
    },
    changes: [
      { kind: "put", table: "conversations", row: { ...now.conversation, clockMs, clockCount } },
      ...plan.changes,
    ],
  };
}

/** `not-allowed`: a rule that this device knows and the order of events did not show, or more than fits; the others would refuse it. */
async function madeOf(
  { group, topic, conversation }: GroupNow,
  plan: CommitPlan,
): Promise<Result<MadeChange, "full" | "not-allowed">> {
  const note = encodeCommitNote(plan.note);
  if (!note.ok) return err("not-allowed");
  const context = { conversation: conversation.key, kind: "group", generation: 0, facts: plan.facts } as const;
  const changed = plan.facts !== conversation.group.facts;
  const { add, removeLeaves, card } = plan;
  const wish = { add, removeLeaves, note: note.value, ...(changed && { context }), ...(card && { card }) };
  // A leaf that is replaced is of a device that is in the group.
  const present = plan.note.healed === undefined ? undefined : await viewGroup(group.state);
  const check = leafCheckOf(await signedOf(plan.note.lists));
  const made = await makeChange(
    group.state,
    wish,
    (credential, signatureKey) =>
      check(credential, signatureKey) || (present !== undefined && isLeafOf(present, credential, signatureKey)),
  );
  if (!made.ok) return err(made.error === "too-large" ? "full" : "not-allowed");
  const change = changeBetween(await viewGroup(group.state), await viewGroup(made.value.next), note.value, plan.add);
  return judge(change, plan.note, topic.key).ok ? made : err("not-allowed");
}

function isLeafOf({ members }: GroupView, { account, device }: Credential, signatureKey: Uint8Array): boolean {
  return members.some(
    ({ credential, signatureKey: key }) =>
      credential.account === account && credential.device === device && equalBytes(key, signatureKey),
  );
}

/** What others did to the group since it was wanted, oldest first. */
async function sinceOf(
  context: Context,
  { conversation, profile }: GroupNow,
  { sinceMs }: ChangeRecord,
): Promise<Since> {
  const newest = await context.storage.ofConversation("messages", conversation.key, { limit: lookedBack });
  return newest.flatMap(({ author, body, receivedAtMs }) =>
    body.kind === "event" && author !== profile.account && receivedAtMs >= sinceMs
      ? [{ by: author, event: body.event }]
      : [],
  );
}

/** Messages: only for the sentence that says whose change came first. */
const lookedBack = 200;

function endedWith(
  context: Context,
  now: GroupNow,
  wanted: ChangeRecord | undefined,
  why: ActEnd,
  by: AccountId | undefined,
): MadeCommit {
  return { kind: "ended", changes: wanted === undefined ? [] : changeEnded(context, now, wanted, why, by) };
}
