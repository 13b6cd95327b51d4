/**
 * Giving envelopes that no node takes to contacts who agreed to keep them (§7.7), and noting what they promise. Does not
 * decide whether a node is in reach, nor what a keeper does with them.
 */

import { keptForMs, maxKeepers } from "../conversation/keeping.ts";
import { labels } from "../crypto/labels.ts";
import { verify } from "../crypto/signature.ts";
import type { AccountId, ConversationId, DeviceId, EnvelopeHash } from "../lang/brand.ts";
import type { HeldKeeping, OutboxRecord } from "../ports/outbox-records.ts";
import type { ContactRecord } from "../ports/people-records.ts";
import type { Change } from "../ports/storage.ts";
import { maxKeepDevices } from "../wire/bounds.ts";
import { readKeptDeviceList } from "../wire/device-list.ts";
import { keepingMessage, type LinkFrame } from "../wire/link-protocol.ts";
import { type Context, commit } from "./context.ts";
import type { LinkTable } from "./link-carrier.ts";

export type KeptFrame = Extract<LinkFrame, { kind: "kept" }>;

export interface Giving {
  /** Gives each row, in this order, to linked keepers other than the person it is for. */
  give(rows: readonly OutboxRecord[], recipient: AccountId): Promise<void>;
  /** A device of this contact says that it keeps an envelope. */
  kept(from: AccountId, device: DeviceId, frame: KeptFrame): Promise<void>;
  /** What the device was asked for and did not answer is asked again over its next link. */
  linkOpened(device: DeviceId): void;
}

export interface GivingEvents {
  plan(id: ConversationId): void;
  planLater(id: ConversationId, delayMs: number): void;
}

/** A keeper answers once its disk has it. Who has not by then does not keep it: no consent, no room, or nobody it knows. */
const patienceMs = 10_000;
/** Envelopes on one link without an answer. Higher fills the keeper's memory. */
const window = 64;

interface Asked {
  readonly conversation: ConversationId;
  readonly atMs: number;
}

/** What became of one link to a keeper so far. */
interface Round {
  /** Asked for and not answered. */
  readonly asked: Map<EnvelopeHash, Asked>;
  /** Promised over this link. */
  readonly promised: Set<EnvelopeHash>;
  /** Of these it has promised something: it knows whom they are with. */
  readonly known: Set<ConversationId>;
}

interface LinkedKeeper {
  readonly account: AccountId;
  readonly device: DeviceId;
}

