/**
 * The links of this device: who is linked, dialling whom presence shows, one link for each device (DESIGN §6). The device
 * with the lower id dials, so that two that see each other at once do not make two links. Where its dials fail, as a
 * network can let them through in one direction only, the other one dials as well after a while.
 */

import type { AccountId, ConversationId, DeviceId, EnvelopeHash, TopicId } from "../lang/brand.ts";
import { type LiveCell, liveCell, valueNow } from "../lang/live.ts";
import type { DialFault, LinkListener, LinkPath, RawLink } from "../ports/links.ts";
import type { HaveOf } from "../wire/have.ts";
import { type Context, me } from "./context.ts";
import { type DeviceLink, type DeviceLinkHandlers, type HaveFrame, runLink } from "./device-link.ts";
import { speakingIn, speakingOn } from "./epoch.ts";
import { haveOf } from "./have.ts";
import type { KeepFrame } from "./keeper.ts";
import type { KeptFrame } from "./keeper-giving.ts";
import type { LinkTable } from "./link-carrier.ts";
import { createPauses } from "./pauses.ts";
import { privacyTowards } from "./privacy.ts";
import type { Receipt } from "./receive.ts";
import { createWhereabouts, type Whereabouts } from "./whereabouts.ts";

/** Browsers starve beyond about a dozen connections (DESIGN §6); the topic carries the rest. */
const maxLinks = 12;
/** After a dial that failed. Doubles up to the maximum, and starts anew once a link was up. */
const firstPauseMs = 5_000;
/** What the other side's dials have to succeed before this side, with the higher id, tries. A dial takes up to 10 s. */
const patienceMs = 20_000;

/** Linked devices and how their bytes travel. */
export type LinkedDevices = ReadonlyMap<DeviceId, LinkPath>;
export interface LastDial {
  readonly atMs: number;
  readonly outcome: "linked" | DialFault;
}
export type LastDials = ReadonlyMap<DeviceId, LastDial>;

export interface LinksEvents {
  /** `via`: by who it is from, or by another contact who kept it. */
  deliver(topic: TopicId, conversation: ConversationId, envelope: Uint8Array, via: "link" | "keeper"): Promise<Receipt>;
  got(hash: EnvelopeHash, device: DeviceId, refused: boolean): Promise<void>;
  /** What a device has of a conversation, said before anything is delivered to it. */
  have(conversation: ConversationId, device: DeviceId, have: readonly HaveOf[]): Promise<void>;
  keep(from: AccountId, frame: KeepFrame): Promise<KeptFrame | undefined>;
  kept(from: AccountId, device: DeviceId, frame: KeptFrame): Promise<void>;
  opened(device: DeviceId, account: AccountId): void;
  closed(device: DeviceId, account: AccountId): void;
}

export interface Links extends LinkTable {
  readonly linked: LiveCell<LinkedDevices>;
  /** What came of the last dial by this side. */
  readonly lastDials: LiveCell<LastDials>;
  /** What others who dial meet. */
  readonly listener: LinkListener;
  /** A contact's device said where it can be dialled. Dials if that is this side's part, until there is a link. */
  seen(device: DeviceId, where: Whereabouts): Promise<void>;
  /** What there is to dial with has changed, or somebody asks: whoever is not linked is dialled now. */
  redial(): void;
  /** The device has not been heard for long: nobody is there to dial. */
  lost(device: DeviceId): void;
  /** The device said that it goes. */
  drop(device: DeviceId): void;
  /** The person is no contact any more. */
  dropPerson(account: AccountId): void;
  /** Ends what does not fit the person's wish for privacy any more, made or in the making. */
  privacyChanged(): Promise<void>;
  stop(): void;
}

