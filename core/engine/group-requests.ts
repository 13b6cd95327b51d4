/** Who asks to be let into a group by a link (§13.9): checked, shown to every admin, and answered by one. */

import type { Act } from "../conversation/group-acts.ts";
import { rankOf, ranks } from "../conversation/group-rights.ts";
import { labels } from "../crypto/labels.ts";
import { publicKeyOf, verify } from "../crypto/signature.ts";
import { readKeyPackage } from "../group/key-package.ts";
import { succeedList } from "../identity/leaf-trust.ts";
import type { AccountId, ConversationId, InviteId, TopicId } from "../lang/brand.ts";
import { idBytes, noBytes, toHex } from "../lang/bytes.ts";
import { err, type Result } from "../lang/result.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupLinkRecord, JoinRequestRecord } from "../ports/group-link-records.ts";
import type { TopicEntry } from "../ports/node.ts";
import type { Change } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { openEnvelope, type Payload } from "../wire/envelope.ts";
import { type GroupBundle, type JoinRequest, joinRequestId, joinRequestMessage } from "../wire/group-payload.ts";
import { isLinkAnswerOf, type LinkAnswer, signLinkAnswer } from "../wire/link-answer.ts";
import { envelopeKeyOf, inviteTopicSecret } from "../wire/topic.ts";
import { wantedOf } from "./commits.ts";
import { type Context, commit, me } from "./context.ts";
import type { GroupFault } from "./group-face.ts";
import { joinedWith, liveLinks, putLink, sealedIn, withdrawnChanges } from "./group-link-rows.ts";
import { mayAnswer, shownIn } from "./group-link-shown.ts";
import { changeRow } from "./group-order.ts";
import { sealedWhole } from "./parts.ts";
import { takenIn } from "./places.ts";
import { leafCheckOf, listKnownOf } from "./roster.ts";

/** Waiting for an admin at a time, of one link; whoever has it can ask under any number of names. */
const maxRequests = 100;
/** Persons who ask or asked with one link. None is forgotten while it is there: what was refused could be left there once more. */
const maxAskers = 500;
/** Of one person with one link. Who was refused as often is not shown to anybody again. */
const maxAsked = 8;

/** `undefined`: not of a link to a group. `false`: could not be kept. */
export async function takeRequestEntry(
  context: Context,
  topic: TopicRecord,
  invite: InviteId,
  entry: TopicEntry,
  look: (id: ConversationId) => void,
): Promise<boolean | undefined> {
  const link = await context.storage.get("groupLinks", topic.key);
  if (link?.id !== invite) return undefined;
  let told = false;
  const written = await context.turns(link.conversation, async () => {
    const now = await context.storage.get("topics", topic.key);
    const row = await context.storage.get("groupLinks", topic.key);
    if (now === undefined || row === undefined || row.withdrawn) return true;
    const moved: Change = { kind: "put", table: "topics", row: takenIn(now, link.node, entry.sequence) };
    const payload = openEnvelope(envelopeKeyOf(topic.secret), topic.key, entry.envelope);
    const changes = payload.ok ? await taken(context, row, payload.value) : [];
    told = changes.length > 0;
    return (await commit(context, { changes: [moved, ...changes] })).ok;
  });
  // Whoever has the link can leave much there that says nothing.
  if (told) look(link.conversation);
  return written;
}

async function taken(context: Context, link: GroupLinkRecord, payload: Payload): Promise<readonly Change[]> {
  if (payload.kind === "group-join-request") return requestTaken(context, link, payload);
  if (payload.kind === "group-invite-bundle") return shownTaken(context, link, payload);
  return payload.kind === "group-link-answer" ? answerTaken(context, link, payload) : [];
}

/** Who may answer from now on. */
async function shownTaken(context: Context, link: GroupLinkRecord, bundle: GroupBundle): Promise<readonly Change[]> {
  const next = shownIn(link.key, link.by, bundle, await listKnownOf(context, link.by), link.shown);
  return next === undefined ? [] : [putLink({ ...link, shown: next.row })];
}

