/**
 * Links to a group (§13.9): made by an admin, told to the others, whose devices answer as well, withdrawn, and brought to their
 * node. What this device keeps of them is in `group-link-rows`, who comes with them in `group-requests`.
 */

import { rankOf, ranks } from "../conversation/group-rights.ts";
import type { ConversationId, InviteId } from "../lang/brand.ts";
import { equalBytes } from "../lang/bytes.ts";
import { done, err, ok, type Result } from "../lang/result.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupLinkRecord } from "../ports/group-link-records.ts";
import type { GroupOfConversation } from "../ports/group-of-conversation.ts";
import type { ProfileRecord } from "../ports/people-records.ts";
import type { Change } from "../ports/storage.ts";
import { maxInviteBudget } from "../wire/bounds.ts";
import type { GroupInvite } from "../wire/content-group.ts";
import { signLinkAnswer } from "../wire/link-answer.ts";
import { deriveTopic, inviteTopicSecret } from "../wire/topic.ts";
import { actSaid } from "./act-said.ts";
import { type Context, commit, me } from "./context.ts";
import type { GroupFault, GroupInviteView } from "./group-face.ts";
import { publishAsked } from "./group-link-asked.ts";
import {
  joinedWith,
  linkRows,
  liveLinks,
  longestLinkMs,
  putLink,
  sealedIn,
  withdrawnChanges,
} from "./group-link-rows.ts";
import { linkShown, mayAnswer } from "./group-link-shown.ts";

const secretBytes = 16;
const seedBytes = 32;
/** Each is a topic that every admin's device follows: more, and one admin keeps those of the others busy. */
const maxLinks = 20;

type InGroup = ConversationRecord & { readonly group: GroupOfConversation };

export function createGroupLink(
  context: Context,
  id: ConversationId,
  choice: { readonly lastsMs: number; readonly budget: number },
): Promise<Result<GroupInviteView, GroupFault>> {
  return context.turns(id, async () => {
    const conversation = await asAdmin(context, id);
    if (!conversation.ok) return conversation;
    if ((await liveLinks(context, id)).length >= maxLinks) return err("too-many");
    const { nodes, group } = conversation.value;
    const [node] = nodes;
    if (node === undefined) throw new Error("a group without a node");
    const profile = await me(context);
    const createdAtMs = context.clock.now();
    const invite: GroupInvite = {
      secret: context.random.bytes(secretBytes),
      node,
      expiresAtMs: createdAtMs + Math.min(Math.max(choice.lastsMs, 0), longestLinkMs),
      budget: Math.min(Math.max(Math.floor(choice.budget), 1), maxInviteBudget),
      withdrawn: false,
      account: profile.account,
      answerSeed: context.random.bytes(seedBytes),
      joined: [],
    };
    const { row: bare, topic } = linkRows(context, id, invite);
    const row = shownAnew(context, profile, bare, group);
    const said = await actSaid(context, conversation.value, { kind: "group-invite", ...invite });
    const written = await commit(context, {
      expect: said.batch.expect,
      changes: [
        putLink(row),
        { kind: "put", table: "topics", row: topic },
        ...said.batch.changes,
        { kind: "put", table: "conversations", row: said.conversation },
      ],
    });
    return written.ok ? ok(groupLinkView(row, createdAtMs)) : written;
  });
}

/** With what the link shows from now on, to be left there. */
export function shownAnew(
  context: Context,
  profile: ProfileRecord,
  row: GroupLinkRecord,
  group: GroupOfConversation,
): GroupLinkRecord {
  const { bundle, row: shown } = linkShown(context, profile, row, group);
  const envelope = sealedIn(context, row, { kind: "group-invite-bundle", ...bundle });
  return { ...row, shown, toLeave: [...row.toLeave, envelope] };
}

async function asAdmin(context: Context, id: ConversationId): Promise<Result<InGroup, GroupFault>> {
  const conversation = await context.storage.get("conversations", id);
  if (conversation?.group === undefined) return err("no-such-conversation");
  const { facts, standing } = conversation.group;
  const { account } = await me(context);
  if (standing.kind !== "member" || rankOf(facts, account) < ranks.admin) return err("not-allowed");
  return ok({ ...conversation, group: conversation.group });
}

