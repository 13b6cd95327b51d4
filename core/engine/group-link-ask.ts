/** Coming to a group by a link (§13.9): look at what it shows, ask to be let in, and take the Welcome that answers. */

import { assemble } from "../conversation/parts.ts";
import { labels } from "../crypto/labels.ts";
import { sealNonceBytes } from "../crypto/seal.ts";
import { sign } from "../crypto/signature.ts";
import type { ConversationId, InviteId, TopicId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import type { AskedRecord, LinkShownRow } from "../ports/group-link-records.ts";
import type { PartRecord } from "../ports/group-records.ts";
import type { TopicEntry } from "../ports/node.ts";
import type { Change } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { openEnvelope, type Payload, sealEnvelope } from "../wire/envelope.ts";
import { type GroupBundle, joinRequestId, joinRequestMessage } from "../wire/group-payload.ts";
import type { InviteLinkText } from "../wire/invite-link.ts";
import { isLinkAnswerOf } from "../wire/link-answer.ts";
import { type LinkShown, linkAnswerer } from "../wire/link-shown.ts";
import { deriveTopic, envelopeKeyOf, inviteTopicSecret } from "../wire/topic.ts";
import { type Context, commit, me } from "./context.ts";
import type { InviteFault, InvitePreview } from "./face.ts";
import { answerTo, askedForgotten } from "./group-link-asked.ts";
import { shownIn } from "./group-link-shown.ts";
import { joinedByLink } from "./join.ts";
import { ownKeyPackage } from "./own-leaf.ts";
import { earlyRow, goneParts, keptWith, keyOfPart, partsHere } from "./parts-kept.ts";
import { freshPlace, takenIn } from "./places.ts";
import { listKnownOf } from "./roster.ts";

/** What the link shows lies first. */
const entriesLookedAt = 10;
/** That it is withdrawn is the last that honest devices leave there. Others who have it may leave something behind it. */
const newestLookedAt = 50;
/** Requests of before, each answered at most once. */
const maxEarlier = 3;

export async function previewGroupLink(
  context: Context,
  link: InviteLinkText,
): Promise<Result<InvitePreview, InviteFault>> {
  const found = await fetchShown(context, link);
  if (!found.ok) return found;
  const { account, node, expiresAtMs } = link;
  const { by, name, emoji, people, joining } = found.value.shown;
  return ok({ account, node, expiresAtMs, name: by, group: { name, emoji, people, open: joining === "open" } });
}

interface Found {
  readonly shown: LinkShown;
  readonly row: LinkShownRow;
}

/** The newest that its maker's devices left. In what anybody wrote between the first entries and the newest it is not looked for. */
async function fetchShown(context: Context, link: InviteLinkText): Promise<Result<Found, InviteFault>> {
  const { topic, seed, envelopeKey } = deriveTopic(inviteTopicSecret(link.secret));
  const page = await context.nodes.node(link.node).read({ topic, seed }, 0, entriesLookedAt);
  if (!page.ok) return err("node-unreachable");
  const payloads = [...page.value.entries, ...(await newestOf(context, link, page.value))].flatMap(({ envelope }) => {
    const payload = openEnvelope(envelopeKey, topic, envelope);
    return payload.ok ? [payload.value] : [];
  });
  const bundles = payloads.filter((payload) => payload.kind === "group-invite-bundle");
  const known = await listKnownOf(context, link.account);
  const found = bundles.reduce<Found | undefined>(
    (newest, bundle) => shownIn(topic, link.account, bundle, known, newest?.row) ?? newest,
    undefined,
  );
  if (found === undefined) return err(bundles.length === 0 ? "not-found" : "forged");
  const isOver = payloads.some(
    (payload) =>
      payload.kind === "group-link-answer" &&
      payload.what === "withdrawn" &&
      isLinkAnswerOf(payload, topic, found.shown.answerKey),
  );
  return isOver ? err("withdrawn") : ok(found);
}

/** Behind what was read already. */
async function newestOf(
  context: Context,
  link: InviteLinkText,
  { entries, latest }: { readonly entries: readonly TopicEntry[]; readonly latest: number },
): Promise<readonly TopicEntry[]> {
  const readTo = entries.at(-1)?.sequence ?? 0;
  if (latest <= readTo) return [];
  const { topic, seed } = deriveTopic(inviteTopicSecret(link.secret));
  const after = Math.max(readTo, latest - newestLookedAt);
  const rest = await context.nodes.node(link.node).read({ topic, seed }, after, newestLookedAt);
  return rest.ok ? rest.value.entries : [];
}

/** Says `asked` where it went well: which conversation it is, the answer tells. A member is told which, and asks nobody. */
export async function askToJoin(context: Context, link: InviteLinkText): Promise<Result<ConversationId, InviteFault>> {
  const found = await fetchShown(context, link);
  if (!found.ok) return found;
  const secret = inviteTopicSecret(link.secret);
  const { topic, envelopeKey } = deriveTopic(secret);
  const here = await memberBy(context, topic, link, found.value.shown);
  if (here !== undefined) return ok(here);
  const before = await context.storage.get("asked", topic);
  if (before?.state === "waiting") return err("asked");
  const profile = await me(context);
  const own = await ownKeyPackage(profile);
  const { deviceList } = profile;
  const said = { keyPackages: [own.publicPackage], name: profile.name };
  const signature = sign(labels.joinRequest, joinRequestMessage(topic, said), profile.deviceSeed);
  const request: Payload = { kind: "group-join-request", deviceList, ...said, signature };
  const envelope = sealEnvelope(envelopeKey, topic, request, context.random.bytes(sealNonceBytes));
  if (!envelope.ok) throw new Error("a request does not fit an envelope");
  const { name, emoji, people, answerKey } = found.value.shown;
  const asked: AskedRecord = {
    key: topic,
    by: link.account,
    node: link.node,
    ...own,
    earlier: before === undefined ? [] : [pairOf(before), ...before.earlier].slice(0, maxEarlier),
    envelope: envelope.value,
    atMs: context.clock.now(),
    name,
    emoji,
    people,
    expiresAtMs: link.expiresAtMs,
    answerKey,
    shown: found.value.row,
    request: joinRequestId(topic, said),
    state: "waiting",
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

/** The group that the link leads to, where this person is in it, as far as was read: only members can tell by what the link shows. */
async function memberBy(
  context: Context,
  topic: TopicId,
  { account }: InviteLinkText,
  { answerers }: LinkShown,
): Promise<ConversationId | undefined> {
  const followed = await context.storage.get("groupLinks", topic);
  if (followed?.withdrawn === false) return followed.conversation;
  return (await context.storage.all("conversations")).find(({ key, group }) => {
    const isMember = group?.standing.kind === "member" && context.caughtUp.has(key);
    return isMember && answerers.includes(linkAnswerer(topic, key, account));
  })?.key;
}

const pairOf = ({ publicPackage, privatePackage }: AskedRecord) => ({ publicPackage, privatePackage });

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
    const payload = openEnvelope(envelopeKeyOf(topic.secret), topic.key, entry.envelope);
    const passed = async (changes: readonly Change[] = []) =>
      (await commit(context, { changes: [moved, ...changes] })).ok;
    if (!payload.ok) return passed();
    if (payload.value.kind === "part") {
      const { whole, index, bytes } = payload.value;
      const key = keyOfPart(topic.key, whole, `${index}`);
      const row: PartRecord = { key, topic: topic.key, bytes, atMs: context.clock.now() };
      return passed(await keptWith(context, row));
    }
    if (payload.value.kind === "group-link-answer") return passed(answerTo(asked, payload.value));
    if (payload.value.kind === "group-invite-bundle") return passed(await shownTo(context, asked, payload.value));
    const welcome = await welcomeIn(context, topic, payload.value);
    const joining = welcome && (await joinedByLink(context, asked, welcome.bytes));
    if (welcome === undefined || joining === undefined) return passed(welcome?.gone);
    if (joining === "early") {
      // It was not read here yet that this person had been removed.
      const kept = await keptWith(context, earlyRow(context, topic.key, welcome.bytes));
      return passed([...welcome.gone, ...kept]);
    }
    const changes: readonly Change[] = [...joining.changes, ...welcome.gone, ...askedForgotten(asked)];
    return (await commit(context, { expect: [joining.expect], changes })).ok;
  });
}

/** Who may answer from now on. */
async function shownTo(context: Context, asked: AskedRecord, bundle: GroupBundle): Promise<readonly Change[]> {
  const next = shownIn(asked.key, asked.by, bundle, await listKnownOf(context, asked.by), asked.shown);
  return next === undefined ? [] : [{ kind: "put", table: "asked", row: { ...asked, shown: next.row } }];
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
