/**
 * Who asks for a leaf of a group (§13.7): the others note it, to give it when it is their turn. Does not make the commit.
 */

import { peopleOf } from "../conversation/authority.ts";
import { markAt } from "../conversation/epoch-marks.ts";
import type { AskedLeaf } from "../conversation/group-acts.ts";
import { jobDelayMs } from "../conversation/job-rank.ts";
import { isFollowed } from "../conversation/leaf-giver.ts";
import { labels } from "../crypto/labels.ts";
import { verify } from "../crypto/signature.ts";
import { readKeyPackage } from "../group/key-package.ts";
import { type GroupView, isReadable, type Member, viewGroup } from "../group/state.ts";
import { newestList } from "../identity/leaf-trust.ts";
import type { AccountId, ConversationId, DeviceId } from "../lang/brand.ts";
import { equalBytes, idBytes, toHex } from "../lang/bytes.ts";
import type { ChangeRecord, GroupRecord } from "../ports/group-records.ts";
import type { Change } from "../ports/storage.ts";
import type { Credential } from "../wire/credential.ts";
import { readKeptDeviceList } from "../wire/device-list.ts";
import { healRequestMessage, type Payload } from "../wire/envelope.ts";
import type { EpochMark } from "../wire/epoch-marks.ts";
import type { KnownGroup } from "../wire/known-group.ts";
import { type Arrived, seenRow, type Taken, topicRow } from "./arrived.ts";
import type { Context } from "./context.ts";
import { untilDueMs } from "./group-heal.ts";
import { epochRunOf } from "./group-step.ts";
import { leafCheckOf, listKnownOf } from "./roster.ts";

/** Between two answers to one device. Lower: whoever asks without end has everybody seal anew without end. */
const answerPauseMs = 10_000;

/** What a member's request changes: it is noted, to be answered when it is this device's turn. One that is not true changes nothing. */
export async function groupRequestTaken(
  context: Context,
  arrived: Arrived,
  request: Extract<Payload, { kind: "heal-request" }>,
): Promise<Taken> {
  const nothing: Taken = { receipt: "unanswered", changes: [topicRow(arrived, undefined)] };
  const { conversation, group, hash } = arrived;
  if (conversation.group?.standing.kind !== "member" || group === undefined || !isReadable(group.state)) return nothing;
  const view = await viewGroup(group.state);
  const nowMs = context.clock.now();
  const asker = await askerOf(context, arrived, view, request);
  if (asker === undefined || !isOfPart(group, request.ofPart)) return nothing;
  if (request.afterEpoch !== undefined && view.epoch <= request.afterEpoch) {
    // It lacks nothing: what lies behind this it can take as well. Else all who are told of changes that nobody made would answer
    // each other.
    const isInOrder = arrived.arrival.via === "topic" && arrived.arrival.node === conversation.nodes[0];
    return isInOrder ? { ...nothing, changes: [...nothing.changes, seenRow(arrived, false, nowMs)] } : nothing;
  }
  if (!wouldBeFollowed(view, request.known)) return nothing;
  const { account, device, deviceList } = asker;
  const all = (await context.storage.all("changes")).filter((one) => one.conversation === conversation.key);
  const before = all.find(({ act }) => act.kind === "give-leaf" && act.device === device);
  const others = view.members.flatMap((one) => (one.credential.device === device ? [] : [one.credential.device]));
  const delayMs = jobDelayMs(idBytes(hash), view.own.credential.device, others);
  const noted = before?.act.kind === "give-leaf" ? before.act : undefined;
  // Who asks again does not push their turn away, nor bring it nearer.
  const soonestMs = nowMs + untilDueMs(noted?.notBeforeMs ?? nowMs, nowMs);
  const { keyPackage, signature } = request;
  const row: ChangeRecord = {
    key: before?.key ?? toHex(context.random.bytes(16)),
    conversation: conversation.key,
    act: {
      kind: "give-leaf",
      account,
      device,
      asked: { keyPackage, signature, deviceList },
      notBeforeMs: noted?.asked === undefined ? Math.max(nowMs + delayMs, soonestMs) : soonestMs,
    },
    place: before?.place ?? 1 + Math.max(0, ...all.map(({ place }) => place)),
    sinceMs: nowMs,
  };
  return {
    ...nothing,
    changes: [...nothing.changes, seenRow(arrived, false, nowMs), { kind: "put", table: "changes", row }],
  };
}

