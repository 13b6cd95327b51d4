// What becomes of a dial when something else is true by the time it is answered.
import { expect, test } from "vitest";
import type { Context } from "../../../core/engine/context.ts";
import { createDialling } from "../../../core/engine/link-dialling.ts";
import { createTurns } from "../../../core/engine/turns.ts";
import { createWhereabouts } from "../../../core/engine/whereabouts.ts";
import type { AccountId, ConversationId, DeviceId } from "../../../core/lang/brand.ts";
import { liveCell } from "../../../core/lang/live.ts";
import { ok, type Result } from "../../../core/lang/result.ts";
import type { DialFault, RawLink, ReachStatus } from "../../../core/ports/links.ts";
import { virtualClock } from "../../support/virtual-clock.ts";

const alice = "aaa" as DeviceId;
const bob = "bbb" as DeviceId;
const where = {
  account: "bob" as AccountId,
  conversation: "c1" as ConversationId,
  peer: "peer",
  addresses: ["/webrtc"],
};

/** Alice's side, with as much of a disk as dialling reads. */
function aliceDials() {
  const clock = virtualClock(0);
  const rows = new Map<string, unknown>([
    ["profile me", { device: alice, relayOnly: false }],
    ["conversations c1", { key: "c1", contact: "bob", topic: "t1", last: undefined, sinceMs: 0 }],
    ["contacts bob", { key: "bob", state: "accepted", relayOnly: false }],
    ["topics t1", { key: "t1" }],
    ["groups c1", { key: "c1" }],
  ]);
  let isClosed = false;
  const read = async <T>(look: () => T) => {
    if (isClosed) throw new Error("the storage is closed");
    return look();
  };
  const faults: string[] = [];
  const dials: ((answer: Result<RawLink, DialFault>) => void)[] = [];
  const reach: ReachStatus = { kind: "reachable", peer: "own", addresses: [], relayed: [] };
  const context = {
    clock,
    turns: createTurns(),
    log: { event() {}, fault: (what: string, error: unknown) => faults.push(`${what}: ${error}`) },
    storage: {
      get: (table: string, key: string) => read(() => rows.get(`${table} ${key}`)),
      all: (table: string) => read(() => [...rows].filter(([key]) => key.startsWith(table)).map(([, row]) => row)),
    },
    links: {
      reach: liveCell(reach),
      dial: () => new Promise((resolve) => dials.push(resolve)),
    },
  } as unknown as Context;
  const ran: RawLink[] = [];
  const dialling = createDialling(context, createWhereabouts(context), {
    has: () => false,
    hasRoom: () => true,
    dialled: () => [],
    close() {},
    run: (raw) => ran.push(raw),
  });
  let closed = 0;
  const raw = { close: () => closed++ } as unknown as RawLink;
  return {
    clock,
    rows,
    faults,
    dials,
    ran,
    dialling,
    context,
    closeDisk() {
      isClosed = true;
    },
    async answered() {
      dials.shift()?.(ok(raw));
      await clock.advance(0);
      return { ran: ran.length, closed };
    },
  };
}

test("a link that is dialled is run", async () => {
  const one = aliceDials();
  await one.dialling.seen(bob, where);
  await one.clock.advance(0);
  expect(one.dials).toHaveLength(1);
  expect(await one.answered()).toEqual({ ran: 1, closed: 0 });
});

test("a dial that is answered after the engine stopped and closed its disk is hung up, and no fault", async () => {
  const one = aliceDials();
  await one.dialling.seen(bob, where);
  await one.clock.advance(0);
  one.dialling.stop();
  one.closeDisk();
  expect(await one.answered()).toEqual({ ran: 0, closed: 1 });
  await one.clock.advance(600_000);
  expect([one.faults, one.dials.length]).toEqual([[], 0]);
});

test("a dial is hung up when the person was blocked while it rang", async () => {
  const one = aliceDials();
  await one.dialling.seen(bob, where);
  await one.clock.advance(0);
  one.rows.set("contacts bob", { key: "bob", state: "blocked", relayOnly: false });
  expect(await one.answered()).toEqual({ ran: 0, closed: 1 });
});

test.each(["forgotten", "stopped", "blocked"] as const)(
  "nobody is dialled who was %s while it was prepared",
  async (how) => {
    const one = aliceDials();
    let finish = () => {};
    // Somebody decides about the person, or writes down a wish, before it is this dial's turn.
    const deciding = one.context.turns("c1", () => new Promise<void>((resolve) => (finish = resolve)));
    await one.dialling.seen(bob, where);
    await one.clock.advance(0);
    expect(one.dials).toEqual([]);
    if (how === "forgotten") one.dialling.forget(bob);
    if (how === "stopped") one.dialling.stop();
    if (how === "blocked") one.rows.set("contacts bob", { key: "bob", state: "blocked", relayOnly: false });
    finish();
    await deciding;
    await one.clock.advance(60_000);
    expect([one.dials, one.faults]).toEqual([[], []]);
  },
);
