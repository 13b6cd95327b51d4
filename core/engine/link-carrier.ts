/**
 * What of the outbox was handed to links and is not acknowledged yet: a window for each device, and patience with each
 * envelope. Forgotten when the engine stops.
 */

import type { AccountId, ConversationId, DeviceId, EnvelopeHash, TopicId } from "../lang/brand.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";

/** The links that are open now. */
export interface LinkTable {
  /** Hands an envelope to the device; `false` where it has no link. An acknowledgement comes later, or never. */
  deliver(device: DeviceId, row: Pick<OutboxRecord, "topic" | "envelope">): boolean;
  has(device: DeviceId): boolean;
  /** A linked device of the person. */
  deviceOf(account: AccountId): DeviceId | undefined;
  /** Asks the device to keep an envelope for others; `false` where it has no link. Its answer comes later, or never. */
  keep(device: DeviceId, topic: TopicId, recipients: readonly DeviceId[], envelope: Uint8Array): boolean;
}

export interface LinkCarrier {
  /** Gives the row to every link. When the node has to help: now or earlier where it has to at once. */
  handOver(row: OutboxRecord, nowMs: number): number;
  /** Rows can end another way than over the link that has them: they must not fill its window. */
  forgetEnded(id: ConversationId, waiting: ReadonlySet<EnvelopeHash>): void;
  acknowledged(device: DeviceId, hash: EnvelopeHash): void;
  /** Everything this device waits for goes over the new link. */
  linkOpened(device: DeviceId): void;
}

/** How long a link may take to acknowledge before the node is given a copy. A round trip takes milliseconds; a dead link seconds to notice. */
const linkPatienceMs = 4_000;
/** Envelopes on one link without an acknowledgement. Higher fills the other side's memory; lower leaves a fast link idle. */
const linkWindow = 64;

export function createLinkCarrier(links: LinkTable): LinkCarrier {
  /** When a row was handed to a device's link. Forgotten when the link opens anew, or the row has ended. */
  const handed = new Map<
    DeviceId,
    Map<EnvelopeHash, { readonly atMs: number; readonly conversation: ConversationId }>
  >();

  /** Until when the device's link may still be waited for; now or earlier where the node has to help. */
  function handToDevice(row: OutboxRecord, device: DeviceId, nowMs: number): number {
    if (row.slot !== undefined || !links.has(device)) return nowMs;
    const ofDevice = handed.get(device) ?? new Map();
    const given = ofDevice.get(row.key);
    // Handed over in the future: the clock was set back, and nobody knows how long it really was.
    if (given !== undefined) return given.atMs > nowMs ? nowMs : given.atMs + linkPatienceMs;
    // What the link did not acknowledge in time went to the node and no longer counts.
    const inFlight = [...ofDevice.values()].map(({ atMs }) => atMs).filter((atMs) => nowMs - atMs < linkPatienceMs);
    if (inFlight.length >= linkWindow) return Math.min(...inFlight) + linkPatienceMs;
    if (!links.deliver(device, row)) return nowMs;
    handed.set(device, ofDevice.set(row.key, { atMs: nowMs, conversation: row.conversation }));
    return nowMs + linkPatienceMs;
  }

  return {
    handOver(row, nowMs) {
      const untilMs = row.waitingFor.map((device) => handToDevice(row, device, nowMs));
      // For nobody in particular: only the node can bring it to whoever it is for.
      return untilMs.length === 0 ? nowMs : Math.min(...untilMs);
    },
    forgetEnded(id, waiting) {
      for (const ofDevice of handed.values()) {
        for (const [hash, { conversation }] of ofDevice) {
          if (conversation === id && !waiting.has(hash)) ofDevice.delete(hash);
        }
      }
    },
    acknowledged(device, hash) {
      handed.get(device)?.delete(hash);
    },
    linkOpened(device) {
      handed.delete(device);
    },
  };
}