/** What the other admins are told of a link; of an own device list, name and so on nothing. */
export function inviteOfLink(row: GroupLinkRecord): GroupInvite {
  const { secret, node, expiresAtMs, budget, withdrawn, by: account, answerSeed } = row;
  return { secret, node, expiresAtMs, budget, withdrawn, account, answerSeed, joined: row.joined.toSorted() };
}

/** Said by owner or admin, and heard by one. */
export async function inviteTold(
  context: Context,
  { key: id, group, nodes, topic: current }: InGroup,
  invite: GroupInvite,
): Promise<readonly Change[]> {
  const { row, topic } = linkRows(context, id, invite);
  const before = await context.storage.get("groupLinks", row.key);
  if (before !== undefined) {
    if (before.conversation !== id || before.withdrawn) return [];
    if (invite.withdrawn) return withdrawnChanges(context, before);
    const joined = joinedWith(before, invite.joined);
    return joined.length === before.joined.length ? [] : [putLink({ ...before, joined })];
  }
  // At a node of the group, or one where it was when the link was made: nobody makes the others' devices call any server.
  const places = (await context.storage.get("topics", current))?.places.map(({ node }) => node) ?? [];
  if (![...nodes, ...places].includes(invite.node) || invite.expiresAtMs <= context.clock.now()) return [];
  if (rankOf(group.facts, invite.account) < ranks.admin) return [];
  const asked = await context.storage.get("asked", row.key);
  const isAskedHere =
    asked !== undefined && mayAnswer({ key: row.key, conversation: id, shown: asked.shown }, asked.by);
  // Of an invite of one's own, or of another group that one asks to come to: whoever knows its secret could take its topic away.
  if (!isAskedHere && (await context.storage.get("topics", row.key)) !== undefined) return [];
  // They came another way.
  const answered: readonly Change[] = isAskedHere ? [{ kind: "delete", table: "asked", key: row.key }] : [];
  if (invite.withdrawn) return [...answered, ...(await withdrawnChanges(context, row))];
  if ((await liveLinks(context, id)).length >= maxLinks) return [];
  return [...answered, putLink(row), { kind: "put", table: "topics", row: topic }];
}

export function groupLinkView(row: GroupLinkRecord, nowMs: number): GroupInviteView {
  const { id, link, createdAtMs, expiresAtMs, budget, joined, by, toLeave } = row;
  const open = toLeave.length > 0 && joined.length === 0 ? "preparing" : "ready";
  const state = expiresAtMs <= nowMs ? "expired" : joined.length >= budget ? "used-up" : open;
  return { id, link, createdAtMs, expiresAtMs, budget, used: joined.length, by, state };
}

/** Nobody is let in with it from now on, on no admin's device once that hears of it. */
export function withdrawGroupLink(
  context: Context,
  id: ConversationId,
  invite: InviteId,
): Promise<Result<void, GroupFault>> {
  return context.turns(id, async () => {
    const conversation = await asAdmin(context, id);
    if (!conversation.ok) return conversation;
    const row = (await liveLinks(context, id)).find((one) => one.id === invite);
    if (row === undefined) return done;
    const withdrawn = { ...row, withdrawn: true };
    const answer = signLinkAnswer(row.key, "withdrawn", row.answerSeed);
    // For who comes with it later, and for who waits.
    const tombstone = sealedIn(context, row, { kind: "group-link-answer", ...answer });
    const said = await actSaid(context, conversation.value, { kind: "group-invite", ...inviteOfLink(withdrawn) });
    return commit(context, {
      expect: said.batch.expect,
      changes: [
        ...(await withdrawnChanges(context, { ...withdrawn, toLeave: [...row.toLeave, tombstone] })),
        ...said.batch.changes,
        { kind: "put", table: "conversations", row: said.conversation },
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
        // Another run may have left it as well, and taken it away.
        if (row === undefined || first === undefined || !equalBytes(first, envelope)) return;
        await commit(context, { changes: [{ kind: "put", table: "groupLinks", row: { ...row, toLeave: rest } }] });
      });
    }
  }
  return (await publishAsked(context)) && taken;
}
