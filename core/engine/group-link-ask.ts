/** Coming to a group by a link (§13.9): look at what it shows, ask to be let in, and take the Welcome that answers. */

import { assemble } from "../conversation/parts.ts";
import { labels } from "../crypto/labels.ts";
import { sealNonceBytes } from "../crypto/seal.ts";
import { sign } from "../crypto/signature.ts";
import { succeedList } from "../identity/leaf-trust.ts";
import type { InviteId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import type { TopicEntry } from "../ports/node.ts";
import type { AskedRecord, PartRecord, TopicRecord } from "../ports/records.ts";
import type { Change } from "../ports/storage.ts";
import { openEnvelope, type Payload, sealEnvelope } from "../wire/envelope.ts";
import { type GroupBundle, joinRequestMessage } from "../wire/group-payload.ts";
import type { InviteLinkText } from "../wire/invite-link.ts";
import { deriveTopic, inviteTopicSecret } from "../wire/topic.ts";
import { type Context, commit, me } from "./context.ts";
import type { InviteFault, InvitePreview } from "./face.ts";
import { joinedByLink } from "./join.ts";
import { ownKeyPackage } from "./own-leaf.ts";
import { goneParts, keptWith, keyOfPart, partsHere } from "./parts-kept.ts";
import { freshPlace, takenIn } from "./places.ts";

/** What the link shows lies first. */
const entriesLookedAt = 10;

export async function previewGroupLink(
  context: Context,
  link: InviteLinkText,
): Promise<Result<InvitePreview, InviteFault>> {
  const bundle = await fetchBundle(context, link);
  if (!bundle.ok) return bundle;
  const { account, node, expiresAtMs } = link;
  const { by, name, emoji, people, joining } = bundle.value;
  return ok({ account, node, expiresAtMs, name: by, group: { name, emoji, people, open: joining === "open" } });
}

async function fetchBundle(context: Context, link: InviteLinkText): Promise<Result<GroupBundle, InviteFault>> {
  const { topic, seed, envelopeKey } = deriveTopic(inviteTopicSecret(link.secret));
  const page = await context.nodes.node(link.node).read({ topic, seed }, 0, entriesLookedAt);
  if (!page.ok) return err("node-unreachable");
  for (const { envelope } of page.value.entries) {
    const payload = openEnvelope(envelopeKey, topic, envelope);
    if (!payload.ok || payload.value.kind !== "group-invite-bundle") continue;
    const list = succeedList(undefined, payload.value.deviceList);
    return list.ok && list.value.account === link.account ? ok(payload.value) : err("forged");
  }
  return err("not-found");
}

/** Says `asked` where it went well: which conversation it is, the answer tells. */
export async function askToJoin(context: Context, link: InviteLinkText): Promise<Result<never, InviteFault>> {
  const bundle = await fetchBundle(context, link);
  if (!bundle.ok) return bundle;
  const secret = inviteTopicSecret(link.secret);
  const { topic, envelopeKey } = deriveTopic(secret);
  if ((await context.storage.get("asked", topic)) !== undefined) return err("asked");
  const profile = await me(context);
  const own = await ownKeyPackage(profile);
  const { name, deviceList } = profile;
  const said = { keyPackages: [own.publicPackage], name };
  const signature = sign(labels.joinRequest, joinRequestMessage(topic, said), profile.deviceSeed);
  const request: Payload = { kind: "group-join-request", deviceList, ...said, signature };
  const envelope = sealEnvelope(envelopeKey, topic, request, context.random.bytes(sealNonceBytes));
  if (!envelope.ok) throw new Error("a request does not fit an envelope");
  const asked: AskedRecord = {
    key: topic,
    by: link.account,
    node: link.node,
    ...own,
    envelope: envelope.value,
    atMs: context.clock.now(),
  };
  const row: TopicRecord = {
    key: topic,
    secret,
    places: [freshPlace(link.node)],
    due: [],
    purpose: { kind: "invite", invite: toHex(context.random.bytes(16)) as InviteId },
  };
  const written = await commit(context, {
    changes: [
      { kind: "put", table: "asked", row: asked },
      { kind: "put", table: "topics", row },
    ],
  });
  return written.ok ? err("asked") : written;
}

/** `undefined`: nothing was asked there. `false`: could not be kept. */
export function takeAnswerEntry(
  context: Context,
  topic: TopicRecord,
  invite: InviteId,
  entry: TopicEntry,
): Promise<boolean | undefined> {
  return context.turns(invite, async () => {
    const asked = await context.storage.get("asked", topic.key);
    const now = await context.storage.get("topics", topic.key);
    if (asked === undefined) return undefined;
    if (now === undefined) return true;
    const moved: Change = { kind: "put", table: "topics", row: takenIn(now, asked.node, entry.sequence) };
    const payload = openEnvelope(deriveTopic(topic.secret).envelopeKey, topic.key, entry.envelope);
    const passed = async (changes: readonly Change[] = []) =>
      (await commit(context, { changes: [moved, ...changes] })).ok;
    if (!payload.ok) return passed();
    if (payload.value.kind === "part") {
      const { whole, index, bytes } = payload.value;
      const key = keyOfPart(topic.key, whole, `${index}`);
      const row: PartRecord = { key, topic: topic.key, bytes, atMs: context.clock.now() };
      return passed(await keptWith(context, row));
    }
    const welcome = await welcomeIn(context, topic, payload.value);
    const joining = welcome && (await joinedByLink(context, asked, welcome.bytes));
    // Somebody else's, or a group that this device is in already.
    if (welcome === undefined || joining === undefined || joining === "early") return passed(welcome?.gone);
    const changes: readonly Change[] = [
      ...joining.changes,
      ...welcome.gone,
      { kind: "delete", table: "asked", key: asked.key },
      { kind: "delete", table: "topics", key: topic.key },
    ];
    return (await commit(context, { expect: [joining.expect], changes })).ok;
  });
}

async function welcomeIn(
  context: Context,
  topic: TopicRecord,
  payload: Payload,
): Promise<{ readonly bytes: Uint8Array; readonly gone: readonly Change[] } | undefined> {
  if (payload.kind === "welcome") return { bytes: payload.welcome, gone: [] };
  if (payload.kind !== "whole" || payload.of !== "welcome") return undefined;
  // They lie before it, or never will.
  const bytes = assemble(payload, await partsHere(context, topic.key, payload));
  return bytes.ok ? { bytes: bytes.value, gone: goneParts(topic.key, payload.hash, payload.count) } : undefined;
}
