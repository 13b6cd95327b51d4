/** My invites (§5): made here, published to the node when it is reachable, withdrawn and closed there. */

import { sealNonceBytes } from "../crypto/seal.ts";
import type { InviteId, NodeUrl } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import { done, ok, type Result } from "../lang/result.ts";
import type { InviteRecord } from "../ports/people-records.ts";
import type { Change } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { sealEnvelope } from "../wire/envelope.ts";
import { formatInviteLink } from "../wire/invite-link.ts";
import { acceptSlot, deriveTopic, inviteTopicSecret } from "../wire/topic.ts";
import { type Context, commit, me } from "./context.ts";
import type { WriteFaultView } from "./face.ts";
import { ownKeyPackage } from "./own-leaf.ts";
import { freshPlace } from "./places.ts";

const inviteSecretBytes = 16;
const inviteIdBytes = 16;
/** Longer leaves an open door; shorter closes it on people who read their mail at weekends. */
const inviteLifetimeMs = 7 * 24 * 3_600_000;

/** The name is bounded and one device's list and key package take about 4 KB, so the bundle always fits. */
export async function createInvite(
  context: Context,
  isConnected: (node: NodeUrl) => boolean,
): Promise<Result<InviteRecord, WriteFaultView>> {
  const profile = await me(context);
  // At the first in reach, else the first; the conversation will be kept at all of them.
  const nodes = [...profile.nodes].sort((a, b) => Number(isConnected(b)) - Number(isConnected(a)));
  const [node] = nodes;
  if (node === undefined) throw new Error("a person without a node");
  const secret = context.random.bytes(inviteSecretBytes);
  const topicSecret = inviteTopicSecret(secret);
  const topic = deriveTopic(topicSecret);
  const keyPackage = await ownKeyPackage(profile);
  const envelope = sealEnvelope(
    topic.envelopeKey,
    topic.topic,
    {
      kind: "invite-bundle",
      deviceList: profile.deviceList,
      keyPackages: [keyPackage.publicPackage],
      name: profile.name,
      nodes,
    },
    context.random.bytes(sealNonceBytes),
  );
  if (!envelope.ok) throw new Error("an invite's bundle does not fit an envelope");
  // Every node serves the app, so a link through the one that holds the invite opens wherever the invite can be fetched.
  const pageAnswers = nodes.some((each) => isConnected(each) && isAt(context.appOrigin, each));
  const origin = pageAnswers || !isConnected(node) ? context.appOrigin : node;
  const createdAtMs = context.clock.now();
  const expiresAtMs = createdAtMs + inviteLifetimeMs;
  const invite: InviteRecord = {
    key: toHex(context.random.bytes(inviteIdBytes)) as InviteId,
    link: formatInviteLink(origin, { kind: "person", account: profile.account, secret, node, expiresAtMs }),
    secret,
    node,
    nodes,
    createdAtMs,
    expiresAtMs,
    keyPackage,
    envelope: envelope.value,
    published: false,
    withdrawn: false,
    retentionMs: 0,
    usedBy: undefined,
  };
  const row: TopicRecord = {
    key: topic.topic,
    secret: topicSecret,
    places: [freshPlace(node)],
    due: [],
    purpose: { kind: "invite", invite: invite.key },
  };
  const written = await commit(context, {
    changes: [
      { kind: "put", table: "invites", row: invite },
      { kind: "put", table: "topics", row },
    ],
  });
  return written.ok ? ok(invite) : written;
}

/** `page`: the address of a page that the node may have served. */
function isAt(page: string, node: NodeUrl): boolean {
  return page === node || page.startsWith(`${node}/`);
}

/**
 * Leaves the bundles of new invites at their nodes. `false`: a node in reach did not take one, so try again later; one
 * that is out of reach is tried when it is back.
 */
export async function publishInvites(context: Context): Promise<boolean> {
  let taken = true;
  for (const invite of await context.storage.all("invites")) {
    if (invite.withdrawn) {
      taken &&= await closeWithdrawn(context, invite);
      continue;
    }
    if (invite.published || invite.expiresAtMs <= context.clock.now()) continue;
    const { topic, seed } = deriveTopic(inviteTopicSecret(invite.secret));
    const answer = await context.nodes.node(invite.node).append({ topic, seed }, invite.envelope);
    if (!answer.ok) {
      taken &&= answer.error.kind === "offline";
      continue;
    }
    const written = await context.turns(invite.key, async () => {
      const now = await context.storage.get("invites", invite.key);
      if (now === undefined) return done;
      const retentionMs = Math.max(0, answer.value.expiresAtMs - context.clock.now());
      const row = { ...now, published: true, retentionMs };
      return commit(context, { changes: [{ kind: "put", table: "invites", row }] });
    });
    taken &&= written.ok;
  }
  return taken;
}

/** Forgets the keys at once. An invite that the node has is closed there too, now or when the node is back. */
export async function withdrawInvite(context: Context, id: InviteId): Promise<Result<void, WriteFaultView>> {
  const withdrawn = await context.turns(id, async () => {
    const invite = await context.storage.get("invites", id);
    if (invite === undefined) return done;
    const topic: Change = {
      kind: "delete",
      table: "topics",
      key: deriveTopic(inviteTopicSecret(invite.secret)).topic,
    };
    const row: Change =
      invite.published && invite.keyPackage !== undefined
        ? { kind: "put", table: "invites", row: { ...invite, keyPackage: undefined, withdrawn: true } }
        : { kind: "delete", table: "invites", key: id };
    return commit(context, { changes: [topic, row] });
  });
  if (withdrawn.ok) await publishInvites(context);
  return withdrawn;
}

/**
 * Gives the invite's one slot to its own bundle: whoever answers from now on is told that it is used, instead of writing
 * to nobody. Answers whether nothing is left to do.
 */
async function closeWithdrawn(context: Context, invite: InviteRecord): Promise<boolean> {
  const { topic, seed } = deriveTopic(inviteTopicSecret(invite.secret));
  const node = context.nodes.node(invite.node);
  const answer = await node.append({ topic, seed }, invite.envelope, acceptSlot(invite.secret));
  if (!answer.ok && answer.error.kind !== "slot-taken") return answer.error.kind === "offline";
  return (await commit(context, { changes: [{ kind: "delete", table: "invites", key: invite.key }] })).ok;
}

/**
 * Invites that nobody used in their time. A reply that was left in time lies at the node for as long as the node keeps
 * things, and must find its key here: its maker may have been away when the invite ended.
 */
export async function forgetExpiredInvites(context: Context): Promise<void> {
  for (const invite of await context.storage.all("invites")) {
    if (invite.keyPackage === undefined || invite.expiresAtMs + invite.retentionMs > context.clock.now()) continue;
    const topic = deriveTopic(inviteTopicSecret(invite.secret)).topic;
    await commit(context, {
      changes: [
        { kind: "put", table: "invites", row: { ...invite, keyPackage: undefined } },
        { kind: "delete", table: "topics", key: topic },
      ],
    });
  }
}
