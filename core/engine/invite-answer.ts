/** Answering somebody's invite (§5.3): look at it, check it, make the conversation, take the invite's one slot. */

import { countOf } from "../conversation/order.ts";
import { sealNonceBytes } from "../crypto/seal.ts";
import { addDevices, createGroup } from "../group/create.ts";
import { makeKeyPackage, readKeyPackage } from "../group/key-package.ts";
import { succeedList } from "../identity/leaf-trust.ts";
import type { AccountId, ConversationId, NodeUrl } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import type { NodeClient } from "../ports/node.ts";
import type {
  ContactRecord,
  ConversationRecord,
  GroupRecord,
  OutboxRecord,
  ProfileRecord,
  TopicRecord,
} from "../ports/records.ts";
import type { Change } from "../ports/storage.ts";
import { encodeContent } from "../wire/content.ts";
import { envelopeHash, openEnvelope, type Payload, sealEnvelope } from "../wire/envelope.ts";
import { type InviteLinkText, parseInviteLink } from "../wire/invite-link.ts";
import { acceptSlot, deriveTopic, inviteTopicSecret, type TopicKeys } from "../wire/topic.ts";
import { type Context, commit, me } from "./context.ts";
import { freshConversation } from "./conversation-row.ts";
import type { InviteFault, InvitePreview } from "./face.ts";
import { firstGroupRecord } from "./group-step.ts";
import { forgetConversation } from "./request.ts";
import { leafCheckOf } from "./roster.ts";
import { sealForConversation } from "./seal.ts";
import { nextContent } from "./send.ts";

const idLength = 16;
const secretLength = 32;
/** How long a node may take to be reached before the person is told that it is not. */
const connectPatienceMs = 10_000;
/** A bundle and a reply; one more shows that somebody fills the topic, which changes nothing. */
const inviteEntries = 10;

type Bundle = Extract<Payload, { kind: "invite-bundle" }>;

/** Asks the node; changes nothing. Works before a person has started here. */
export async function previewInvite(context: Context, text: string): Promise<Result<InvitePreview, InviteFault>> {
  const link = await readLink(context, text);
  if (!link.ok) return link;
  const { account, node, expiresAtMs } = link.value;
  const known = await context.storage.get("contacts", account);
  // Somebody known: the link leads to the chat there is, whatever became of the invite.
  if (known?.state === "accepted" && known.answered) return ok({ account, node, expiresAtMs, name: known.name });
  const found = await fetchBundle(context, link.value);
  if (!found.ok && found.error === "used" && known?.state === "accepted") {
    return ok({ account, node, expiresAtMs, name: known.name });
  }
  if (!found.ok) return found;
  return ok({ account, node, expiresAtMs, name: found.value.name });
}

/** The conversation with whoever made the invite; there already if they are a contact. */
export async function acceptInvite(
  context: Context,
  text: string,
  kick: (id: ConversationId) => void,
): Promise<Result<ConversationId, InviteFault>> {
  const link = await readLink(context, text);
  if (!link.ok) return link;
  const { account } = link.value;
  return context.turns(`invite of ${account}`, async () => {
    const before = (await context.storage.all("conversations")).find((row) => row.contact === account);
    const known = await context.storage.get("contacts", account);
    // One that was never answered may lead nowhere (withdrawn, deleted, used by somebody else): another invite replaces it.
    const unanswered = known !== undefined && !known.answered && known.state !== "requested";
    if (before !== undefined && known !== undefined && !unanswered) return ok(before.key);
    const bundle = await fetchBundle(context, link.value);
    if (!bundle.ok && bundle.error === "used" && before !== undefined && known?.state === "accepted")
      return ok(before.key);
    if (!bundle.ok) return bundle;
    // Of somebody whose invite was used before: what was known of their devices still holds.
    if (!succeedList(known?.deviceList, bundle.value.deviceList).ok) return err("forged");
    const made = await makeConversation(context, link.value, bundle.value, known);
    if (!made.ok) return made;
    const { id, reply, changes } = made.value;
    const written = await (before === undefined
      ? commit(context, { changes })
      : context.turns(before.key, async () => {
          const said = await carryOver(context, before, made.value);
          return commit(context, { changes: [...(await forgetConversation(context, before)), ...changes, ...said] });
        }));
    if (!written.ok) return written;
    const answer = await takeSlot(context, link.value, id, reply);
    if (!answer.ok) return answer;
    kick(id);
    return ok(id);
  });
}

