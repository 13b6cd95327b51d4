/**
 * Dialling the devices that are here (§7): whose part it is, who gets a place, what of their person's wishes counts at the
 * moment of the dial, and pauses after dials that failed. Does not know what is said on a link.
 */

import { whomToDial } from "../conversation/linking.ts";
import type { DeviceId } from "../lang/brand.ts";
import { type LiveCell, liveCell, valueNow } from "../lang/live.ts";
import type { DialFault, RawLink } from "../ports/links.ts";
import { type Context, me, withPerson } from "./context.ts";
import { type Speaking, speakingIn } from "./epoch.ts";
import { createPauses } from "./pauses.ts";
import type { Whereabouts, WhereaboutsBook } from "./whereabouts.ts";

/** After a dial that failed. Doubles up to the maximum, and starts anew once a link was up. */
const firstPauseMs = 5_000;
/** What the other side's dials have to succeed before this side, with the higher id, tries. A dial takes up to 10 s. */
const patienceMs = 20_000;

export interface LastDial {
  readonly atMs: number;
  readonly outcome: "linked" | DialFault;
}
export type LastDials = ReadonlyMap<DeviceId, LastDial>;

/** The links there are. */
export interface DialTable {
  has(device: DeviceId): boolean;
  hasRoom(): boolean;
  /** Devices whose link this side opened. */
  dialled(): Iterable<DeviceId>;
  close(device: DeviceId): void;
  run(raw: RawLink, speaking: Speaking, device: DeviceId): void;
}

export interface Dialling {
  readonly lastDials: LiveCell<LastDials>;
  /** The device with the lower id. */
  dialsFirst(device: DeviceId): boolean;
  seen(device: DeviceId, where: Whereabouts): Promise<void>;
  redial(): void;
  forget(device: DeviceId): void;
  /** Nothing came of a link with it, or it broke: if its device went, the next dial fails as well. */
  pause(device: DeviceId): void;
  opened(device: DeviceId, role: RawLink["role"]): void;
  stop(): void;
}

export function createDialling(context: Context, whereabouts: WhereaboutsBook, table: DialTable): Dialling {
  const dialling = new Set<DeviceId>();
  /** When something was last said with it, of those in `whereabouts`. */
  const activeAtMs = new Map<DeviceId, number>();
  const pauses = createPauses(context.clock, tryDial);
  const lastDials = liveCell<LastDials>(new Map());
  /** This device. Known before any link is: they begin with `seen`. */
  let own: DeviceId | undefined;
  let stopped = false;

  function dialsFirst(device: DeviceId): boolean {
    return own !== undefined && own < device;
  }

  function noteDial(device: DeviceId, outcome: LastDial["outcome"]): void {
    lastDials.set(new Map(lastDials.value).set(device, { atMs: context.clock.now(), outcome }));
  }

  /** Whether the device is to have one of the places. Whoever has had it for long without a word makes room. */
  function takePlace(device: DeviceId): boolean {
    const placed = new Set([...table.dialled(), ...dialling]);
    const rivals = [...whereabouts].map(([one]) => one).filter((one) => dialsFirst(one) && !isOutOfPlay(one));
    const candidates = [...new Set([...placed, ...rivals, device])].map((one) => ({
      device: one,
      activeAtMs: activeAtMs.get(one) ?? 0,
      placed: placed.has(one),
    }));
    const wanted = whomToDial(candidates);
    if (!wanted.has(device)) return false;
    for (const one of placed) {
      if (wanted.has(one)) continue;
      // Its dial ends by itself, and this device is seen again.
      if (dialling.has(one)) return false;
      table.close(one);
    }
    return table.hasRoom();
  }

  /** Linked by the other side, or out of reach. */
  function isOutOfPlay(device: DeviceId): boolean {
    return table.has(device) || pauses.has(device);
  }

  async function dial(device: DeviceId): Promise<void> {
    const where = whereabouts.get(device);
    if (where === undefined || !isReachable(context) || pauses.has(device) || stopped) return;
    if (table.has(device) || dialling.has(device) || !takePlace(device)) return;
    dialling.add(device);
    try {
      const rung = await ring(device, where);
      if (rung === undefined) return;
      const raw = await rung.answer;
      // What comes of it now is for nobody, and the disk may be closed.
      if (stopped) return raw.ok ? raw.value.close() : undefined;
      if (!raw.ok) {
        noteDial(device, raw.error);
        if (whereabouts.get(device) === where) pause(device);
        return;
      }
      // Asked again: they may have been blocked while it rang, or have dialled.
      const still = await speakingIn(context, where.conversation);
      if (still === undefined || stopped || table.has(device)) raw.value.close();
      else table.run(raw.value, still, device);
    } finally {
      dialling.delete(device);
    }
    // They are elsewhere by now, or are to be linked with in another way.
    if (whereabouts.get(device) !== where) tryDial(device);
  }

  /**
   * In the turns in which wishes for privacy and decisions about the person are written down: nothing leaves by what was
   * true before. Answers once it rings.
   */
  function ring(device: DeviceId, where: Whereabouts) {
    const now = async () => {
      if (whereabouts.get(device) !== where) return undefined;
      const speaking = await speakingIn(context, where.conversation);
      const privacy = speaking && (await whereabouts.admit(where.peer));
      if (privacy === undefined || privacy === "refuse" || whereabouts.get(device) !== where) return undefined;
      return { answer: context.links.dial(where.peer, where.addresses, privacy) };
    };
    return withPerson(context, where.account, () => context.turns("profile", now));
  }

  function tryDial(device: DeviceId): void {
    dial(device).catch((error: unknown) => context.log.fault("dialling failed", error));
  }

  function pause(device: DeviceId): void {
    if (!stopped) pauses.begin(device, dialsFirst(device) ? firstPauseMs : patienceMs);
  }

  function begin(device: DeviceId): void {
    pauses.end(device);
    if (table.has(device)) return;
    if (dialsFirst(device)) tryDial(device);
    else pause(device);
  }

  function forget(device: DeviceId): void {
    whereabouts.forget(device);
    activeAtMs.delete(device);
    pauses.end(device);
  }

  return {
    lastDials,
    dialsFirst,
    async seen(device, where) {
      own ??= (await me(context)).device;
      const conversation = await context.storage.get("conversations", where.conversation);
      if (stopped || conversation === undefined) return;
      // Others say when they wrote; nobody gets a place for a clock that is ahead.
      const saidAtMs = Math.min(conversation.last?.atMs ?? conversation.sinceMs, context.clock.now());
      activeAtMs.set(device, saidAtMs);
      // Another engine of the same device started, or it wants to be dialled in another way: what was learnt is void.
      if (whereabouts.note(device, where)) begin(device);
      else if (dialsFirst(device)) await dial(device);
    },
    redial() {
      for (const [device] of whereabouts) begin(device);
    },
    forget,
    pause,
    opened(device, role) {
      pauses.end(device);
      if (role === "dialler") noteDial(device, "linked");
    },
    stop() {
      stopped = true;
      whereabouts.stop();
      for (const [device] of [...whereabouts]) forget(device);
    },
  };
}

function isReachable(context: Context): boolean {
  return valueNow(context.links.reach)?.kind === "reachable";
}