function wouldBeFollowed({ own, members, context }: GroupView, known: KnownGroup | undefined): boolean {
  const now = context.kind === "group" && { facts: context.facts, people: peopleOf(members) };
  return now && isFollowed(own.credential.account, known, now);
}

/** Whoever wants to come to a part of the group that this device is not in is not answered here. */
function isOfPart(group: GroupRecord, part: EpochMark | undefined): boolean {
  if (part === undefined) return true;
  const run = epochRunOf(group);
  const mark = run && markAt(run, part.epoch);
  return mark !== undefined && equalBytes(mark, part.mark);
}

interface Asker {
  readonly account: AccountId;
  readonly device: DeviceId;
  /** SignedDeviceList bytes: the newest there is, which names the device. */
  readonly deviceList: Uint8Array;
}

/** The member's device that asks for a leaf which it has not got yet; `undefined` where none does. */
export async function askerOf(
  context: Context,
  { topic }: Pick<Arrived, "topic">,
  { members, own, context: agreed }: GroupView,
  { keyPackage, deviceList, generation, signature }: Omit<Extract<Payload, { kind: "heal-request" }>, "kind" | "have">,
): Promise<Asker | undefined> {
  const read = readKeyPackage(keyPackage);
  if (!read.ok || generation !== 0) return undefined;
  const { credential, signatureKey } = read.value;
  const { account, device, listSequence } = credential;
  const leaf = members.find((one) => one.credential.device === device);
  if (leaf === undefined ? !isPersonOf(members, account) : !mayReplace(leaf, credential, signatureKey))
    return undefined;
  // It was carried out, or is this device's own.
  if (leaf && (leaf.leaf === own.leaf || isFor({ keyPackage }, leaf.encryptionKey))) return undefined;
  const list = newestList(await listKnownOf(context, account), deviceList);
  if (!list.ok || !leafCheckOf([list.value])(credential, signatureKey)) return undefined;
  if (readKeptDeviceList(list.value).sequence < listSequence) return undefined;
  const message = healRequestMessage({ conversation: agreed.conversation, topic: topic.key }, generation, keyPackage);
  return verify(labels.healRequest, message, signature, signatureKey)
    ? { account, device, deviceList: list.value }
    : undefined;
}

function isPersonOf(members: readonly Member[], account: AccountId): boolean {
  return members.some(({ credential }) => credential.account === account);
}

function mayReplace({ credential: old, signatureKey }: Member, fresh: Credential, freshKey: Uint8Array): boolean {
  return old.account === fresh.account && old.listSequence <= fresh.listSequence && equalBytes(signatureKey, freshKey);
}

/** A commit gave these devices leaves: who asked for them is not answered twice, and their next request waits a while. */
export async function leavesGiven(
  context: Context,
  id: ConversationId,
  given: ReadonlyMap<DeviceId, Uint8Array>,
): Promise<readonly Change[]> {
  if (given.size === 0) return [];
  const notBeforeMs = context.clock.now() + answerPauseMs;
  return (await context.storage.all("changes")).flatMap((row): readonly Change[] => {
    const { act } = row;
    if (row.conversation !== id || act.kind !== "give-leaf") return [];
    const encryptionKey = given.get(act.device);
    if (encryptionKey === undefined) return [];
    const asked = isFor(act.asked, encryptionKey) ? undefined : act.asked;
    return [{ kind: "put", table: "changes", row: { ...row, act: { ...act, asked, notBeforeMs } } }];
  });
}

/**
 * What others asked for before this device was there, or while its keys were damaged, was answered by those who were, which this
 * device cannot know: an old request would take the leaf away from a device that has one and uses it.
 */
export async function leavesForgotten(context: Context, id: ConversationId): Promise<readonly Change[]> {
  return (await context.storage.all("changes")).flatMap(({ key, conversation, act }): readonly Change[] =>
    conversation === id && act.kind === "give-leaf" ? [{ kind: "delete", table: "changes", key }] : [],
  );
}

export function isFor(
  asked: Pick<NonNullable<AskedLeaf>, "keyPackage"> | undefined,
  encryptionKey: Uint8Array,
): boolean {
  const read = asked && readKeyPackage(asked.keyPackage);
  return read?.ok === true && equalBytes(read.value.keyPackage.leafNode.hpkePublicKey, encryptionKey);
}
