/**
 * Keeping sealed envelopes for contacts, by consent and within bounds, until whom they are for is linked with (§7.7). Whose
 * words they are is not known here: they are bytes of a topic that this device is no member of.
 */

import { hasRoom, keptForMs } from "../conversation/keeping.ts";
import { labels } from "../crypto/labels.ts";
import { sign } from "../crypto/signature.ts";
import type { AccountId, DeviceId, EnvelopeHash } from "../lang/brand.ts";
import type { KeptRecord } from "../ports/outbox-records.ts";
import type { Change } from "../ports/storage.ts";
import { readKeptDeviceList } from "../wire/device-list.ts";
import { envelopeHash } from "../wire/envelope.ts";
import { keepingMessage, type LinkFrame } from "../wire/link-protocol.ts";
import { type Context, commit, me } from "./context.ts";
import type { KeptFrame } from "./keeper-giving.ts";
import type { LinkTable } from "./link-carrier.ts";

export type KeepFrame = Extract<LinkFrame, { kind: "keep" }>;

export interface Keeper {
  /** Answers once it is on the disk. `undefined`: it is not kept, and nothing is said of why. */
  keep(from: AccountId, frame: KeepFrame): Promise<KeptFrame | undefined>;
  /**
   * For other members of a group that this device is in, which no node reaches: kept within the same bounds till they are linked
   * with, since being a member is consent enough. Nothing is promised.
   */
  forward(from: AccountId, frame: KeepFrame): Promise<void>;
  /** What is kept for the device goes over its new link. */
  linkOpened(device: DeviceId): Promise<void>;
  linkClosed(device: DeviceId): void;
  /** The device has an envelope, or can never open it. */
  got(device: DeviceId, hash: EnvelopeHash): Promise<void>;
  /** The person is no contact any more: nothing of theirs is kept. */
  forget(account: AccountId): Promise<void>;
  /** Deletes what is over, or of nobody who is a contact, now and every hour. */
  sweep(): Promise<void>;
  stop(): void;
}

const sweepEveryMs = 3_600_000;
/** Envelopes on one link without an acknowledgement; the rest waits for them, or for this long. */
const window = 32;
const patienceMs = 10_000;
/** What was not acknowledged may have been of keys to come: over the same link it goes again after this, doubling up to the maximum. */
const firstPauseMs = 60_000;
const maxPauseMs = 3_600_000;

/** A row without its envelope. */
interface Piece extends Omit<KeptRecord, "envelope"> {
  readonly bytes: number;
}

/** What goes over one link. */
interface Round {
  readonly given: Set<string>;
  readonly unanswered: Set<string>;
  cancel(): void;
  pauseMs: number;
  /** Set while what was given in vain waits to be given again. */
  cancelAgain: (() => void) | undefined;
}

