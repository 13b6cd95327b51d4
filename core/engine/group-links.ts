/** Links to a group (§13.9): made by an admin, whose device answers whoever comes with them, and brought to their node. */

import { rankOf, ranks } from "../conversation/group-rights.ts";
import { sealNonceBytes } from "../crypto/seal.ts";
import type { ConversationId, InviteId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import { done, err, ok, type Result } from "../lang/result.ts";
import type { GroupLinkRecord, TopicRecord } from "../ports/records.ts";
import type { Change } from "../ports/storage.ts";
import { maxInviteBudget } from "../wire/bounds.ts";
import { sealEnvelope } from "../wire/envelope.ts";
import { formatInviteLink } from "../wire/invite-link.ts";
import { deriveTopic, inviteTopicSecret } from "../wire/topic.ts";
import { type Context, commit, me } from "./context.ts";
import type { GroupFault, GroupInviteView } from "./group-face.ts";
import { freshPlace } from "./places.ts";

const secretBytes = 16;
const idBytes = 16;
/** A door that stays open longer is forgotten by who opened it. */
const longestMs = 30 * 24 * 3_600_000;

export function createGroupLink(
  context: Context,
  id: ConversationId,
  choice: { readonly lastsMs: number; readonly budget: number },
): Promise<Result<GroupInviteView, GroupFault>> {
  return context.turns(id, async () => {
    const conversation = await context.storage.get("conversations", id);
    if (conversation?.group === undefined) return err("no-such-conversation");
    const { facts, people, standing } = conversation.group;
    const profile = await me(context);
    if (standing.kind !== "member" || rankOf(facts, profile.account) < ranks.admin) return err("not-allowed");
    const [node] = conversation.nodes;
    if (node === undefined) throw new Error("a group without a node");
    const secret = context.random.bytes(secretBytes);
    const topicSecret = inviteTopicSecret(secret);
    const keys = deriveTopic(topicSecret);
    const { name, emoji, joining } = facts;
    const { account, deviceList } = profile;
    const shown = { name, emoji, joining, people: people.length, deviceList, by: profile.name };
    const nonce = context.random.bytes(sealNonceBytes);
    const bundle = sealEnvelope(keys.envelopeKey, keys.topic, { kind: "group-invite-bundle", ...shown }, nonce);
    if (!bundle.ok) throw new Error("what a link shows does not fit an envelope");
    const createdAtMs = context.clock.now();
    const expiresAtMs = createdAtMs + Math.min(Math.max(choice.lastsMs, 0), longestMs);
    const row: GroupLinkRecord = {
      key: keys.topic,
      conversation: id,
      id: toHex(context.random.bytes(idBytes)) as InviteId,
      link: formatInviteLink(context.appOrigin, { kind: "group", account, secret, node, expiresAtMs }),
      secret,
      node,
      by: account,
      createdAtMs,
      expiresAtMs,
      budget: Math.min(Math.max(Math.floor(choice.budget), 1), maxInviteBudget),
      joined: [],
      toLeave: [bundle.value],
    };
    const topic: TopicRecord = {
      key: keys.topic,
      secret: topicSecret,
      places: [freshPlace(node)],
      due: [],
      purpose: { kind: "invite", invite: row.id },
    };
    const written = await commit(context, {
      changes: [
        { kind: "put", table: "groupLinks", row },
        { kind: "put", table: "topics", row: topic },
      ],
    });
    return written.ok ? ok(groupLinkView(row, createdAtMs)) : written;
  });
}

export function groupLinkView(row: GroupLinkRecord, nowMs: number): GroupInviteView {
  const { id, link, createdAtMs, expiresAtMs, budget, joined, by, toLeave } = row;
  const open = toLeave.length > 0 && joined.length === 0 ? "preparing" : "ready";
  const state = expiresAtMs <= nowMs ? "expired" : joined.length >= budget ? "used-up" : open;
  return { id, link, createdAtMs, expiresAtMs, budget, used: joined.length, by, state };
}

/** Nobody answers whoever comes with it from now on. */
export function withdrawGroupLink(
  context: Context,
  id: ConversationId,
  invite: InviteId,
): Promise<Result<void, GroupFault>> {
  return context.turns(id, async () => {
    const row = (await context.storage.all("groupLinks")).find((one) => one.id === invite && one.conversation === id);
    if (row === undefined) return done;
    const asking = (await context.storage.all("joinRequests")).filter(({ link }) => link === row.key);
    return commit(context, {
      changes: [
        { kind: "delete", table: "groupLinks", key: row.key },
        { kind: "delete", table: "topics", key: row.key },
        ...asking.map(({ key }): Change => ({ kind: "delete", table: "joinRequests", key })),
      ],
    });
  });
}

/** Brings what links show, requests and answers to their nodes. `false`: a node could not take it now. */
export async function publishLinks(context: Context): Promise<boolean> {
  let taken = true;
  for (const { key, conversation, secret, node, toLeave } of await context.storage.all("groupLinks")) {
    const { topic, seed } = deriveTopic(inviteTopicSecret(secret));
    for (const envelope of toLeave) {
      const answer = await context.nodes.node(node).append({ topic, seed }, envelope);
      if (!answer.ok) {
        taken &&= answer.error.kind === "offline";
        break;
      }
      await context.turns(conversation, async () => {
        const row = await context.storage.get("groupLinks", key);
        const [first, ...rest] = row?.toLeave ?? [];
        if (row === undefined || first === undefined) return;
        await commit(context, { changes: [{ kind: "put", table: "groupLinks", row: { ...row, toLeave: rest } }] });
      });
    }
  }
  for (const asked of await context.storage.all("asked")) {
    const topic = await context.storage.get("topics", asked.key);
    if (asked.envelope === undefined || topic === undefined) continue;
    const { seed } = deriveTopic(topic.secret);
    const answer = await context.nodes.node(asked.node).append({ topic: asked.key, seed }, asked.envelope);
    if (!answer.ok) taken &&= answer.error.kind === "offline";
    else await commit(context, { changes: [{ kind: "put", table: "asked", row: { ...asked, envelope: undefined } }] });
  }
  return taken;
}
