/**
 * The links of this device: who is linked, dialling whom presence shows, one link for each device (DESIGN §6). The device
 * with the lower id dials, so that two that see each other at once do not make two links.
 */

import type { AccountId, ConversationId, DeviceId, EnvelopeHash, TopicId } from "../lang/brand.ts";
import { type LiveCell, liveCell } from "../lang/live.ts";
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

export interface Links extends LinkTable {
  readonly linked: LiveCell<LinkedDevices>;
  /** A contact's device said where it can be dialled. Dials if that is this side's part and there is no link yet. */
  seen(conversation: ConversationId, device: DeviceId, peer: string, addresses: readonly string[]): Promise<void>;
  accept(raw: RawLink): void;
  /** The device said that it goes, or its person is no contact any more. */
  drop(device: DeviceId): void;
  stop(): void;
}

export function createLinks(context: Context, events: LinksEvents): Links {
  const open = new Map<DeviceId, DeviceLink>();
  const raws = new Set<RawLink>();
  const dialling = new Set<DeviceId>();
  const pauses = new Map<DeviceId, { readonly untilMs: number; readonly lengthMs: number }>();
  const linked = liveCell<LinkedDevices>(new Map());
  let stopped = false;

  function publish(): void {
    linked.set(new Map([...open].map(([device, link]) => [device, pathOf(link.raw)])));
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
        older?.close();
        pauses.delete(link.device);
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
        publish();
        events.closed(mine.device, account);
      },
    };
    runLink(context, raw, speaking, handlers);
  }

  function pause(device: DeviceId): void {
    const lengthMs = Math.min((pauses.get(device)?.lengthMs ?? firstPauseMs / 2) * 2, maxPauseMs);
    pauses.set(device, { untilMs: context.clock.now() + lengthMs, lengthMs });
  }

  return {
    linked,
    has: (device) => open.has(device),
    deliver(device, row: OutboxRecord) {
      const link = open.get(device);
      link?.deliver(row.topic, row.envelope);
      return link !== undefined;
    },
    async seen(conversation, device, peer, addresses) {
      const { device: own } = await me(context);
      const paused = (pauses.get(device)?.untilMs ?? 0) > context.clock.now();
      if (stopped || own > device || open.has(device) || dialling.has(device) || paused) return;
      const speaking = await speakingIn(context, conversation);
      if (speaking === undefined || dialling.has(device)) return;
      dialling.add(device);
      const raw = await context.links.dial(peer, addresses);
      dialling.delete(device);
      if (raw.ok) return run(raw.value, speaking);
      pause(device);
    },
    accept: (raw) => run(raw, undefined),
    drop: (device) => open.get(device)?.close(),
    stop() {
      stopped = true;
      for (const raw of raws) raw.close();
    },
  };
}

function pathOf(raw: RawLink): LinkPath {
  let path: LinkPath = "relayed";
  raw.path.subscribe((now) => {
    path = now;
  })();
  return path;
}
