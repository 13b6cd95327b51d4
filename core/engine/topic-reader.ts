/**
 * Reading one topic at one node: from the cursor on each wake, page after page, entries in order. What is ahead of the
 * keys here is passed by and read again once they have moved on. Does not know what is in an entry.
 */

import { membersIfReadable } from "../group/state.ts";
import type { NodeUrl, TopicId } from "../lang/brand.ts";
import { ok } from "../lang/result.ts";
import type { NodeClient, TopicAccess, TopicEntry } from "../ports/node.ts";
import type { Place, TopicRecord } from "../ports/topic-record.ts";
import { type Context, commit } from "./context.ts";
import { incomplete, placeAt, withPlace } from "./places.ts";

/** `ahead`: not to be opened yet, and nothing was written. `not-kept`: could not be written; it is asked for again. */
export type EntryOutcome = "taken" | "ahead" | "not-kept";

export interface ReaderHandlers {
  /**
   * Takes in the first of the entries and as many of those behind it as go together, and moves the place's cursor with them.
   * Answers for each of these, in order; the others are handed in again.
   */
  entries(topic: TopicRecord, node: NodeUrl, entries: readonly TopicEntry[]): Promise<readonly EntryOutcome[]>;
  /** The node has less than it had: it is read from the beginning. `false`: that could not be written down. */
  lostData(topic: TopicRecord): Promise<boolean>;
  /** A page of entries was taken in. */
  paged(topic: TopicRecord): void;
  /** All entries up to `latest` were taken in, or passed. */
  drained(topic: TopicRecord, latest: number): void;
}

export interface TopicReader {
  /** The node says that something is new. In a conversation of many, what comes soon after is read together with what comes then. */
  wake(): void;
  /** Reads what is new. While it does so already, it goes round once more. */
  look(): void;
  /** Everything there was taken in since the node was last out of reach. */
  readonly isRead: boolean;
  /** Something there waits for keys. */
  readonly hasAhead: boolean;
  /** It was tried with the keys of now. */
  isStuck(topic: TopicRecord): Promise<boolean>;
  /** What is ahead now makes this device get new keys. What is still ahead of those has no keys anywhere: it is passed for good. */
  mended(): void;
  /** Does not count as read until it was read again. */
  unread(): void;
  stop(): void;
}

/** Entries asked for at a time; the frame's bound cuts a page shorter. */
const pageEntries = 100;
/**
 * Entries that are read before they are taken in, so that many are written at once. Higher: memory for what a node sends, and
 * who comes back sees the first of it later.
 */
const entriesAhead = 150;
/** After a write of ours failed, the same entries are read again. */
const retryAfterMs = 5_000;
/**
 * In a conversation of more devices than `fewDevices`, this long for each of them after all was read, what is new waits: each
 * acknowledges what somebody says at a time of its own, and each reading looks through all that may be due. Lower: at 128 devices
 * a hundred readings for each word. Higher: who answers at once is read later.
 */
const restPerDeviceMs = 10;
const mostRestMs = 2_000;
const fewDevices = 32;

