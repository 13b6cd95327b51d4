/** Answering somebody's invite (§5.3): look at it, check it, make the conversation, take the invite's one slot. */

import { readKeyPackage } from "../group/key-package.ts";
import { succeedList } from "../identity/leaf-trust.ts";
import type { AccountId, ConversationId } from "../lang/brand.ts";
import { err, ok, type Result } from "../lang/result.ts";
import type { NodeClient } from "../ports/node.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import { openEnvelope } from "../wire/envelope.ts";
import { type InviteLinkText, parseInviteLink } from "../wire/invite-link.ts";
import { deriveTopic, inviteTopicSecret } from "../wire/topic.ts";
import { type Context, commit } from "./context.ts";
import type { InviteFault, InvitePreview } from "./face.ts";
import { askToJoin, previewGroupLink } from "./group-link-ask.ts";
import { type Bundle, carryOver, makeConversation } from "./invite-conversation.ts";
import { forgetConversation } from "./request.ts";
import { leafCheckOf } from "./roster.ts";

/** How long a node may take to be reached before the person is told that it is not. */
const connectPatienceMs = 10_000;
/** A bundle and a reply; one more shows that somebody fills the topic, which changes nothing. */
const inviteEntries = 10;

/** Asks the node; changes nothing. Works before a person has started here. */
export async function previewInvite(context: Context, text: string): Promise<Result<InvitePreview, InviteFault>> {
  const link = await readLink(context, text);
  if (!link.ok) return link;
  const { account, node, expiresAtMs } = link.value;
  if (link.value.kind === "group") {
    if (!(await connected(context, context.nodes.node(node)))) return err("node-unreachable");
    return previewGroupLink(context, link.value);
  }
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
  if (link.value.kind === "group") {
    if (!(await connected(context, context.nodes.node(link.value.node)))) return err("node-unreachable");
    return askToJoin(context, link.value);
  }
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
    // Read once more: fetching took its time, and the person may have decided about them meanwhile.
    const today = await context.storage.get("contacts", account);
    if (today?.state === "blocked") return err("blocked-person");
    // Of somebody whose invite was used before: what was known of their devices still holds.
    if (!succeedList(today?.deviceList, bundle.value.deviceList).ok) return err("forged");
    const made = await makeConversation(context, link.value, bundle.value, today);
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