export function createGiving(context: Context, links: LinkTable, events: GivingEvents): Giving {
  const rounds = new Map<DeviceId, Round>();

  function roundOf(device: DeviceId): Round {
    const round = rounds.get(device) ?? { asked: new Map(), promised: new Set(), known: new Set() };
    rounds.set(device, round);
    return round;
  }

  async function linkedKeepers(recipient: AccountId): Promise<readonly LinkedKeeper[]> {
    return (await context.storage.all("contacts")).flatMap(({ key: account, state, keeper }) => {
      const device = links.deviceOf(account);
      if (state !== "accepted" || !keeper || account === recipient || device === undefined) return [];
      return [{ account, device }];
    });
  }

  /**
   * Who left something of this conversation unanswered is not asked for more of it over this link. Until it answered the
   * first it is not given a second: most keepers do not know everybody one writes to.
   */
  function takes(device: DeviceId, id: ConversationId, nowMs: number): boolean {
    const { asked, known } = roundOf(device);
    const unanswered = [...asked.values()];
    const late = unanswered.filter(({ atMs }) => Math.abs(nowMs - atMs) >= patienceMs);
    if (late.some(({ conversation }) => conversation === id)) return false;
    const ofThis = unanswered.some(({ conversation }) => conversation === id);
    return (known.has(id) || !ofThis) && unanswered.length - late.length < window;
  }

  function giveOne(row: OutboxRecord, keepers: readonly LinkedKeeper[], nowMs: number): void {
    const devices = row.waitingFor.filter((device) => !links.has(device)).slice(0, maxKeepDevices);
    // Without an envelope it waits for new keys.
    if (row.slot !== undefined || row.envelope.length === 0 || devices.length === 0) return;
    const lasting = row.keepings.filter(({ untilMs }) => untilMs > nowMs).map(({ keeper }) => keeper);
    const isAsked = ({ device }: LinkedKeeper) => roundOf(device).asked.has(row.key);
    let count = lasting.length + keepers.filter((one) => isAsked(one) && !lasting.includes(one.account)).length;
    for (const keeper of keepers) {
      const { account, device } = keeper;
      const round = roundOf(device);
      // Who promised over an earlier link is asked once more: it may have lost its disk since, and then it keeps it again.
      const isNew = !lasting.includes(account);
      if (round.promised.has(row.key) || isAsked(keeper) || (isNew && count >= maxKeepers)) continue;
      if (!takes(device, row.conversation, nowMs) || !links.keep(device, row.topic, devices, row.envelope)) continue;
      round.asked.set(row.key, { conversation: row.conversation, atMs: nowMs });
      events.planLater(row.conversation, patienceMs);
      if (isNew) count++;
    }
  }

  /** Asked for a promise of before once more, and silent: it may be lost there, and is not shown any more. */
  async function endUnconfirmed(row: OutboxRecord, keepers: readonly LinkedKeeper[]): Promise<OutboxRecord> {
    const nowMs = context.clock.now();
    const silent = keepers.filter(({ account, device }) => {
      const asked = rounds.get(device)?.asked.get(row.key);
      const isLate = asked !== undefined && Math.abs(nowMs - asked.atMs) >= patienceMs;
      return isLate && row.keepings.some(({ keeper }) => keeper === account);
    });
    const accounts = silent.map(({ account }) => account);
    return accounts.length === 0 ? row : endPromises(context, row, accounts);
  }

  return {
    async give(rows, recipient) {
      const keepers = rows.length === 0 ? [] : await linkedKeepers(recipient);
      for (const row of keepers.length === 0 ? [] : rows) {
        giveOne(await endUnconfirmed(row, keepers), keepers, context.clock.now());
      }
    },
    async kept(from, device, frame) {
      const round = roundOf(device);
      const conversation = round.asked.get(frame.hash)?.conversation;
      const contact = await context.storage.get("contacts", from);
      if (conversation === undefined || contact?.state !== "accepted") return;
      const noted = await context.turns(conversation, async () => {
        const row = await context.storage.get("outbox", frame.hash);
        return row === undefined || notePromise(context, row, contact, device, frame);
      });
      if (!noted) return;
      round.asked.delete(frame.hash);
      round.promised.add(frame.hash);
      round.known.add(conversation);
      // The window has room again.
      if (round.asked.size === 0) events.plan(conversation);
    },
    linkOpened: (device) => void rounds.delete(device),
  };
}

/** `false` where it is no promise, or could not be written down. Call within the conversation's turn. */
async function notePromise(
  context: Context,
  row: OutboxRecord,
  keeper: ContactRecord,
  device: DeviceId,
  { hash, untilMs: signedMs, signature }: KeptFrame,
): Promise<boolean> {
  const nowMs = context.clock.now();
  const listed = readKeptDeviceList(keeper.deviceList).devices.find((one) => one.device === device);
  const signed = keepingMessage(row.topic, hash, signedMs);
  if (signedMs <= nowMs || listed === undefined) return false;
  if (!verify(labels.keeping, signed, signature, listed.signatureKey)) return false;
  // A keeper's clock that is ahead promises nothing beyond what keepers do.
  const untilMs = Math.min(signedMs, nowMs + keptForMs);
  const promise: HeldKeeping = { keeper: keeper.key, device, untilMs, signature };
  const keepings = [...row.keepings.filter((one) => one.keeper !== keeper.key), promise];
  const changes: Change[] = [{ kind: "put", table: "outbox", row: { ...row, keepings } }];
  const message = row.message && (await context.storage.get("messages", row.message));
  if (message) {
    const others = message.keepings.filter((one) => one.keeper !== keeper.key);
    const told = [...others, { keeper: keeper.key, atMs: nowMs, untilMs }];
    changes.push({ kind: "put", table: "messages", row: { ...message, keepings: told, trouble: undefined } });
  }
  return (await commit(context, { changes })).ok;
}

/** The row as it is then. */
function endPromises(context: Context, { key, ...old }: OutboxRecord, of: readonly AccountId[]): Promise<OutboxRecord> {
  return context.turns(old.conversation, async () => {
    const row = await context.storage.get("outbox", key);
    // Acknowledged meanwhile: nobody has to keep it.
    if (row === undefined) return { key, ...old, waitingFor: [] };
    const message = row.message && (await context.storage.get("messages", row.message));
    const left = <K extends { readonly keeper: AccountId }>(all: readonly K[]) =>
      all.filter(({ keeper }) => !of.includes(keeper));
    const without = { ...row, keepings: left(row.keepings) };
    const changes: Change[] = [{ kind: "put", table: "outbox", row: without }];
    if (message) {
      changes.push({ kind: "put", table: "messages", row: { ...message, keepings: left(message.keepings) } });
    }
    return (await commit(context, { changes })).ok ? without : row;
  });
}