async function requestTaken(context: Context, link: GroupLinkRecord, request: JoinRequest): Promise<readonly Change[]> {
  const conversation = await context.storage.get("conversations", link.conversation);
  const nowMs = context.clock.now();
  if (conversation?.group?.standing.kind !== "member") return [];
  const { facts, people } = conversation.group;
  const profile = await me(context);
  if (link.expiresAtMs <= nowMs || link.joined.length >= link.budget) return [];
  if (rankOf(facts, profile.account) < ranks.admin) return [];
  const here = (await context.storage.all("joinRequests")).filter((row) => row.link === link.key);
  // Before its signatures are looked at: whoever has the link can leave any number of them there.
  if (here.filter(isOpen).length >= maxRequests) return [];
  const account = await whoAsks(context, link.key, request);
  if (account === undefined || people.some((one) => one.account === account)) return [];
  // Once with one link: what somebody left there before cannot bring them back.
  if (link.joined.includes(account)) return [];
  const known = here.find((row) => row.account === account);
  if (known === undefined && here.length >= maxAskers) return [];
  const id = toHex(joinRequestId(link.key, request));
  if (known?.request === id || known?.over.includes(id)) return [];
  if ((known?.over.length ?? 0) >= maxAsked) return [];
  const { name, deviceList, keyPackages } = request;
  const row: JoinRequestRecord = {
    key: `${link.key} ${account}`,
    conversation: conversation.key,
    link: link.key,
    account,
    name,
    deviceList,
    keyPackages,
    atMs: nowMs,
    request: id,
    over: known === undefined ? [] : overWith(known),
  };
  return [{ kind: "put", table: "joinRequests", row }];
}

export function isOpen({ request }: JoinRequestRecord): boolean {
  return request !== "";
}

function overWith({ request, over }: JoinRequestRecord): readonly string[] {
  return request === "" ? over : [...over, request];
}

/** It is not asked any more, and not again by who leaves the same request there once more. */
function requestOver(row: JoinRequestRecord): Change {
  const closed = { ...row, request: "", over: overWith(row), name: "", deviceList: noBytes, keyPackages: [] };
  return { kind: "put", table: "joinRequests", row: closed };
}

/** Of another admin's device, or of who asked. */
async function answerTaken(context: Context, link: GroupLinkRecord, answer: LinkAnswer): Promise<readonly Change[]> {
  const isOfAdmins = isLinkAnswerOf(answer, link.key, publicKeyOf(link.answerSeed));
  if (answer.what === "withdrawn") return isOfAdmins ? withdrawnChanges(context, link) : [];
  const id = toHex(answer.request);
  const all = await context.storage.all("joinRequests");
  const row = all.find((one) => one.link === link.key && one.request === id);
  const [first] = row?.keyPackages ?? [];
  if (row === undefined || first === undefined) return [];
  if (answer.what === "refused") return isOfAdmins ? [requestOver(row)] : [];
  const asking = readKeyPackage(first);
  const isTheirs = asking.ok && isLinkAnswerOf(answer, link.key, asking.value.signatureKey);
  return isTheirs ? [requestOver(row)] : [];
}

/** The account of a request that holds: of devices that their list names, signed by the first of them. */
async function whoAsks(context: Context, topic: TopicId, request: JoinRequest): Promise<AccountId | undefined> {
  const claimed = succeedList(undefined, request.deviceList);
  if (!claimed.ok) return undefined;
  const { account } = claimed.value;
  const known = await context.storage.get("contacts", account);
  if (known?.state === "blocked" || !succeedList(known?.deviceList, request.deviceList).ok) return undefined;
  const check = leafCheckOf([request.deviceList]);
  const packages = request.keyPackages.map(readKeyPackage);
  const devices = packages.flatMap((read) =>
    read.ok && check(read.value.credential, read.value.signatureKey) ? [read.value] : [],
  );
  const [first] = devices;
  if (first === undefined || devices.length < packages.length) return undefined;
  if (new Set(devices.map(({ credential }) => credential.device)).size < devices.length) return undefined;
  const message = joinRequestMessage(topic, request);
  return verify(labels.joinRequest, message, request.signature, first.signatureKey) ? account : undefined;
}

async function openRequests(
  context: Context,
  conversation: ConversationId,
  account: AccountId,
): Promise<readonly JoinRequestRecord[]> {
  const all = await context.storage.all("joinRequests");
  return all.filter((row) => row.conversation === conversation && row.account === account && isOpen(row));
}