export function createLinks(context: Context, events: LinksEvents): Links {
  const open = new Map<DeviceId, DeviceLink>();
  const owners = new Map<DeviceId, AccountId>();
  const raws = new Set<RawLink>();
  const dialling = new Set<DeviceId>();
  const whereabouts = createWhereabouts(context);
  const pauses = createPauses(context.clock, tryDial);
  const linked = liveCell<LinkedDevices>(new Map());
  const lastDials = liveCell<LastDials>(new Map());
  /** This device. Known before any link is: they begin with `seen`. */
  let own: DeviceId | undefined;
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
      async proved(link, of) {
        mine = link;
        account = of;
        return sharedWith(context, of);
      },
      async have(topic, have) {
        const speaking = await speakingOn(context, topic);
        if (mine === undefined || speaking === undefined || speaking.conversation.contact !== account) return;
        await events.have(speaking.conversation.key, mine.device, have);
      },
      opened() {
        const link = mine;
        if (link === undefined || account === undefined || open.get(link.device) === link) return;
        const older = open.get(link.device);
        if (older !== undefined && isBetter(older, link)) return link.close();
        open.set(link.device, link);
        owners.set(link.device, account);
        older?.close();
        pauses.end(link.device);
        if (raw.role === "dialler") noteDial(link.device, "linked");
        endPath = raw.path.subscribe(publish);
        publish();
        events.opened(link.device, account);
      },
      async deliver(topic, envelope) {
        const speaking = await speakingOn(context, topic);
        if (speaking !== undefined && speaking.conversation.contact === account) {
          return events.deliver(topic, speaking.conversation.key, envelope, "link");
        }
        // Of another conversation: whoever brings it, MLS tells whose it is, as with what comes from a node.
        const keeper = account && (await context.storage.get("contacts", account));
        if (keeper?.state !== "accepted") return "refused";
        if (speaking !== undefined) return events.deliver(topic, speaking.conversation.key, envelope, "keeper");
        // Of somebody who is not accepted yet it may be wanted later; it stays where it is kept.
        return (await context.storage.get("topics", topic)) === undefined ? "refused" : "unanswered";
      },
      got: (hash, refused) => (mine ? events.got(hash, mine.device, refused) : Promise.resolve()),
      keep: async (frame) => (account === undefined ? undefined : events.keep(account, frame)),
      kept: async (frame) => (mine && account ? events.kept(account, mine.device, frame) : undefined),
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

  /** The device with the lower id. */
  function dialsFirst(device: DeviceId): boolean {
    return own !== undefined && own < device;
  }

  /**
   * The newer link is the one whose other end is surely alive. But where both dialled at once each side may see another
   * one as the newer, and both must keep the same: that of the side whose part it is.
   */
  function isBetter(older: DeviceLink, newer: DeviceLink): boolean {
    const isGlare = older.raw.remotePeer === newer.raw.remotePeer && older.raw.role !== newer.raw.role;
    return isGlare && (older.raw.role === "dialler") === dialsFirst(newer.device);
  }

  function noteDial(device: DeviceId, outcome: LastDial["outcome"]): void {
    lastDials.set(new Map(lastDials.value).set(device, { atMs: context.clock.now(), outcome }));
  }

  async function dial(device: DeviceId): Promise<void> {
    const where = whereabouts.get(device);
    if (where === undefined || !isReachable(context) || pauses.has(device) || stopped) return;
    if (open.has(device) || dialling.has(device) || raws.size >= maxLinks) return;
    dialling.add(device);
    try {
      const privacy = await whereabouts.admit(where.peer);
      const speaking = await speakingIn(context, where.conversation);
      if (privacy === "refuse" || speaking === undefined) return;
      const raw = await context.links.dial(where.peer, where.addresses, privacy);
      // Asked again: they may have been blocked while it rang, or have dialled.
      const still = await speakingIn(context, where.conversation);
      if (!raw.ok) noteDial(device, raw.error);
      if (raw.ok && (still === undefined || open.has(device))) raw.value.close();
      else if (raw.ok) run(raw.value, still);
      else if (whereabouts.get(device) === where) pause(device);
    } finally {
      dialling.delete(device);
    }
    // They are elsewhere by now, or are to be linked with in another way.
    if (whereabouts.get(device) !== where) tryDial(device);
  }

  function tryDial(device: DeviceId): void {
    dial(device).catch((error: unknown) => context.log.fault("dialling failed", error));
  }

  function pause(device: DeviceId): void {
    pauses.begin(device, dialsFirst(device) ? firstPauseMs : patienceMs);
  }

  function begin(device: DeviceId): void {
    pauses.end(device);
    if (open.has(device)) return;
    if (dialsFirst(device)) tryDial(device);
    else pause(device);
  }

  function forget(device: DeviceId): void {
    whereabouts.forget(device);
    pauses.end(device);
  }

  function drop(device: DeviceId): void {
    const where = whereabouts.get(device);
    forget(device);
    if (where !== undefined) context.links.leave(where.peer);
    open.get(device)?.close();
  }

  return {
    linked,
    lastDials,
    listener: { link: (raw) => run(raw, undefined), admit: whereabouts.admit },
    has: (device) => open.has(device),
    deliver(device, row) {
      const link = open.get(device);
      link?.deliver(row.topic, row.envelope);
      return link !== undefined;
    },
    deviceOf: (account) => [...owners].find(([, owner]) => owner === account)?.[0],
    keep(device, topic, recipients, envelope) {
      const link = open.get(device);
      link?.keep(topic, recipients, envelope);
      return link !== undefined;
    },
    async seen(device, where) {
      own ??= (await me(context)).device;
      if (stopped) return;
      // Another engine of the same device started, or it wants to be dialled in another way: what was learnt is void.
      if (whereabouts.note(device, where)) begin(device);
      else if (dialsFirst(device)) await dial(device);
    },
    redial() {
      for (const [device] of whereabouts) begin(device);
    },
    lost: forget,
    drop,
    dropPerson(account) {
      for (const [device, where] of [...whereabouts]) if (where.account === account) drop(device);
      for (const [device, owner] of [...owners]) if (owner === account) drop(device);
    },
    async privacyChanged() {
      for (const [device, link] of [...open]) {
        const owner = owners.get(device);
        const wanted = owner && (await privacyTowards(context, owner));
        if (wanted !== link.raw.privacy) context.links.leave(link.raw.remotePeer);
      }
      for (const [device, { peer }] of [...whereabouts]) if (!open.has(device)) context.links.leave(peer);
    },
    stop() {
      stopped = true;
      whereabouts.stop();
      for (const [device] of [...whereabouts]) forget(device);
      for (const raw of raws) raw.close();
    },
  };
}

/** What is here of every conversation with this person. */
async function sharedWith(context: Context, account: AccountId): Promise<readonly HaveFrame[]> {
  const shared = (await context.storage.all("conversations")).filter(({ contact }) => contact === account);
  return shared.map((conversation) => ({ kind: "have", topic: conversation.topic, have: haveOf(conversation) }));
}

function isReachable(context: Context): boolean {
  return valueNow(context.links.reach)?.kind === "reachable";
}