/** What the link alone tells. */
async function readLink(context: Context, text: string): Promise<Result<InviteLinkText, InviteFault>> {
  const link = parseInviteLink(text);
  if (!link.ok) return link;
  const profile = await context.storage.get("profile", "me");
  if (link.value.account === profile?.account) return err("own");
  if (link.value.expiresAtMs <= context.clock.now()) return err("expired");
  const known = await context.storage.get("contacts", link.value.account);
  return known?.state === "blocked" ? err("blocked-person") : link;
}

/** What lies at the node, checked to come from the account that the link names. */
async function fetchBundle(context: Context, link: InviteLinkText): Promise<Result<Bundle, InviteFault>> {
  const topic = deriveTopic(inviteTopicSecret(link.secret));
  const node = context.nodes.node(link.node);
  if (!(await connected(context, node))) return err("node-unreachable");
  const page = await node.read({ topic: topic.topic, seed: topic.seed }, 0, inviteEntries);
  if (!page.ok) return err("node-unreachable");
  const payloads = page.value.entries.flatMap(({ envelope }) => {
    const payload = openEnvelope(topic.envelopeKey, topic.topic, envelope);
    return payload.ok ? [payload.value] : [];
  });
  const bundle = payloads.find((payload): payload is Bundle => payload.kind === "invite-bundle");
  if (bundle === undefined) return err("not-found");
  if (payloads.some((payload) => payload.kind === "invite-reply")) return err("used");
  return isGenuine(link.account, bundle) ? ok(bundle) : err("forged");
}

function isGenuine(account: AccountId, { deviceList, keyPackages }: Bundle): boolean {
  const list = succeedList(undefined, deviceList);
  if (!list.ok || list.value.account !== account || keyPackages.length === 0) return false;
  const check = leafCheckOf([deviceList]);
  return keyPackages.every((bytes) => {
    const read = readKeyPackage(bytes);
    return read.ok && check(read.value.credential, read.value.signatureKey);
  });
}

function connected(context: Context, node: NodeClient): Promise<boolean> {
  return new Promise((resolve) => {
    let settled = false;
    let end: (() => void) | undefined;
    const finish = (is: boolean) => {
      settled = true;
      cancel();
      end?.();
      resolve(is);
    };
    const cancel = context.clock.after(connectPatienceMs, () => finish(false));
    end = node.status.subscribe((status) => {
      if (status.kind === "connected" && !settled) finish(true);
    });
    // The first value comes before `subscribe` has returned.
    if (settled) end();
    else node.hurry();
  });
}

/** What was written to somebody who never got it, sealed for the conversation that takes the old one's place. */
async function carryOver(
  context: Context,
  before: ConversationRecord,
  made: MadeConversation,
): Promise<readonly Change[]> {
  const changes: Change[] = [];
  let { group } = made;
  const rows = await context.storage.ofConversation("messages", before.key);
  for (const { key, order, sentAtMs, body, ...message } of rows) {
    if (body.kind !== "text") continue;
    const [, id = ""] = key.split("/");
    const content = encodeContent({ id, clockMs: sentAtMs, clockCount: countOf(order), body });
    const sealed = await sealForConversation(context, group, made.topic, content, {
      order,
      ends: "acknowledged",
      message: key,
    });
    group = sealed.group;
    const deliveries = Object.fromEntries(sealed.recipients.map((device) => [device, { kind: "waiting" } as const]));
    changes.push(...sealed.changes, {
      kind: "put",
      table: "messages",
      row: { ...message, key, order, sentAtMs, body, conversation: made.id, deliveries },
    });
  }
  const { draft, last, readUpTo, clockMs, clockCount } = before;
  const row = { ...made.conversation, draft, last, readUpTo, clockMs, clockCount };
  return [...changes, { kind: "put", table: "conversations", row }];
}

interface MadeConversation {
  readonly id: ConversationId;
  readonly conversation: ConversationRecord;
  readonly group: GroupRecord;
  readonly topic: TopicRecord;
  readonly reply: OutboxRecord;
  readonly changes: readonly Change[];
}