export function createKeeper(context: Context, links: LinkTable): Keeper {
  /** All rows, so that bounds are not counted by reading megabytes each time. */
  let loaded: Map<string, Piece> | undefined;
  const rounds = new Map<DeviceId, Round>();
  let cancelSweep = () => {};
  let stopped = false;

  const inTurn = <T>(work: (pieces: Map<string, Piece>) => Promise<T>): Promise<T> =>
    context.turns("kept", async () => {
      loaded ??= new Map((await context.storage.all("kept")).map((row) => [row.key, pieceOf(row)]));
      return work(loaded);
    });

  async function write(pieces: Map<string, Piece>, row: KeptRecord): Promise<boolean> {
    const written = await commit(context, { changes: [{ kind: "put", table: "kept", row }] });
    if (written.ok) pieces.set(row.key, pieceOf(row));
    return written.ok;
  }

  async function remove(pieces: Map<string, Piece>, over: readonly Piece[]): Promise<void> {
    const changes = over.map(({ key }): Change => ({ kind: "delete", table: "kept", key }));
    if (changes.length === 0 || !(await commit(context, { changes })).ok) return;
    for (const { key } of over) pieces.delete(key);
  }

  /** Who can be met: for anybody else a promise would be empty. */
  async function reachable(from: AccountId, devices: readonly DeviceId[]): Promise<readonly DeviceId[]> {
    const contacts = (await context.storage.all("contacts")).filter(
      ({ key, state }) => state === "accepted" && key !== from,
    );
    const theirs = new Set(contacts.flatMap((row) => readKeptDeviceList(row.deviceList).devices).map((d) => d.device));
    return devices.filter((device) => theirs.has(device));
  }

  async function keptNow(
    pieces: Map<string, Piece>,
    from: AccountId,
    { topic, devices: asked, envelope }: KeepFrame,
    isMember: boolean,
  ): Promise<Piece | undefined> {
    const contact = await context.storage.get("contacts", from);
    if (contact?.state !== "accepted") return undefined;
    const devices = await reachable(from, asked);
    if (devices.length === 0) return undefined;
    const hash = envelopeHash(envelope);
    const key = `${hash}/${from}`;
    const nowMs = context.clock.now();
    // What is over and not deleted yet counts no more.
    const live = new Map([...pieces].filter(([, { untilMs }]) => untilMs > nowMs));
    const before = live.get(key);
    if (before !== undefined && before.topic !== topic) return undefined;
    if (before !== undefined && devices.every((device) => before.devices.includes(device))) return before;
    // What was promised stays promised; more is not.
    if (!contact.keepsFor && !isMember) return undefined;
    if (before === undefined && !hasRoom(live.values(), { from, bytes: envelope.length })) return undefined;
    const place = before?.place ?? Math.max(0, ...[...pieces.values()].map((one) => one.place)) + 1;
    const untilMs = before?.untilMs ?? nowMs + keptForMs;
    const all = [...new Set([...(before?.devices ?? []), ...devices])];
    const row: KeptRecord = { key, hash, topic, from, devices: all, envelope, place, untilMs };
    return (await write(pieces, row)) ? pieceOf(row) : undefined;
  }

  /** The next envelopes for the device, oldest first, once those before are answered or waited for in vain. */
  function handOver(device: DeviceId, patient: boolean): Promise<void> {
    return inTurn(async (pieces) => {
      const round = rounds.get(device);
      if (round === undefined || stopped || (patient && round.unanswered.size > 0)) return;
      round.cancel();
      round.unanswered.clear();
      const waiting = [...pieces.values()]
        .filter((one) => one.devices.includes(device) && one.untilMs > context.clock.now())
        .sort((a, b) => a.place - b.place);
      const due = waiting.filter((one) => !round.given.has(one.key)).slice(0, window);
      for (const { key } of due) {
        const row = await context.storage.get("kept", key);
        if (row === undefined || !links.deliver(device, row)) continue;
        round.given.add(key);
        round.unanswered.add(key);
      }
      if (due.length > 0) round.cancel = context.clock.after(patienceMs, () => handOverLater(device));
      else if (waiting.length > 0) giveAgainLater(device, round);
    });
  }

  function giveAgainLater(device: DeviceId, round: Round): void {
    if (round.cancelAgain !== undefined) return;
    round.cancelAgain = context.clock.after(round.pauseMs, () => {
      round.cancelAgain = undefined;
      round.given.clear();
      handOverLater(device);
    });
    round.pauseMs = Math.min(2 * round.pauseMs, maxPauseMs);
  }

  function handOverLater(device: DeviceId): void {
    handOver(device, false).catch((error: unknown) => context.log.fault("handing over failed", error));
  }

  function endRound(device: DeviceId): void {
    rounds.get(device)?.cancel();
    rounds.get(device)?.cancelAgain?.();
    rounds.delete(device);
  }

  async function sweep(): Promise<void> {
    cancelSweep();
    if (stopped) return;
    cancelSweep = context.clock.after(sweepEveryMs, () => {
      sweep().catch((error: unknown) => context.log.fault("ending what was kept failed", error));
    });
    const nowMs = context.clock.now();
    await inTurn(async (pieces) => {
      // Whoever was blocked may have been so right before this engine's end.
      const contacts = (await context.storage.all("contacts")).filter(({ state }) => state === "accepted");
      const givers = new Set(contacts.map(({ key }) => key));
      const over = [...pieces.values()].filter(({ untilMs, from }) => untilMs <= nowMs || !givers.has(from));
      await remove(pieces, over);
    });
  }

  return {
    async keep(from, frame) {
      const piece = await inTurn((pieces) => keptNow(pieces, from, frame, false));
      if (piece === undefined) return undefined;
      for (const device of piece.devices) await handOver(device, true);
      const { hash, topic, untilMs } = piece;
      const { deviceSeed } = await me(context);
      return {
        kind: "kept",
        hash,
        untilMs,
        signature: sign(labels.keeping, keepingMessage(topic, hash, untilMs), deviceSeed),
      };
    },
    async forward(from, frame) {
      const piece = await inTurn((pieces) => keptNow(pieces, from, frame, true));
      for (const device of piece?.devices ?? []) await handOver(device, true);
    },
    async linkOpened(device) {
      endRound(device);
      const nothing = { given: new Set<string>(), unanswered: new Set<string>() };
      rounds.set(device, { ...nothing, cancel() {}, pauseMs: firstPauseMs, cancelAgain: undefined });
      await handOver(device, true);
    },
    linkClosed: endRound,
    async got(device, hash) {
      // Most acknowledgements are for this device's own envelopes.
      if (loaded?.size === 0) return;
      await inTurn(async (pieces) => {
        for (const piece of [...pieces.values()]) {
          if (piece.hash !== hash || !piece.devices.includes(device)) continue;
          const devices = piece.devices.filter((one) => one !== device);
          const row = devices.length === 0 ? undefined : await context.storage.get("kept", piece.key);
          if (row === undefined) await remove(pieces, [piece]);
          else await write(pieces, { ...row, devices });
          rounds.get(device)?.unanswered.delete(piece.key);
          // Whoever does not know yet that it arrived may give it once more.
          rounds.get(device)?.given.delete(piece.key);
        }
      });
      if (rounds.has(device)) await handOver(device, true);
    },
    forget: (account) =>
      inTurn((pieces) =>
        remove(
          pieces,
          [...pieces.values()].filter(({ from }) => from === account),
        ),
      ),
    sweep,
    stop() {
      stopped = true;
      cancelSweep();
      for (const device of [...rounds.keys()]) endRound(device);
    },
  };
}

function pieceOf({ envelope, ...row }: KeptRecord): Piece {
  return { ...row, bytes: envelope.length };
}
