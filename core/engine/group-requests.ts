/** Who asks to be let into a group by a link (§13.9): checked, let in at once or shown to an admin, and answered. */

import { rankOf, ranks } from "../conversation/group-rights.ts";
import { labels } from "../crypto/labels.ts";
import { verify } from "../crypto/signature.ts";
import { readKeyPackage } from "../group/key-package.ts";
import { succeedList } from "../identity/leaf-trust.ts";
import type { AccountId, ConversationId, InviteId, TopicId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import { err, type Result } from "../lang/result.ts";
import type { TopicEntry } from "../ports/node.ts";
import type { ChangeRecord, GroupLinkRecord, JoinRequestRecord, TopicRecord } from "../ports/records.ts";
import type { Change } from "../ports/storage.ts";
import { openEnvelope } from "../wire/envelope.ts";
import { type JoinRequest, joinRequestMessage } from "../wire/group-payload.ts";
import { deriveTopic } from "../wire/topic.ts";
import { type Context, commit, me } from "./context.ts";
import type { GroupFault } from "./group-face.ts";
import { sealedWhole } from "./parts.ts";
import { takenIn } from "./places.ts";
import { leafCheckOf } from "./roster.ts";

/** Waiting for an admin at a time, of one link. */
const maxRequests = 100;

/** `undefined`: not of a link to a group. `false`: could not be kept. */
export async function takeRequestEntry(
  context: Context,
  topic: TopicRecord,
  invite: InviteId,
  entry: TopicEntry,
  kick: (id: ConversationId) => void,
): Promise<boolean | undefined> {
  const link = await context.storage.get("groupLinks", topic.key);
  if (link?.id !== invite) return undefined;
  const written = await context.turns(link.conversation, async () => {
    const now = await context.storage.get("topics", topic.key);
    if (now === undefined) return true;
    const moved: Change = { kind: "put", table: "topics", row: takenIn(now, link.node, entry.sequence) };
    const payload = openEnvelope(deriveTopic(topic.secret).envelopeKey, topic.key, entry.envelope);
    const isRequest = payload.ok && payload.value.kind === "group-join-request";
    const asked = isRequest ? await requestTaken(context, topic.key, payload.value) : [];
    return (await commit(context, { changes: [moved, ...asked] })).ok;
  });
  kick(link.conversation);
  return written;
}

async function requestTaken(context: Context, topic: TopicId, request: JoinRequest): Promise<readonly Change[]> {
  const link = await context.storage.get("groupLinks", topic);
  const conversation = link && (await context.storage.get("conversations", link.conversation));
  const nowMs = context.clock.now();
  if (link === undefined || conversation?.group?.standing.kind !== "member") return [];
  const { facts, people } = conversation.group;
  const profile = await me(context);
  if (link.expiresAtMs <= nowMs || link.joined.length >= link.budget) return [];
  if (rankOf(facts, profile.account) < ranks.admin) return [];
  const account = await whoAsks(context, topic, request);
  if (account === undefined || people.some((one) => one.account === account)) return [];
  const here = (await context.storage.all("joinRequests")).filter((row) => row.link === topic);
  const isKnown = here.some((row) => row.account === account);
  if (here.length >= maxRequests && !isKnown) return [];
  const { name, deviceList, keyPackages } = request;
  const row: JoinRequestRecord = {
    key: `${topic} ${account}`,
    conversation: conversation.key,
    link: topic,
    account,
    name,
    deviceList,
    keyPackages,
    atMs: nowMs,
  };
  const put: Change = { kind: "put", table: "joinRequests", row };
  return facts.joining === "open" && !isKnown ? [put, await letInWanted(context, conversation.key, account)] : [put];
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

async function letInWanted(context: Context, conversation: ConversationId, account: AccountId): Promise<Change> {
  const places = (await context.storage.all("changes"))
    .filter((change) => change.conversation === conversation)
    .map(({ place }) => place);
  const row: ChangeRecord = {
    key: toHex(context.random.bytes(16)),
    conversation,
    act: { kind: "let-in", account },
    place: Math.max(0, ...places) + 1,
    sinceMs: context.clock.now(),
  };
  return { kind: "put", table: "changes", row };
}

async function requestOf(
  context: Context,
  conversation: ConversationId,
  account: AccountId,
): Promise<JoinRequestRecord | undefined> {
  const all = await context.storage.all("joinRequests");
  return all.find((row) => row.conversation === conversation && row.account === account);
}

/** Of somebody who may be let in now: the link is there, and not for fewer than have come. */
export async function openRequestOf(
  context: Context,
  conversation: ConversationId,
  account: AccountId,
): Promise<JoinRequestRecord | undefined> {
  const request = await requestOf(context, conversation, account);
  const link = request && (await context.storage.get("groupLinks", request.link));
  return link !== undefined && link.joined.length < link.budget ? request : undefined;
}

export function answerRequestOf(
  context: Context,
  id: ConversationId,
  account: AccountId,
  letIn: boolean,
): Promise<Result<void, GroupFault>> {
  return context.turns(id, async () => {
    const request = await requestOf(context, id, account);
    const group = (await context.storage.get("conversations", id))?.group;
    if (request === undefined || group === undefined) return err("no-such-conversation");
    const profile = await me(context);
    const isAdmin = group.standing.kind === "member" && rankOf(group.facts, profile.account) >= ranks.admin;
    if (!isAdmin) return err("not-allowed");
    if (!letIn) return commit(context, { changes: [{ kind: "delete", table: "joinRequests", key: request.key }] });
    if ((await openRequestOf(context, id, account)) === undefined) return err("too-many");
    const wanted = (await context.storage.all("changes")).some(
      ({ conversation, act }) => conversation === id && act.kind === "let-in" && act.account === account,
    );
    if (wanted) return err("no-change");
    return commit(context, { changes: [await letInWanted(context, id, account)] });
  });
}

/** The Welcome on its way back to who asked. `undefined`: they did not come by a link. */
export async function linkAnswered(
  context: Context,
  conversation: ConversationId,
  account: AccountId,
  welcome: Uint8Array,
): Promise<readonly Change[] | undefined> {
  const request = await requestOf(context, conversation, account);
  const link = request && (await context.storage.get("groupLinks", request.link));
  const topic = request && (await context.storage.get("topics", request.link));
  const sealed = topic && sealedWhole(context, topic, "welcome", welcome);
  if (request === undefined || link === undefined || sealed === undefined) return undefined;
  const row: GroupLinkRecord = {
    ...link,
    joined: [...link.joined, account],
    toLeave: [...link.toLeave, ...sealed.parts, sealed.envelope],
  };
  return [
    { kind: "put", table: "groupLinks", row },
    { kind: "delete", table: "joinRequests", key: request.key },
  ];
}
