/**
 * Sharing with who is new in a group what was said before they came (§13.12). Whom a commit brought is noted with it; the
 * device that added them shares first, others one after another unless an offer was heard. Does not know what becomes of it.
 */

import { chosen, historyTotals, shareHistory, signHistory } from "../conversation/history.ts";
import { jobDelayMs } from "../conversation/job-rank.ts";
import { sealNonceBytes } from "../crypto/seal.ts";
import type { Change as GroupChange } from "../group/open-in-group.ts";
import type { LeafIdentity } from "../group/state.ts";
import { breathe } from "../group/suite.ts";
import type { AccountId, ConversationId, DeviceId } from "../lang/brand.ts";
import { concat, idBytes } from "../lang/bytes.ts";
import type { ConversationRecord, Newcomer } from "../ports/conversation-record.ts";
import type { GroupOfConversation } from "../ports/group-of-conversation.ts";
import type { Change } from "../ports/storage.ts";
import { envelopeHash, sealEnvelope } from "../wire/envelope.ts";
import type { GroupFacts } from "../wire/group-facts.ts";
import { encodeHistoryCapsule, type HistoryEntry } from "../wire/history.ts";
import { deriveTopic } from "../wire/topic.ts";
import { actSaid } from "./act-said.ts";
import { type Context, commit, me } from "./context.ts";
import { authorsOf, entriesHere } from "./history-entries.ts";
import { freshRow } from "./outbox-row.ts";
import { presentPeople } from "./talking.ts";

/** Who added them is given so long. Lower: others share the same while that device still reads its own commit back. */
const patienceMs = 20_000;
/** Who was away for longer finds nothing of it at the nodes any more. */
const sharedForMs = 30 * 24 * 3_600_000;
const secretBytes = 32;
/** Sorts behind every order of a message: nothing that is said waits for it. */
const behindAll = "~history ";

/** Those who are to be offered what was said before, after a commit. */
export function newcomersNow(
  known: readonly Newcomer[],
  { by, before, after }: Pick<GroupChange, "by" | "before" | "after">,
  { history }: GroupFacts,
  sinceMs: number,
): readonly Newcomer[] {
  const accounts = (members: readonly LeafIdentity[]) => new Set(members.map(({ credential }) => credential.account));
  const had = accounts(before.members);
  const has = accounts(after.members);
  const fresh = history === "none" ? [] : [...has].filter((account) => !had.has(account));
  const still = known.filter((one) => has.has(one.account) && isNewStill(one, sinceMs));
  return [...still, ...fresh.map((account) => ({ account, by: by.credential.device, sinceMs, history }))];
}

export function isNewStill({ sinceMs }: Newcomer, nowMs: number): boolean {
  return nowMs - sinceMs < sharedForMs;
}

export interface HistorySharing {
  /** Shares what is to be shared in a group, now or when it is this device's turn. Safe to call at any time. */
  look(id: ConversationId): Promise<void>;
  stop(): void;
}

