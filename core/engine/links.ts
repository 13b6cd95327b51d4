/**
 * The links of this device: who is linked, dialling whom presence shows, one link for each device (DESIGN §6). The device
 * with the lower id dials, so that two that see each other at once do not make two links.
 */

import type { AccountId, ConversationId, DeviceId, EnvelopeHash, TopicId } from "../lang/brand.ts";
import { type LiveCell, liveCell, valueNow } from "../lang/live.ts";
import type { LinkPath, RawLink } from "../ports/links.ts";
import type { OutboxRecord } from "../ports/records.ts";
import { type Context, me } from "./context.ts";
import type { LinkTable } from "./courier.ts";
import { type DeviceLink, type DeviceLinkHandlers, runLink } from "./device-link.ts";
import { speakingIn, speakingOn } from "./epoch.ts";
import type { Receipt } from "./receive.ts";

/** Browsers starve beyond about a dozen connections (DESIGN §6); the topic carries the rest. */
const maxLinks = 12;
/** After a dial that failed. Doubles up to the maximum, and starts anew once a link was up. */
const firstPauseMs = 5_000;
const maxPauseMs = 120_000;

/** Linked devices and how their bytes travel. */
export type LinkedDevices = ReadonlyMap<DeviceId, LinkPath>;

export interface LinksEvents {
  deliver(topic: TopicId, conversation: ConversationId, envelope: Uint8Array): Promise<Receipt>;
  got(hash: EnvelopeHash, device: DeviceId, refused: boolean): Promise<void>;
  opened(device: DeviceId, account: AccountId): void;
  closed(device: DeviceId, account: AccountId): void;
}

export interface Whereabouts {
  readonly conversation: ConversationId;
  readonly peer: string;
  readonly addresses: readonly string[];
}

export interface Links extends LinkTable {
  readonly linked: LiveCell<LinkedDevices>;
  /** A contact's device said where it can be dialled. Dials if that is this side's part, until there is a link. */
  seen(device: DeviceId, where: Whereabouts): Promise<void>;
  /** This side can be reached now, so it can dial too. */
  reachable(): void;
  /** The device has not been heard for long: nobody is there to dial. */
  lost(device: DeviceId): void;
  accept(raw: RawLink): void;
  /** The device said that it goes. */
  drop(device: DeviceId): void;
  /** The person is no contact any more. */
  dropPerson(account: AccountId): void;
  stop(): void;
}

export function createLinks(context: Context, events: LinksEvents): Links {
  const open = new Map<DeviceId, DeviceLink>();
  const owners = new Map<DeviceId, AccountId>();
  const raws = new Set<RawLink>();
  const dialling = new Set<DeviceId>();
  const whereabouts = new Map<DeviceId, Whereabouts>();
  /** Devices not to be dialled yet. */
  const pauses = new Map<DeviceId, { readonly cancel: () => void }>();
  const lastPauseMs = new Map<DeviceId, number>();
  const linked = liveCell<LinkedDevices>(new Map());
  let stopped = false;

  function publish(): void {
    linked.set(new Map([...open].map(([device, link]) => [device, valueNow(link.raw.path) ?? "relayed"])));
  }

  function run(raw: RawLink, speaking: Parameters<typeof runLink>[2]): void {
    if (stopped || raws.size >= maxLinks) {
      raw.close();
      return;
    }
    raws.add(raw);
    let mine: DeviceLink | undefined;
    let account: AccountId | undefined;
    let endPath = () => {};
    const handlers: DeviceLinkHandlers = {
      proved(link, of) {
        mine = link;
        account = of;
        // The newer link is the one whose other end is surely alive.
        const older = open.get(link.device);
        open.set(link.device, link);
        owners.set(link.device, of);
        older?.close();
        endPause(link.device);
        endPath = raw.path.subscribe(publish);
        publish();
        events.opened(link.device, of);
      },
      async deliver(topic, envelope) {
        const speaking = await speakingOn(context, topic);
        if (speaking === undefined || speaking.conversation.contact !== account) return "refused";
        return events.deliver(topic, speaking.conversation.key, envelope);
      },
      got: (hash, refused) => (mine ? events.got(hash, mine.device, refused) : Promise.resolve()),
      closed() {
        raws.delete(raw);
        endPath();
        if (mine === undefined || account === undefined || open.get(mine.device) !== mine) return;
        open.delete(mine.device);
        owners.delete(mine.device);
        publish();
        events.closed(mine.device, account);
        // Often only the path broke; if the device went, the dial fails and pauses.
        if (!stopped) pause(mine.device);
      },
    };
    runLink(context, raw, speaking, handlers);
  }

  async function dial(device: DeviceId): Promise<void> {
    const where = whereabouts.get(device);
    const { device: own } = await me(context);
    if (where === undefined || own > device || !isReachable(context) || pauses.has(device) || stopped) return;
    if (open.has(device) || dialling.has(device)) return;
    dialling.add(device);
    try {
      const speaking = await speakingIn(context, where.conversation);
      const raw = speaking && (await context.links.dial(where.peer, where.addresses));
      // Asked again: they may have been blocked while it rang.
      const still = await speakingIn(context, where.conversation);
      if (raw?.ok && still === undefined) raw.value.close();
      else if (raw?.ok) run(raw.value, still);
      else pause(device);
    } finally {
      dialling.delete(device);
    }
  }

  function tryDial(device: DeviceId): void {
    dial(device).catch((error: unknown) => context.log.fault("dialling failed", error));
  }

  function pause(device: DeviceId): void {
    const lengthMs = Math.min((lastPauseMs.get(device) ?? firstPauseMs / 2) * 2, maxPauseMs);
    lastPauseMs.set(device, lengthMs);
    const cancel = context.clock.after(lengthMs, () => {
      pauses.delete(device);
      tryDial(device);
    });
    pauses.set(device, { cancel });
  }

  function endPause(device: DeviceId): void {
    pauses.get(device)?.cancel();
    pauses.delete(device);
    lastPauseMs.delete(device);
  }

  function forget(device: DeviceId): void {
    whereabouts.delete(device);
    endPause(device);
  }

  function drop(device: DeviceId): void {
    forget(device);
    open.get(device)?.close();
  }

  return {
    linked,
    has: (device) => open.has(device),
    deliver(device, row: OutboxRecord) {
      const link = open.get(device);
      link?.deliver(row.topic, row.envelope);
      return link !== undefined;
    },
    async seen(device, where) {
      // Another engine of the same device started: what was learnt about the old one says nothing about it.
      if (whereabouts.get(device)?.peer !== where.peer) endPause(device);
      whereabouts.set(device, where);
      await dial(device);
    },
    reachable() {
      for (const device of whereabouts.keys()) {
        endPause(device);
        tryDial(device);
      }
    },
    lost: forget,
    accept: (raw) => run(raw, undefined),
    drop,
    dropPerson(account) {
      for (const [device, owner] of [...owners]) if (owner === account) drop(device);
    },
    stop() {
      stopped = true;
      for (const device of [...whereabouts.keys()]) forget(device);
      for (const raw of raws) raw.close();
    },
  };
}

function isReachable(context: Context): boolean {
  return valueNow(context.links.reach)?.kind === "reachable";
}