async function makeConversation(
  context: Context,
  link: InviteLinkText,
  bundle: Bundle,
  known: ContactRecord | undefined,
): Promise<Result<MadeConversation, "forged">> {
  const profile = await me(context);
  const { account, device } = profile;
  const id = toHex(context.random.bytes(idLength)) as ConversationId;
  const topicSecret = context.random.bytes(secretLength);
  const check = leafCheckOf([profile.deviceList, bundle.deviceList]);
  const own = await makeKeyPackage({ account, device, listSequence: 1 }, profile.deviceSeed);
  const alone = await createGroup(
    context.random.bytes(idLength),
    { conversation: id, kind: "direct", topicSecret, nodes: [link.node] },
    own,
    check,
  );
  const together = await addDevices(alone, bundle.keyPackages, check);
  if (!together.ok) return err("forged");
  const nowMs = context.clock.now();
  const invite = deriveTopic(inviteTopicSecret(link.secret));
  const reply = replyRow(context, profile, link, invite, id, together.value.welcome);
  const contact: ContactRecord = {
    key: link.account,
    name: bundle.name,
    deviceList: bundle.deviceList,
    state: "accepted",
    verified: known?.verified ?? false,
    answered: false,
    sinceMs: nowMs,
  };
  const { topic } = deriveTopic(topicSecret);
  const topicOfIt = topicRow(topic, topicSecret, link.node, { kind: "conversation", conversation: id });
  const conversation = freshConversation(id, "direct", link.account, topic, nowMs);
  const group = await firstGroupRecord(id, together.value.next, nowMs);
  // The name goes with the beginning: an engine that dies right after it must not leave a request without a name.
  const { content, order } = nextContent(context, conversation, device, { kind: "profile", name: profile.name });
  const row = { order, ends: "custody", message: undefined } as const;
  const told = await sealForConversation(context, group, topicOfIt, encodeContent(content), row);
  const { clockMs, clockCount } = content;
  const begun = { ...conversation, clockMs, clockCount };
  const changes: readonly Change[] = [
    { kind: "put", table: "contacts", row: contact },
    { kind: "put", table: "conversations", row: begun },
    { kind: "put", table: "topics", row: topicOfIt },
    {
      kind: "put",
      table: "topics",
      row: topicRow(invite.topic, inviteTopicSecret(link.secret), link.node, { kind: "reply", conversation: id }),
    },
    { kind: "put", table: "outbox", row: reply },
    ...told.changes,
  ];
  return ok({ id, conversation: begun, group: told.group, topic: topicOfIt, reply, changes });
}

function topicRow(
  key: TopicRecord["key"],
  secret: Uint8Array,
  node: NodeUrl,
  purpose: TopicRecord["purpose"],
): TopicRecord {
  return { key, secret, node, cursor: 0, due: [], purpose };
}

/** The reply goes before everything else of the conversation: its order is the lowest there is. */
function replyRow(
  context: Context,
  profile: ProfileRecord,
  link: InviteLinkText,
  invite: TopicKeys,
  conversation: ConversationId,
  welcome: Uint8Array,
): OutboxRecord {
  const envelope = sealEnvelope(
    invite.envelopeKey,
    invite.topic,
    { kind: "invite-reply", deviceList: profile.deviceList, welcome },
    context.random.bytes(sealNonceBytes),
  );
  // A Welcome for the at most 16 devices of an account stays below the largest envelope.
  if (!envelope.ok) throw new Error("the reply to an invite does not fit an envelope");
  return {
    key: envelopeHash(envelope.value),
    conversation,
    topic: invite.topic,
    order: "",
    envelope: envelope.value,
    content: undefined,
    epoch: 0,
    slot: acceptSlot(link.secret),
    ends: "custody",
    waitingFor: [],
    custody: undefined,
    message: undefined,
    sinceMs: context.clock.now(),
  };
}

/** Learns at once whether somebody else was first. When the node does not answer, the courier goes on trying. */
async function takeSlot(
  context: Context,
  link: InviteLinkText,
  id: ConversationId,
  reply: OutboxRecord,
): Promise<Result<void, "used" | "storage-full" | "storage-lost">> {
  const { topic, seed } = deriveTopic(inviteTopicSecret(link.secret));
  const answer = await context.nodes.node(link.node).append({ topic, seed }, reply.envelope, reply.slot);
  if (answer.ok) {
    return commit(context, {
      changes: [
        { kind: "delete", table: "outbox", key: reply.key },
        { kind: "delete", table: "topics", key: reply.topic },
      ],
    });
  }
  if (answer.error.kind !== "slot-taken") return ok(undefined);
  return context.turns(id, async () => {
    const conversation = await context.storage.get("conversations", id);
    if (conversation === undefined) return err("used");
    const changes = await forgetConversation(context, conversation);
    const written = await commit(context, {
      changes: [...changes, { kind: "delete", table: "contacts", key: link.account }],
    });
    return written.ok ? err("used") : written;
  });
}
