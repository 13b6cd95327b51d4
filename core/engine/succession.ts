/**
 * Giving a group whose owner is gone another one (§13.13): a person proposes, agrees or takes it back; a device that waited long
 * enough confirms by its key; and once enough did, one of those who decide commits it.
 */

import { permissions } from "../conversation/group-rights.ts";
import { jobDelayMs } from "../conversation/job-rank.ts";
import {
  claimShown,
  confirmed,
  keyOf,
  type OwnerClaimKept,
  ownerHeard,
  said,
  stillMissed,
  waitedAtMs,
} from "../conversation/owner-claims.ts";
import { absenceOf, type GroupAt, quorumOf, validOf, votersOf } from "../conversation/owner-gone.ts";
import { ownerOf } from "../conversation/role-change.ts";
import { viewGroup } from "../group/state.ts";
import type { AccountId, ConversationId } from "../lang/brand.ts";
import { idBytes, toHex } from "../lang/bytes.ts";
import { err, type Result } from "../lang/result.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { Change } from "../ports/storage.ts";
import { type OwnerClaim, signOwnerGone } from "../wire/succession.ts";
import { actSaid } from "./act-said.ts";
import { eventRow } from "./commit-in-force.ts";
import { groupNow } from "./commit-make.ts";
import { wantedOf } from "./commits.ts";
import { type Context, commit, me } from "./context.ts";
import type { GroupFault } from "./group-face.ts";
import { changeRow } from "./group-order.ts";
import type { Mailbox } from "./mailbox.ts";
import { claimHeard, eventOf, hereNoted, type InGroup, ownerIsHere, withMissed } from "./owner-missed.ts";
import { presentPeople } from "./talking.ts";

export interface Succession {
  /** The owner is gone, and `next` should be it. */
  propose(id: ConversationId, next: AccountId): Promise<Result<void, GroupFault>>;
  /** With the proposal that is shown. */
  agree(id: ConversationId): Promise<Result<void, GroupFault>>;
  /** Takes the own word back. By the owner: says that they are here. */
  withdraw(id: ConversationId): Promise<Result<void, GroupFault>>;
  /** Goes on with what was agreed on. Safe to call at any time. */
  look(id: ConversationId): Promise<void>;
  stop(): void;
}