/** Of somebody who may be let in now: the link is there, and not for fewer than have come. */
export async function openRequestOf(
  context: Context,
  conversation: ConversationId,
  account: AccountId,
): Promise<JoinRequestRecord | undefined> {
  const links = await liveLinks(context, conversation);
  const usable = links.filter(({ joined, budget }) => joined.length < budget).map(({ key }) => key);
  return (await openRequests(context, conversation, account)).find(({ link }) => usable.includes(link));
}

/** Whether this person's Welcome would be taken by who came with that link; else others do it, or its maker names them first. */
export async function mayLetIn(context: Context, { link }: JoinRequestRecord): Promise<boolean> {
  const [row, { account }] = [await context.storage.get("groupLinks", link), await me(context)];
  return row !== undefined && mayAnswer(row, account);
}

/** Call within the conversation's turn. `undefined`: it is under way. */
export async function letInWanted(
  context: Context,
  conversation: ConversationRecord,
  act: Extract<Act, { kind: "let-in" }>,
): Promise<Change | undefined> {
  const wanted = await wantedOf(context, conversation.key);
  if (wanted.some((one) => one.act.kind === "let-in" && one.act.account === act.account)) return undefined;
  return changeRow(context, conversation, act);
}

export function answerRequestOf(
  context: Context,
  id: ConversationId,
  account: AccountId,
  letIn: boolean,
): Promise<Result<void, GroupFault>> {
  return context.turns(id, async () => {
    const requests = await openRequests(context, id, account);
    const conversation = await context.storage.get("conversations", id);
    // Somebody else decided, or they do not ask any more.
    if (requests.length === 0 || conversation?.group === undefined) return err("no-change");
    const { facts, standing } = conversation.group;
    const profile = await me(context);
    if (standing.kind !== "member" || rankOf(facts, profile.account) < ranks.admin) return err("not-allowed");
    if (!letIn) return refused(context, id, requests);
    const request = await openRequestOf(context, id, account);
    if (request === undefined) return err("too-many");
    const change = await letInWanted(context, conversation, { kind: "let-in", account, name: request.name });
    return change === undefined ? err("no-change") : commit(context, { changes: [change] });
  });
}

/** Said where they asked: they hear it there, and so do the other admins. */
async function refused(
  context: Context,
  id: ConversationId,
  requests: readonly JoinRequestRecord[],
): Promise<Result<void, GroupFault>> {
  const pending = (await context.storage.get("groups", id))?.pending?.change;
  const changes: Change[] = [];
  for (const request of requests) {
    const ordered = (await wantedOf(context, id)).filter(
      ({ act }) => act.kind === "let-in" && act.account === request.account,
    );
    // The node may have it already.
    if (ordered.some(({ key }) => key === pending)) return err("no-change");
    const link = await context.storage.get("groupLinks", request.link);
    if (link === undefined) continue;
    const answer = signLinkAnswer(link.key, "refused", link.answerSeed, idBytes(request.request));
    const envelope = sealedIn(context, link, { kind: "group-link-answer", ...answer });
    changes.push(
      requestOver(request),
      putLink({ ...link, toLeave: [...link.toLeave, envelope] }),
      ...ordered.map(({ key }): Change => ({ kind: "delete", table: "changes", key })),
    );
  }
  return commit(context, { changes });
}

/** The Welcome on its way back to who came by the link that the commit's note names. `undefined`: by none of this device's. */
export async function linkAnswered(
  context: Context,
  account: AccountId,
  welcome: Uint8Array,
  noted: TopicId | undefined,
): Promise<readonly Change[] | undefined> {
  const link = noted && (await context.storage.get("groupLinks", noted));
  if (!link) return undefined;
  const topic = { key: link.key, secret: inviteTopicSecret(link.secret) };
  const sealed = sealedWhole(context, topic, "welcome", welcome);
  if (sealed === undefined) return undefined;
  const joined = joinedWith(link, [account]);
  return [putLink({ ...link, joined, toLeave: [...link.toLeave, ...sealed.parts, sealed.envelope] })];
}
