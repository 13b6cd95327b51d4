/**
 * What a device knows of those who say that their group's owner is gone (§13.13): who says it, since when it knows, who confirmed,
 * and that the owner was heard. Values only. Of nothing here others take this device's word: they count confirmations.
 */

import type { AccountId } from "../lang/brand.ts";
import type { GroupFacts } from "../wire/group-facts.ts";
import type { OwnerClaim, OwnerConfirmation } from "../wire/succession.ts";
import { ownerWaitMs, quorumOf, votersOf } from "./owner-gone.ts";
import { ownerOf } from "./role-change.ts";

/** Of each member the last thing they said about it. */
export interface OwnerVote {
  readonly account: AccountId;
  /** Of the content, so that an older one that comes later changes nothing. */
  readonly order: string;
  /** `keyOf` the claim; `undefined`: they took it back. */
  readonly claim: string | undefined;
}

export interface OwnerClaimKept extends OwnerClaim {
  /** From whom this device heard it first, and when by its own clock. */
  readonly by: AccountId;
  readonly heardAtMs: number;
  /** Hex of `absenceOf` the group then. */
  readonly absence: string;
  /** Number of this device's newest own message then: an owner who said something since is here. */
  readonly sentNumber: number;
  /** Not checked; of each account one. */
  readonly confirmations: readonly OwnerConfirmation[];
}

export interface OwnerMissed {
  readonly votes: readonly OwnerVote[];
  /** Those that somebody stands by. */
  readonly claims: readonly OwnerClaimKept[];
  /** Keys of those that ended because the owner was heard: whoever was not told yet does not bring them back. Newest first. */
  readonly over: readonly string[];
}

const nobodyMissed: OwnerMissed = { votes: [], claims: [], over: [] };
/** More than are made in the time that a content is under way. */
const maxOver = 16;

export function keyOf({ claim, owner, next }: OwnerClaim): string {
  return `${claim} ${owner ?? ""} ${next}`;
}

/** Somebody says it, or takes it back. Whether they are one of those who decide is asked before. */
export function said(
  missed: OwnerMissed = nobodyMissed,
  { account, order }: Pick<OwnerVote, "account" | "order">,
  claim: Omit<OwnerClaimKept, "confirmations" | "by">,
  withdrawn: boolean,
): OwnerMissed {
  const key = keyOf(claim);
  const last = missed.votes.find((vote) => vote.account === account);
  if (missed.over.includes(key) || (last !== undefined && last.order >= order)) return missed;
  if (withdrawn && last?.claim !== key) return missed;
  const vote = { account, order, claim: withdrawn ? undefined : key };
  const isKnown = withdrawn || missed.claims.some((one) => keyOf(one) === key);
  const claims = isKnown ? missed.claims : [...missed.claims, { ...claim, by: account, confirmations: [] }];
  const votes = [...missed.votes.filter((one) => one !== last), vote];
  return stoodBy({ ...missed, votes, claims: withdrawn ? claims.map((one) => without(one, account)) : claims });
}

/** Somebody's device confirms a claim that is known here. */
export function confirmed(missed: OwnerMissed, claim: OwnerClaim, confirmation: OwnerConfirmation): OwnerMissed {
  const key = keyOf(claim);
  const claims = missed.claims.map((one) => {
    if (keyOf(one) !== key) return one;
    const others = one.confirmations.filter(({ account }) => account !== confirmation.account);
    return { ...one, confirmations: [...others, confirmation] };
  });
  return { ...missed, claims };
}

/** Of these claims the owner was heard; the very same value where there is none. */
export function ownerHeard(missed: OwnerMissed, is: (claim: OwnerClaimKept) => boolean): OwnerMissed {
  const heard = missed.claims.filter((one) => one.owner !== undefined && is(one)).map(keyOf);
  if (heard.length === 0) return missed;
  const over = [...heard, ...missed.over].slice(0, maxOver);
  const isOver = (key: string | undefined) => key !== undefined && heard.includes(key);
  return {
    over,
    claims: missed.claims.filter((one) => !isOver(keyOf(one))),
    votes: missed.votes.map((vote) => (isOver(vote.claim) ? { ...vote, claim: undefined } : vote)),
  };
}

/** Without those that are about somebody who is the owner no more, or by who is gone. `undefined`: nothing is left. */
export function stillMissed(
  missed: OwnerMissed | undefined,
  facts: GroupFacts,
  people: readonly AccountId[],
): OwnerMissed | undefined {
  if (missed === undefined) return undefined;
  const claims = missed.claims.filter(({ owner, next }) => owner === ownerOf(facts) && people.includes(next));
  const votes = missed.votes.filter(({ account }) => people.includes(account));
  const left = stoodBy({ ...missed, claims, votes });
  return left.claims.length === 0 && left.over.length === 0 ? undefined : left;
}

/** Who of those who decide stands by it. */
export function agreedOn(missed: OwnerMissed, claim: OwnerClaim, voters: readonly AccountId[]): readonly AccountId[] {
  const key = keyOf(claim);
  return missed.votes.flatMap((vote) => (vote.claim === key && voters.includes(vote.account) ? [vote.account] : []));
}

/** When this device has waited for it long enough. */
export function waitedAtMs({ owner, heardAtMs }: OwnerClaimKept): number {
  return owner === undefined ? heardAtMs : heardAtMs + ownerWaitMs;
}

/** The claim that a person is shown: their own, else the one that most stand by. */
export function claimShown(
  missed: OwnerMissed | undefined,
  facts: GroupFacts,
  people: readonly AccountId[],
  me: AccountId,
):
  | {
      readonly claim: OwnerClaimKept;
      readonly agreed: readonly AccountId[];
      readonly voters: readonly AccountId[];
      readonly needed: number;
    }
  | undefined {
  const still = stillMissed(missed, facts, people);
  if (still === undefined) return undefined;
  const voters = votersOf(facts, people);
  const weighed = still.claims.map((claim) => ({ claim, agreed: agreedOn(still, claim, voters) }));
  const [first] = weighed
    .filter(({ agreed }) => agreed.length > 0)
    .sort((a, b) => {
      const mine = Number(b.agreed.includes(me)) - Number(a.agreed.includes(me));
      return mine || b.agreed.length - a.agreed.length || (keyOf(a.claim) < keyOf(b.claim) ? -1 : 1);
    });
  return first && { ...first, voters, needed: quorumOf(voters) };
}

function stoodBy(missed: OwnerMissed): OwnerMissed {
  const claims = missed.claims.filter((one) => missed.votes.some(({ claim }) => claim === keyOf(one)));
  return { ...missed, claims };
}

function without(claim: OwnerClaimKept, account: AccountId): OwnerClaimKept {
  return { ...claim, confirmations: claim.confirmations.filter((one) => one.account !== account) };
}