/** `kick` is told when there is something to carry or a commit to make. */
export function createSuccession(context: Context, mailbox: Mailbox, kick: (id: ConversationId) => void): Succession {
  const timers = new Map<string, () => void>();
  let stopped = false;

  function later(key: string, atMs: number, task: () => Promise<void>): void {
    timers.get(key)?.();
    if (stopped) return;
    const failed = (error: unknown) => context.log.fault("the next owner could not be seen to", error);
    const run = () => {
      timers.delete(key);
      void task().catch(failed);
    };
    timers.set(key, context.clock.after(Math.max(0, atMs - context.clock.now()), run));
  }

  async function look(id: ConversationId): Promise<void> {
    const conversation = await context.storage.get("conversations", id);
    if (conversation?.group?.missed === undefined) return;
    const next = await context.turns(id, () => goOn(context, id, isRead(conversation)));
    if (next.said) kick(id);
    if (next.againAtMs !== undefined) later(id, next.againAtMs, () => look(id));
    const { ready } = next;
    const job = ready && `${id} ${keyOf(ready)}`;
    if (ready === undefined || job === undefined || timers.has(job) || !isRead(conversation)) return;
    const { device } = await me(context);
    const { group } = conversation;
    const voters = votersOf(group.facts, accountsOf(group.people));
    const devices = presentPeople(group).flatMap((one) => (voters.includes(one.account) ? one.devices : []));
    later(job, context.clock.now() + jobDelayMs(idBytes(ready.claim), device, devices), async () => {
      const now = await context.storage.get("conversations", id);
      if (now === undefined || !isRead(now)) return;
      if (await context.turns(id, () => orderSuccession(context, id, ready))) kick(id);
    });
  }

  /** Till then the owner's words may lie there unread, which end it; whoever has read looks again. */
  function isRead({ key, topic, nodes: [arbiter] }: ConversationRecord): boolean {
    return arbiter !== undefined && mailbox.isRead(topic, arbiter) && context.caughtUp.has(key);
  }

  async function acted(id: ConversationId, act: () => Promise<Result<void, GroupFault>>) {
    const answer = await context.turns(id, act);
    if (answer.ok) kick(id);
    if (answer.ok) await look(id);
    return answer;
  }

  return {
    propose: (id, next) => acted(id, () => propose(context, id, next)),
    agree: (id) =>
      acted(id, async () => {
        const found = await rightIn(context, id);
        const shown = found && shownIn(found);
        if (found === undefined || shown === undefined) return err("not-allowed");
        return say(context, found, shown.claim, false);
      }),
    withdraw: (id) => acted(id, () => withdraw(context, id)),
    look,
    stop() {
      stopped = true;
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

type Found = InGroup & { readonly me: AccountId };

const accountsOf = (people: readonly { readonly account: AccountId }[]) => people.map(({ account }) => account);

/** The group, where this person is one of those who decide. */
async function rightIn(context: Context, id: ConversationId): Promise<Found | undefined> {
  const now = await groupNow(context, id);
  if (now === undefined) return undefined;
  const { conversation, profile } = now;
  const here = accountsOf(presentPeople(conversation.group));
  const { replaceOwner } = permissions(conversation.group.facts, here, profile.account);
  return replaceOwner ? { ...conversation, me: profile.account } : undefined;
}

function shownIn({ group, me: own }: Found) {
  return claimShown(group.missed, group.facts, accountsOf(group.people), own);
}

async function propose(context: Context, id: ConversationId, next: AccountId): Promise<Result<void, GroupFault>> {
  const found = await rightIn(context, id);
  if (found === undefined) return err("not-allowed");
  const { facts, people, missed } = found.group;
  const here = accountsOf(presentPeople(found.group));
  if (!votersOf(facts, here).includes(next)) return err("people");
  // Two who think of the same person want the same.
  const known = stillMissed(missed, facts, accountsOf(people))?.claims.find((one) => one.next === next);
  const claim = known ?? { claim: toHex(context.random.bytes(16)), owner: ownerOf(facts), next };
  return say(context, found, claim, false);
}

async function withdraw(context: Context, id: ConversationId): Promise<Result<void, GroupFault>> {
  const now = await groupNow(context, id);
  if (now === undefined) return err("no-such-conversation");
  const own = now.profile.account;
  const found = { ...now.conversation, me: own };
  const shown = shownIn(found);
  if (shown === undefined) return err("no-change");
  if (shown.claim.owner === own) return sayHere(context, found, shown.claim);
  if (!shown.agreed.includes(own)) return err("no-change");
  // What was signed is out, and counts.
  if (shown.claim.confirmations.some(({ account }) => account === own)) return err("not-allowed");
  return say(context, found, shown.claim, true);
}

/** Said in the group, noted here, and told in the own timeline. */
async function say(
  context: Context,
  found: Found,
  { claim, owner, next }: OwnerClaim,
  withdrawn: boolean,
): Promise<Result<void, GroupFault>> {
  const { me: account, ...conversation } = found;
  const body = { kind: "owner-gone", claim, owner, next, withdrawn } as const;
  const told = await actSaid(context, conversation, body);
  const heard = await claimHeard(context, conversation, body);
  const missed = said(conversation.group.missed, { account, order: told.order }, heard, withdrawn);
  const row = withMissed({ ...told.conversation, group: conversation.group }, missed);
  const { device } = await me(context);
  const place = { conversation: found.key, account, device, time: told.content, id: told.content.id };
  return commit(context, {
    expect: told.batch.expect,
    changes: [
      ...told.batch.changes,
      { kind: "put", table: "messages", row: eventRow(context, place, eventOf(body)) },
      { kind: "put", table: "conversations", row },
    ],
  });
}

/** Any words of the owner's would do. */
async function sayHere(context: Context, found: Found, claim: OwnerClaim): Promise<Result<void, GroupFault>> {
  const { me: account, ...conversation } = found;
  const { owner, next } = claim;
  const body = { kind: "owner-gone", claim: claim.claim, owner, next, withdrawn: true } as const;
  const told = await actSaid(context, conversation, body);
  const spoken = { ...told.conversation, group: conversation.group };
  const here = await ownerIsHere(context, spoken, account);
  return commit(context, {
    expect: told.batch.expect,
    changes: [
      ...told.batch.changes,
      ...(here?.changes ?? []),
      { kind: "put", table: "conversations", row: here?.conversation ?? spoken },
    ],
  });
}

interface Next {
  readonly said: boolean;
  /** When this device will have waited. */
  readonly againAtMs: number | undefined;
  /** Enough confirmed it. */
  readonly ready: OwnerClaimKept | undefined;
}

const nothingNext: Next = { said: false, againAtMs: undefined, ready: undefined };

/** What is next here. Call within the conversation's turn. */
async function goOn(context: Context, id: ConversationId, isRead: boolean): Promise<Next> {
  const now = await groupNow(context, id);
  const missed = now?.conversation.group.missed;
  if (now === undefined || missed === undefined) return nothingNext;
  const { facts, people } = now.conversation.group;
  const { members } = await viewGroup(now.group.state);
  const at: GroupAt = { conversation: id, members, facts };
  const absence = toHex(absenceOf(at));
  const { account, device, deviceSeed } = now.profile;
  // Their keys are others: a device of theirs made a commit, asked for a leaf, or was added.
  const isHere = (claim: OwnerClaimKept) =>
    claim.absence !== absence || (claim.owner === account && now.conversation.sentNumber > claim.sentNumber);
  const left = ownerHeard(missed, isHere);
  const still = stillMissed(left, facts, accountsOf(people));
  const owner = ownerOf(facts);
  if (left !== missed && owner !== undefined) {
    const here = await hereNoted(context, withMissed(now.conversation, still), still ?? left, owner);
    await commit(context, {
      changes: [...here.changes, { kind: "put", table: "conversations", row: here.conversation }],
    });
    return nothingNext;
  }
  const ready = still?.claims.find(
    (claim) => validOf(claim, claim.confirmations, at).length >= quorumOf(votersOf(facts, accountsOf(people))),
  );
  const shown = claimShown(still, facts, accountsOf(people), account);
  if (still === undefined || shown === undefined || !shown.agreed.includes(account)) return { ...nothingNext, ready };
  const { claim } = shown;
  const own = validOf(claim, claim.confirmations, at).some((one) => one.account === account);
  if (own || claim.owner === account) return { ...nothingNext, ready };
  const waits = waitedAtMs(claim) > context.clock.now();
  if (waits) return { ...nothingNext, ready, againAtMs: waitedAtMs(claim) };
  if (!isRead) return { ...nothingNext, ready };
  const signature = signOwnerGone({ ...claim, conversation: id, absence: absenceOf(at) }, deviceSeed);
  const body = { kind: "owner-confirm", claim: claim.claim, owner: claim.owner, next: claim.next, signature } as const;
  const told = await actSaid(context, now.conversation, body);
  const kept = confirmed(still, claim, { account, device, signature });
  const row = withMissed({ ...told.conversation, group: now.conversation.group }, kept);
  const changes: readonly Change[] = [...told.batch.changes, { kind: "put", table: "conversations", row }];
  const written = await commit(context, { expect: told.batch.expect, changes });
  return { said: written.ok, againAtMs: written.ok ? context.clock.now() : undefined, ready };
}

async function orderSuccession(context: Context, id: ConversationId, claim: OwnerClaimKept): Promise<boolean> {
  const found = await rightIn(context, id);
  const { facts, missed, people } = found?.group ?? {};
  if (found === undefined || facts === undefined || people === undefined) return false;
  const still = stillMissed(missed, facts, accountsOf(people));
  if (still?.claims.some((one) => keyOf(one) === keyOf(claim)) !== true) return false;
  const isOrdered = (await wantedOf(context, id)).some(({ act }) => act.kind === "succeed");
  if (isOrdered) return true;
  const { claim: name, owner, next } = claim;
  const { me: _, ...conversation } = found;
  const row = await changeRow(context, conversation, { kind: "succeed", claim: name, owner, next });
  return (await commit(context, { changes: [row] })).ok;
}
