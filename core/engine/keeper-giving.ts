/**
 * Giving envelopes that no node takes to contacts who agreed to keep them (§7.7), and noting what they promise. Does not
 * decide whether a node is in reach, nor what a keeper does with them.
 */

import { keptForMs, maxKeepers } from "../conversation/keeping.ts";
import { labels } from "../crypto/labels.ts";
import { verify } from "../crypto/signature.ts";
import type { AccountId, ConversationId, DeviceId, EnvelopeHash } from "../lang/brand.ts";
import type { ContactRecord, HeldKeeping, OutboxRecord } from "../ports/records.ts";
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

interface LinkedKeeper {
  readonly account: AccountId;
  readonly device: DeviceId;
}

export function createGiving(context: Context, links: LinkTable, events: GivingEvents): Giving {
  /** What each linked keeper was asked for and has not answered. */
  const asked = new Map<DeviceId, Map<EnvelopeHash, Asked>>();

  async function linkedKeepers(recipient: AccountId): Promise<readonly LinkedKeeper[]> {
    return (await context.storage.all("contacts")).flatMap(({ key: account, state, keeper }) => {
      const device = links.deviceOf(account);
      if (state !== "accepted" || !keeper || account === recipient || device === undefined) return [];
      return [{ account, device }];
    });
  }

  /** Who left something of this conversation unanswered is not asked for more of it over this link. */
  function takes(device: DeviceId, id: ConversationId, nowMs: number): boolean {
    const unanswered = [...(asked.get(device)?.values() ?? [])];
    const late = unanswered.filter(({ atMs }) => Math.abs(nowMs - atMs) >= patienceMs);
    return !late.some(({ conversation }) => conversation === id) && unanswered.length - late.length < window;
  }

  function isAsked(device: DeviceId, hash: EnvelopeHash): boolean {
    return asked.get(device)?.has(hash) ?? false;
  }

  function giveOne(row: OutboxRecord, keepers: readonly LinkedKeeper[], nowMs: number): void {
    const devices = row.waitingFor.filter((device) => !links.has(device)).slice(0, maxKeepDevices);
    // Without an envelope it waits for new keys.
    if (row.slot !== undefined || row.envelope.length === 0 || devices.length === 0) return;
    const lasting = row.keepings.filter(({ untilMs }) => untilMs > nowMs).map(({ keeper }) => keeper);
    const others = keepers.filter(({ account }) => !lasting.includes(account));
    const willing = others.filter(({ device }) => takes(device, row.conversation, nowMs));
    let count = lasting.length + willing.filter(({ device }) => isAsked(device, row.key)).length;
    for (const { device } of willing) {
      if (count >= maxKeepers) return;
      if (isAsked(device, row.key) || !links.keep(device, row.topic, devices, row.envelope)) continue;
      const ofDevice = asked.get(device) ?? new Map<EnvelopeHash, Asked>();
      asked.set(device, ofDevice.set(row.key, { conversation: row.conversation, atMs: nowMs }));
      events.planLater(row.conversation, patienceMs);
      count++;
    }
  }

  return {
    async give(rows, recipient) {
      const keepers = rows.length === 0 ? [] : await linkedKeepers(recipient);
      for (const row of keepers.length === 0 ? [] : rows) giveOne(row, keepers, context.clock.now());
    },
    async kept(from, device, frame) {
      const conversation = asked.get(device)?.get(frame.hash)?.conversation;
      const contact = await context.storage.get("contacts", from);
      if (conversation === undefined || contact?.state !== "accepted") return;
      const noted = await context.turns(conversation, async () => {
        const row = await context.storage.get("outbox", frame.hash);
        return row === undefined || notePromise(context, row, contact, device, frame);
      });
      if (!noted) return;
      const ofDevice = asked.get(device);
      ofDevice?.delete(frame.hash);
      // The window has room again.
      if (ofDevice?.size === 0) events.plan(conversation);
    },
    linkOpened: (device) => void asked.delete(device),
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
