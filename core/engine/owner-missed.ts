/** What is said in a group about an owner who is gone (§13.13), and what the timeline of this device tells of it. Writes nothing. */

import { tick } from "../conversation/clock.ts";
import type { GroupEvent } from "../conversation/group-acts.ts";
import { orderOf } from "../conversation/order.ts";
import { confirmed, keyOf, type OwnerMissed, ownerHeard, said } from "../conversation/owner-claims.ts";
import { absenceOf, votersOf } from "../conversation/owner-gone.ts";
import { ownerOf } from "../conversation/role-change.ts";
import { type Member, membersIfReadable } from "../group/state.ts";
import type { AccountId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupOfConversation } from "../ports/group-of-conversation.ts";
import type { PendingCommit } from "../ports/group-records.ts";
import type { Change } from "../ports/storage.ts";
import type { Content } from "../wire/content.ts";
import type { GroupFacts } from "../wire/group-facts.ts";
import type { OwnerClaim } from "../wire/succession.ts";
import { eventRow } from "./commit-in-force.ts";
import { type Context, me } from "./context.ts";

export type InGroup = ConversationRecord & { readonly group: GroupOfConversation };

interface Noted {
  readonly changes: readonly Change[];
  readonly conversation: InGroup;
}

/** `facts`: of the epoch in which it was sealed. What one says who does not decide changes nothing. */
export async function ownerGoneNoted(
  context: Context,
  conversation: InGroup,
  content: Content,
  sender: Member,
  body: Extract<Content["body"], { kind: "owner-gone" }>,
  facts: GroupFacts,
): Promise<Noted> {
  const { account, device } = sender.credential;
  const before = conversation.group.missed;
  if (!isAbout(body, conversation.group, account, facts)) return { changes: [], conversation };
  const claim = await claimHeard(context, conversation, body);
  const order = orderOf(content, device, content.id);
  const missed = said(before, { account, order }, claim, body.withdrawn);
  if (missed === before || missed.votes.length === 0) return { changes: [], conversation };
  const place = { conversation: conversation.key, account, device, time: content, id: content.id };
  return {
    changes: [{ kind: "put", table: "messages", row: eventRow(context, place, eventOf(body)) }],
    conversation: withMissed(conversation, missed),
  };
}

/** Whoever confirms stands by it, should this device not have heard that yet. */
export async function ownerConfirmNoted(
  context: Context,
  conversation: InGroup,
  content: Content,
  sender: Member,
  body: Extract<Content["body"], { kind: "owner-confirm" }>,
  facts: GroupFacts,
): Promise<InGroup> {
  const { account, device } = sender.credential;
  if (!isAbout(body, conversation.group, account, facts)) return conversation;
  const claim = await claimHeard(context, conversation, body);
  const before = conversation.group.missed;
  const missed = said(before, { account, order: orderOf(content, device, content.id) }, claim, false);
  return withMissed(conversation, confirmed(missed, body, { account, device, signature: body.signature }));
}

/** The owner was heard: what is said of their being gone ends here, and the timeline says so. `undefined`: nothing was. */
export async function ownerIsHere(
  context: Context,
  conversation: InGroup,
  account: AccountId,
): Promise<Noted | undefined> {
  const { missed } = conversation.group;
  const left = missed && ownerHeard(missed, ({ owner }) => owner === account);
  return left === undefined || left === missed ? undefined : hereNoted(context, conversation, left, account);
}

/** With a line of this device's own. */
export async function hereNoted(
  context: Context,
  conversation: InGroup,
  left: OwnerMissed,
  account: AccountId,
): Promise<Noted> {
  const { device } = await me(context);
  const time = tick(conversation, context.clock.now());
  const id = toHex(context.random.bytes(8));
  const place = { conversation: conversation.key, account, device, time, id };
  return {
    changes: [{ kind: "put", table: "messages", row: eventRow(context, place, { kind: "owner-here", account }) }],
    conversation: { ...withMissed(conversation, left), ...time },
  };
}

/** It makes another the owner, and the owner was heard since: nobody goes on with it. */
export async function isOutdone(
  context: Context,
  { group }: ConversationRecord,
  { change }: PendingCommit,
): Promise<boolean> {
  const act = change === undefined ? undefined : (await context.storage.get("changes", change))?.act;
  if (act?.kind !== "succeed") return false;
  return group?.missed?.claims.some((claim) => keyOf(claim) === keyOf(act)) !== true;
}

export function withMissed(conversation: InGroup, missed: OwnerMissed | undefined): InGroup {
  const { missed: _, ...group } = conversation.group;
  return { ...conversation, group: missed === undefined ? group : { ...group, missed } };
}

/** Since when, and in which state of the group, this device knows of a claim that is new to it. */
export async function claimHeard(context: Context, { key, group, sentNumber }: InGroup, claim: OwnerClaim) {
  const { claim: id, owner, next } = claim;
  const state = (await context.storage.get("groups", key))?.state;
  const members = state === undefined ? [] : membersIfReadable(state);
  const absence = toHex(absenceOf({ members, facts: group.facts }));
  return { claim: id, owner, next, heardAtMs: context.clock.now(), absence, sentNumber };
}

export function eventOf({ owner, next, withdrawn }: OwnerClaim & { readonly withdrawn: boolean }): GroupEvent {
  return withdrawn ? { kind: "owner-gone-withdrawn", owner } : { kind: "owner-gone", owner, next };
}

/** About the owner as they are now, by one who decides. */
function isAbout(claim: OwnerClaim, group: GroupOfConversation, by: AccountId, facts: GroupFacts): boolean {
  const voters = votersOf(
    facts,
    group.people.map(({ account }) => account),
  );
  return claim.owner === ownerOf(group.facts) && voters.includes(by) && voters.includes(claim.next);
}
