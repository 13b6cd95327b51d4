/**
 * The links of this device: who is linked, one link for each device (§7), and which links end because something
 * else is true by now. The device with the lower id dials, so that two that see each other at once do not make two links.
 * Where its dials fail, as a network can let them through in one direction only, the other one dials as well after a while.
 */

import { maxLinked, whichMakesRoom } from "../conversation/linking.ts";
import type { AccountId, ConversationId, DeviceId } from "../lang/brand.ts";
import { type LiveCell, liveCell, valueNow } from "../lang/live.ts";
import type { LinkListener, LinkPath, RawLink } from "../ports/links.ts";
import type { Context } from "./context.ts";
import { type DeviceLink, type DeviceLinkHandlers, runLink } from "./device-link.ts";
import type { Speaking } from "./epoch.ts";
import { createLinkAlarms } from "./link-alarms.ts";
import type { LinkTable } from "./link-carrier.ts";
import { createDialling, type LastDials } from "./link-dialling.ts";
import { type HearingEvents, hear, sharedWith } from "./link-hearing.ts";
import { privacyTowards } from "./privacy.ts";
import { createWhereabouts, type Whereabouts } from "./whereabouts.ts";

/** Links of others that are not proved. Higher, and whoever opens many keeps the places of those who have a proof. */
const maxUnproved = 16;
/** Two links that were opened at once are both there within this time: a dial, its proof, and what each has. */
const glareMs = 20_000;

/** Linked devices and how their bytes travel. */
export type LinkedDevices = ReadonlyMap<DeviceId, LinkPath>;