/** `kick` is told when there is something to carry. */
export function createHistorySharing(context: Context, kick: (id: ConversationId) => void): HistorySharing {
  const timers = new Map<string, () => void>();
  let stopped = false;

  async function share(id: ConversationId, account: AccountId): Promise<void> {
    if (await context.turns(id, () => shareWith(context, id, account))) kick(id);
  }

  return {
    async look(id) {
      const conversation = await context.storage.get("conversations", id);
      if (conversation?.group === undefined) return;
      await context.turns(id, () => forgetLeft(context, id));
      // What was heard of others' offers is not known before the topic was read.
      if (conversation.group.standing.kind !== "member" || !context.caughtUp.has(id)) return;
      const { device } = await me(context);
      const devices = presentPeople(conversation.group).flatMap((person) => person.devices);
      for (const { account, by, offered } of conversation.newcomers) {
        if (offered) continue;
        const key = `${id} ${account}`;
        if (by === device) await share(id, account);
        else if (!timers.has(key) && !stopped) {
          const job = concat(idBytes(id), idBytes(account));
          const task = () => {
            timers.delete(key);
            share(id, account).catch((error: unknown) => context.log.fault("history could not be shared", error));
          };
          timers.set(key, context.clock.after(patienceMs + jobDelayMs(job, device, devices), task));
        }
      }
    },
    stop() {
      stopped = true;
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

export type InGroup = ConversationRecord & { readonly group: GroupOfConversation };

/** Whether there is something to carry. Call within the conversation's turn. */
async function shareWith(context: Context, id: ConversationId, account: AccountId): Promise<boolean> {
  const conversation = await context.storage.get("conversations", id);
  const newcomer = conversation?.newcomers.find((one) => one.account === account && !one.offered);
  if (conversation?.group?.standing.kind !== "member" || newcomer === undefined) return false;
  const row = { ...conversation, newcomers: withOffered(conversation.newcomers, account) };
  const { device } = await me(context);
  const offer = await offerOf(
    context,
    { ...row, group: conversation.group },
    {
      account,
      wanted: (entries) => chosen(entries, newcomer.history, newcomer.sinceMs),
      // Later, others could not tell what was said since.
      upTo: () => (newcomer.by === device ? Number.MAX_SAFE_INTEGER : 0),
    },
  );
  if (offer === undefined) {
    await commit(context, { changes: [{ kind: "put", table: "conversations", row }] });
    return false;
  }
  return saidOffer(context, row, offer);
}

/** They were offered what they may have; what does not come of it they ask for. */
export function withOffered(newcomers: readonly Newcomer[], account: AccountId): readonly Newcomer[] {
  return newcomers.map((one) => (one.account === account ? { ...one, offered: true } : one));
}

/** Call within the conversation's turn. */
export async function saidOffer(context: Context, row: ConversationRecord, offer: Offer): Promise<boolean> {
  const { topicSecret, capsule, signature } = offer;
  const said = await actSaid(context, row, { kind: "history-offer", topicSecret, capsule, signature });
  const changes: readonly Change[] = [
    ...said.batch.changes,
    ...offer.changes,
    { kind: "put", table: "conversations", row: said.conversation },
  ];
  return (await commit(context, { expect: said.batch.expect, changes })).ok;
}

export interface Offer {
  readonly topicSecret: Uint8Array;
  readonly capsule: Uint8Array;
  readonly signature: Uint8Array;
  /** How many the pieces hold. */
  readonly entries: number;
  /** The pieces, and the topic that they are left in. */
  readonly changes: readonly Change[];
}

/** `wanted`: of what is here, newest first. `upTo`: see `entriesHere`. `undefined`: that is nothing. */
export async function offerOf(
  context: Context,
  conversation: InGroup,
  {
    account,
    wanted,
    upTo,
  }: {
    readonly account: AccountId;
    readonly wanted: (entries: readonly HistoryEntry[]) => readonly HistoryEntry[];
    readonly upTo?: (device: DeviceId) => number;
  },
): Promise<Offer | undefined> {
  const profile = await me(context);
  const here = await entriesHere(context, conversation, profile, upTo && { upTo });
  const entries = wanted(here.entries);
  const isThere = presentPeople(conversation.group).some((person) => person.account === account);
  if (entries.length === 0 || !isThere) return undefined;
  const authors = await authorsOf(context, here.owners, conversation, profile);
  const madeAtMs = context.clock.now();
  const made = await fitting(entries, (some) =>
    shareHistory({ conversation: conversation.key, account, madeAtMs, authors, entries: some }, breathe),
  );
  const topicSecret = context.random.bytes(secretBytes);
  return {
    topicSecret,
    capsule: made.capsule,
    signature: signHistory(made.capsule, profile.deviceSeed),
    entries: made.entries,
    changes: await leftPieces(context, conversation.key, topicSecret, made.pieces),
  };
}

/** Without its oldest part where the capsule would be too large. */
async function fitting(
  entries: readonly HistoryEntry[],
  share: (entries: readonly HistoryEntry[]) => ReturnType<typeof shareHistory>,
): Promise<{ readonly capsule: Uint8Array; readonly pieces: readonly Uint8Array[]; readonly entries: number }> {
  for (let some = entries; ; some = some.slice(0, some.length >> 1)) {
    const { capsule, pieces } = await share(some);
    const encoded = encodeHistoryCapsule(capsule);
    if (encoded.ok) return { capsule: encoded.value, pieces, entries: historyTotals(capsule).here };
  }
}

async function leftPieces(
  context: Context,
  conversation: ConversationId,
  secret: Uint8Array,
  pieces: readonly Uint8Array[],
): Promise<readonly Change[]> {
  const { topic, envelopeKey } = deriveTopic(secret);
  const purpose = { kind: "history-left", conversation } as const;
  const rows: Change[] = [];
  for (const [index, piece] of pieces.entries()) {
    await breathe();
    const payload = { kind: "history-piece", piece } as const;
    const envelope = sealEnvelope(envelopeKey, topic, payload, context.random.bytes(sealNonceBytes));
    if (!envelope.ok) throw new Error("a piece that passed its bounds does not fit an envelope");
    const order = behindAll + topic + String(index).padStart(3, "0");
    const row = { key: envelopeHash(envelope.value), conversation, topic, order, envelope: envelope.value };
    rows.push({
      kind: "put",
      table: "outbox",
      row: freshRow(context, { ...row, ends: "custody", waitingFor: [] }),
    });
  }
  return [{ kind: "put", table: "topics", row: { key: topic, secret, places: [], due: [], purpose } }, ...rows];
}

/** Topics in which nothing is left to be left. */
async function forgetLeft(context: Context, id: ConversationId): Promise<void> {
  const left = (await context.storage.all("topics")).filter(
    ({ purpose }) => purpose.kind === "history-left" && purpose.conversation === id,
  );
  if (left.length === 0) return;
  const waiting = new Set((await context.storage.ofConversation("outbox", id)).map(({ topic }) => topic));
  const spent = left.filter(({ key }) => !waiting.has(key));
  if (spent.length === 0) return;
  await commit(context, { changes: spent.map(({ key }) => ({ kind: "delete", table: "topics", key })) });
}