export function createTopicReader(
  context: Context,
  key: TopicId,
  node: NodeClient,
  right: TopicAccess,
  handlers: ReaderHandlers,
): TopicReader {
  let running = false;
  let again = false;
  let ended = false;
  let isRead = false;
  /** How often it was said that something lies there which was not taken in. */
  let doubts = 0;
  let cancelRetry = () => {};
  let cancelWake: (() => void) | undefined;
  let restsUntilMs = 0;
  /** Of the conversation, as its keys were last seen. */
  let devices = 0;
  /** The keys under which the first entry was passed by. What an earlier engine passed is tried with those of now. */
  let passedUnder: string | undefined = "an earlier engine's";
  let hasAhead = false;
  /** The highest sequence that was passed by, and the highest that new keys were asked for. */
  let aheadUpTo = 0;
  let mendedUpTo = 0;

  function readLater(delayMs: number): void {
    cancelRetry();
    if (!ended) cancelRetry = context.clock.after(delayMs, look);
  }

  async function drain(): Promise<void> {
    for (;;) {
      const topic = await context.storage.get("topics", key);
      const place = topic && placeAt(topic, node.url);
      if (topic === undefined || place === undefined || ended) return;
      if (await mayOpenNow(topic, place)) {
        if (await move(topic, readAgain)) continue;
        return readLater(retryAfterMs);
      }
      // Asked before: keys that move on while the page is taken in are a reason to look once more.
      const keys = await keysOf(topic);
      const doubtsBefore = doubts;
      const page = await readFrom(place.cursor);
      if (!page.ok) {
        // Offline: the next follow wakes this topic again. After anything else nobody does.
        if (page.error.kind !== "offline")
          readLater(page.error.kind === "busy" ? page.error.retryAfterMs : retryAfterMs);
        return;
      }
      if (page.value.latest < place.cursor) {
        // The node has lost what it had and counts from the beginning. What is known here is recognised.
        aheadUpTo = 0;
        mendedUpTo = 0;
        if (!(await handlers.lostData(topic)) || !(await move(topic, rewound))) readLater(retryAfterMs);
        else again = true;
        return;
      }
      const [first] = page.value.entries;
      // Sequences rise by one (§6.4): what lies between is over, or was lost.
      const isGap = first !== undefined && first.sequence > place.cursor + 1 && place.incomplete === undefined;
      if (isGap && !(await move(topic, incomplete))) return readLater(retryAfterMs);
      if (!(await takeAll(topic, page.value.entries, keys))) return readLater(retryAfterMs);
      if (ended) return;
      if (page.value.more && page.value.entries.length > 0) {
        handlers.paged(topic);
        continue;
      }
      const after = await context.storage.get("topics", key);
      const here = after && placeAt(after, node.url);
      if (after === undefined || here === undefined || ended) return;
      // What was said to lie there meanwhile may have come after this page.
      if ((await mayOpenNow(after, here)) || doubts !== doubtsBefore) continue;
      isRead = true;
      restsUntilMs = context.clock.now() + restMs();
      handlers.drained(after, page.value.latest);
      return;
    }
  }

  /** Pages as one. What goes wrong after the first is found out when it is read again. */
  async function readFrom(cursor: number): ReturnType<NodeClient["read"]> {
    const first = await node.read(right, cursor, pageEntries);
    if (!first.ok) return first;
    const entries = [...first.value.entries];
    let last = first.value;
    while (last.more && last.entries.length > 0 && entries.length < entriesAhead && !ended) {
      const next = await node.read(right, entries.at(-1)?.sequence ?? cursor, pageEntries);
      if (!next.ok || next.value.latest < last.latest) break;
      last = next.value;
      entries.push(...last.entries);
    }
    return ok({ ...last, entries });
  }

  /** `false`: not all of them could be kept. */
  async function takeAll(topic: TopicRecord, entries: readonly TopicEntry[], keys: string): Promise<boolean> {
    for (let left = entries; left.length > 0 && !ended; ) {
      const outcomes = await handlers.entries(topic, node.url, left);
      for (const [index, { sequence }] of left.slice(0, outcomes.length).entries()) {
        if (outcomes[index] === "not-kept") return false;
        if (outcomes[index] === "ahead" && !(await passBy(topic, sequence, keys))) return false;
      }
      if (outcomes.length === 0) return false;
      left = left.slice(outcomes.length);
    }
    return true;
  }

  async function passBy(topic: TopicRecord, sequence: number, keys: string): Promise<boolean> {
    const isHopeless = sequence <= mendedUpTo;
    if (!isHopeless) {
      if (!hasAhead) passedUnder = keys;
      hasAhead = true;
      aheadUpTo = Math.max(aheadUpTo, sequence);
    }
    return move(topic, (place) => ({
      ...place,
      cursor: Math.max(place.cursor, sequence),
      ahead: isHopeless ? place.ahead : Math.min(place.ahead ?? sequence, sequence),
    }));
  }

  /** Whether the keys have moved on since something was passed by. */
  async function mayOpenNow(topic: TopicRecord, place: Place): Promise<boolean> {
    if (place.ahead === undefined) {
      hasAhead = false;
      return false;
    }
    return passedUnder !== (await keysOf(topic));
  }

  async function keysOf({ purpose }: TopicRecord): Promise<string> {
    if (purpose.kind === "invite") return "";
    // A piece that is ahead of others waits for those.
    if (purpose.kind === "history") return String(purpose.next);
    const group = await context.storage.get("groups", purpose.conversation);
    devices = group === undefined ? 0 : membersIfReadable(group.state).length;
    // Another leaf may be of an epoch of the same number.
    return group === undefined ? "none" : `${group.generation} ${group.epoch} ${group.joinedEpoch}`;
  }

  function restMs(): number {
    return devices > fewDevices ? Math.min(devices * restPerDeviceMs, mostRestMs) : 0;
  }

  function wake(): void {
    const leftMs = restsUntilMs - context.clock.now();
    // More than there is: the clock was set back.
    if (!isRead || leftMs <= 0 || leftMs > mostRestMs) look();
    else if (!ended)
      cancelWake ??= context.clock.after(leftMs, () => {
        cancelWake = undefined;
        look();
      });
  }

  async function move({ purpose }: TopicRecord, change: (place: Place) => Place): Promise<boolean> {
    return context.turns(purpose.kind === "invite" ? purpose.invite : purpose.conversation, async () => {
      const row = await context.storage.get("topics", key);
      if (row === undefined) return true;
      const moved = withPlace(row, node.url, change);
      return (await commit(context, { changes: [{ kind: "put", table: "topics", row: moved }] })).ok;
    });
  }

  function look(): void {
    if (ended) return;
    if (running) {
      again = true;
      return;
    }
    running = true;
    drain()
      .catch((error: unknown) => context.log.fault("reading a topic failed", error))
      .finally(() => {
        running = false;
        if (again) {
          again = false;
          look();
        }
      });
  }

  const endStatus = node.status.subscribe((status) => {
    if (status.kind !== "connected") isRead = false;
  });

  return {
    wake,
    look,
    get isRead() {
      return isRead;
    },
    get hasAhead() {
      return hasAhead;
    },
    isStuck: async (topic) => hasAhead && passedUnder === (await keysOf(topic)),
    mended() {
      mendedUpTo = aheadUpTo;
    },
    unread() {
      isRead = false;
      doubts++;
      look();
    },
    stop() {
      ended = true;
      isRead = false;
      endStatus();
      cancelRetry();
      cancelWake?.();
    },
  };
}

function rewound(place: Place): Place {
  return incomplete({ ...place, cursor: 0, ahead: undefined });
}

function readAgain(place: Place): Place {
  return { ...place, cursor: Math.min(place.cursor, (place.ahead ?? 1) - 1), ahead: undefined };
}