export interface LinksEvents extends HearingEvents {
  /** `named`: the conversations of which the other end said on this link what it has; more may be added later. */
  opened(device: DeviceId, account: AccountId, named: ReadonlySet<ConversationId>): void;
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
  /** Asks the other ends of this person's links, or of all, whether they are there: one that is not is closed in a moment. */
  ask(account?: AccountId): void;
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

/** A link from when it is there; `proved` once it is known whose it is. */
interface Run {
  readonly raw: RawLink;
  proved: { readonly link: DeviceLink; readonly account: AccountId; readonly device: DeviceId } | undefined;
  openedAtMs: number;
  /** When an envelope last went over it. */
  usedAtMs: number;
}

export function createLinks(context: Context, events: LinksEvents): Links {
  const { clock } = context;
  const runs = new Set<Run>();
  const open = new Map<DeviceId, Run>();
  const alarms = createLinkAlarms(clock);
  const whereabouts = createWhereabouts(context);
  const linked = liveCell<LinkedDevices>(new Map());
  let stopped = false;
  const dialling = createDialling(context, whereabouts, {
    has: (device) => open.has(device),
    hasRoom,
    dialled: () => [...open].flatMap(([device, { raw }]) => (raw.role === "dialler" ? [device] : [])),
    close: (device) => linkTo(device)?.close(),
    run,
  });

  function linkTo(device: DeviceId): DeviceLink | undefined {
    return open.get(device)?.proved?.link;
  }

  function publish(): void {
    linked.set(new Map([...open].map(([device, { raw }]) => [device, valueNow(raw.path) ?? "relayed"])));
  }

  function hasRoom(): boolean {
    if (runs.size < maxLinked) return true;
    const idle = whichMakesRoom(open.values(), clock.now());
    idle?.proved?.link.close();
    return idle !== undefined;
  }

  function isWelcome(raw: RawLink): boolean {
    if (raw.role === "dialler") return true;
    const unproved = [...runs].filter(({ proved }) => proved === undefined).length;
    return unproved < maxUnproved && hasRoom();
  }

  function run(raw: RawLink, speaking?: Speaking, dialled?: DeviceId): void {
    if (stopped || !isWelcome(raw)) {
      raw.close();
      return;
    }
    const mine: Run = { raw, proved: undefined, openedAtMs: clock.now(), usedAtMs: clock.now() };
    runs.add(mine);
    let endPath = () => {};
    const named = new Set<ConversationId>();
    const have: LinksEvents["have"] = (id, device, ranges) => {
      named.add(id);
      return events.have(id, device, ranges);
    };
    const hearing = hear(context, { ...events, have }, () => mine.proved);
    const handlers: DeviceLinkHandlers = {
      ...hearing,
      async proved(link, account) {
        // Who says that somebody else's address is theirs.
        if (dialled !== undefined && dialled !== link.device) return undefined;
        // First, so that whoever changes a wish from now on finds it; then the wish, which may have changed before.
        mine.proved = { link, account, device: link.device };
        const privacy = await privacyTowards(context, account);
        if (raw.privacy === "direct" && privacy !== "direct") return undefined;
        return sharedWith(context, account);
      },
      opened() {
        if (mine.proved === undefined || open.get(mine.proved.device) === mine) return;
        const { device, account, link } = mine.proved;
        const older = open.get(device);
        if (older !== undefined && isBetter(older, mine, device)) return link.close();
        mine.openedAtMs = clock.now();
        mine.usedAtMs = clock.now();
        open.set(device, mine);
        older?.proved?.link.close();
        alarms.opened(device, raw.remotePeer);
        dialling.opened(device, raw.role);
        endPath = raw.path.subscribe(publish);
        publish();
        events.opened(device, account, named);
      },
      deliver(topic, envelope) {
        mine.usedAtMs = clock.now();
        return hearing.deliver(topic, envelope);
      },
      closed() {
        runs.delete(mine);
        endPath();
        const device = mine.proved?.device ?? dialled;
        if (device !== undefined && open.get(device) === mine) {
          open.delete(device);
          publish();
          if (mine.proved !== undefined) events.closed(device, mine.proved.account);
          // Often only the path broke; if the device went, the dial fails and pauses.
          dialling.pause(device);
        } else if (dialled !== undefined && !open.has(dialled)) dialling.pause(dialled);
      },
    };
    runLink(context, raw, speaking, alarms, handlers);
  }

  /**
   * The newer link is the one whose other end is surely alive. But where both dialled at once each side may see another
   * one as the newer, and both must keep the same: that of the side whose part it is.
   */
  function isBetter(older: Run, { raw }: Run, device: DeviceId): boolean {
    const isAtOnce = Math.abs(clock.now() - older.openedAtMs) < glareMs;
    const isGlare = isAtOnce && older.raw.remotePeer === raw.remotePeer && older.raw.role !== raw.role;
    return isGlare && (older.raw.role === "dialler") === dialling.dialsFirst(device);
  }

  function drop(device: DeviceId): void {
    const where = whereabouts.get(device);
    dialling.forget(device);
    if (where !== undefined) context.links.leave(where.peer);
    linkTo(device)?.close();
  }

  return {
    linked,
    lastDials: dialling.lastDials,
    listener: { link: (raw) => run(raw), admit: whereabouts.admit },
    has: (device) => open.has(device),
    deliver(device, row) {
      const mine = open.get(device);
      if (mine?.proved === undefined) return false;
      mine.usedAtMs = clock.now();
      mine.proved.link.deliver(row.topic, row.envelope);
      return true;
    },
    deviceOf: (account) => [...open].find(([, { proved }]) => proved?.account === account)?.[0],
    keep(device, topic, recipients, envelope) {
      const link = linkTo(device);
      link?.keep(topic, recipients, envelope);
      return link !== undefined;
    },
    seen: dialling.seen,
    redial: dialling.redial,
    ask(account) {
      for (const { proved } of [...open.values()]) {
        if (account === undefined || proved?.account === account) proved?.link.ask();
      }
    },
    lost: dialling.forget,
    drop,
    dropPerson(account) {
      for (const [device, where] of [...whereabouts]) if (where.account === account) drop(device);
      for (const { proved } of [...runs]) if (proved?.account === account) proved.link.close();
    },
    async privacyChanged() {
      // Together, before anything is awaited: what is proved from now on asks for the wish itself.
      for (const [device, { peer }] of [...whereabouts]) if (!open.has(device)) context.links.leave(peer);
      const proved = [...runs].flatMap((one) => (one.proved ? [{ raw: one.raw, account: one.proved.account }] : []));
      for (const { raw, account } of proved) {
        if ((await privacyTowards(context, account)) !== raw.privacy) context.links.leave(raw.remotePeer);
      }
    },
    stop() {
      stopped = true;
      dialling.stop();
      for (const { raw } of runs) raw.close();
    },
  };
}
