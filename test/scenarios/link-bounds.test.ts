// What the other end of a link can make this device keep in memory, whatever it sends and never reads (PROTOCOL.md §7).
import { expect } from "vitest";
import type { Context } from "../../core/engine/context.ts";
import { type DeviceLinkHandlers, runLink } from "../../core/engine/device-link.ts";
import { createLinkAlarms } from "../../core/engine/link-alarms.ts";
import { treesApart } from "../../core/engine/trees-apart.ts";
import { liveCell } from "../../core/lang/live.ts";
import { done } from "../../core/lang/result.ts";
import type { RawLink } from "../../core/ports/links.ts";
import { decodeLinkFrame, encodeLinkFrame } from "../../core/wire/link-protocol.ts";
import { memoryStorage } from "../support/memory-storage.ts";
import { keysOf, proofBy } from "../support/sim-forger.ts";
import { must, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

const memory = { storage: "memory" } as const;

/** A link that Mallory dialled, to Alice's disk. Of what Alice sends nothing makes room while `stalled`. */
async function dialledBy(world: World, deliver: DeviceLinkHandlers["deliver"]) {
  const alice = await world.person("alice");
  const mallory = await world.person("mallory");
  const id = await world.befriend(alice, mallory);
  await world.advance(5_000);
  await world.run(Promise.all([alice.stop(), mallory.stop()]));
  const keys = keysOf(world, "mallory", id);
  const state = { stalled: false, answers: 0, closed: false };
  const room: (() => void)[] = [];
  let ears: Parameters<RawLink["receive"]>[0] | undefined;
  const raw: RawLink = {
    localPeer: "peeralice",
    remotePeer: "peermallory",
    role: "listener",
    privacy: "direct",
    path: liveCell("direct" as const),
    async send(frame) {
      if (must(decodeLinkFrame(frame)).kind === "got") state.answers++;
      if (state.stalled) await new Promise<void>((resume) => room.push(resume));
      return done;
    },
    receive(handlers) {
      ears = handlers;
    },
    close: () => {},
  };
  const log = { event() {}, fault: (what: string, error: unknown) => expect.fail(`${what}: ${error}`) };
  const storage = treesApart(memoryStorage(world.disk("alice")));
  // What a link needs of a context.
  runLink({ storage, clock: world.clock, log } as unknown as Context, raw, undefined, createLinkAlarms(world.clock), {
    proved: async () => [],
    opened() {},
    have: async () => {},
    keep: async () => undefined,
    kept: async () => {},
    got: async () => {},
    deliver,
    closed() {
      state.closed = true;
    },
  });
  const said = (bytes: Uint8Array) => ears?.frame(bytes);
  const other: RawLink = { ...raw, role: "dialler", localPeer: raw.remotePeer, remotePeer: raw.localPeer };
  const proof = encodeLinkFrame(proofBy(keys, other));
  const envelope = (bytes: number) =>
    encodeLinkFrame({ kind: "deliver", topic: keys.topic.key, envelope: new Uint8Array(bytes) });
  const makeRoom = () => {
    for (const resume of room.splice(0)) resume();
  };
  return { state, said, proof, envelope, makeRoom };
}

const never = () => new Promise<"taken">(() => {});

for (const [bytes, most] of [
  [65_536, 256],
  [1_024, 513],
] as const) {
  story(
    `of envelopes of ${bytes / 1_024} KiB that are not taken in a link has ${most} at most`,
    async (world) => {
      const { state, said, proof, envelope } = await dialledBy(world, never);
      said(proof);
      await world.advance(50);
      const one = envelope(bytes);
      let given = 0;
      for (; !state.closed && given < 2_000; given++) said(one);
      expect(given).toBeLessThanOrEqual(most + 1);
      // Two windows of a sender's own, and one of what it keeps for others.
      expect(given).toBeGreaterThan(64 + 64 + 32);
    },
    memory,
  );
}

story(
  "who has not proved anything yet can leave a single frame",
  async (world) => {
    const { state, said, proof, envelope } = await dialledBy(world, never);
    said(proof);
    said(envelope(65_536));
    expect(state.closed).toBe(false);
    said(envelope(65_536));
    expect(state.closed).toBe(true);
  },
  memory,
);

story(
  "who sends without reading the answers is not answered without end",
  async (world) => {
    const { state, said, proof, envelope, makeRoom } = await dialledBy(world, async () => "taken");
    said(proof);
    await world.advance(50);
    state.stalled = true;
    const one = envelope(1_024);
    for (let n = 0; n < 50 && !state.closed; n++) {
      for (let m = 0; m < 100; m++) said(one);
      await world.settle();
    }
    expect(state.answers).toBeLessThanOrEqual(512);
    expect(state.closed).toBe(true);
    makeRoom();
  },
  memory,
);

story(
  "who reads them in the end is answered for everything",
  async (world) => {
    const { state, said, proof, envelope, makeRoom } = await dialledBy(world, async () => "taken");
    said(proof);
    await world.advance(50);
    state.stalled = true;
    for (let n = 0; n < 600; n++) {
      said(envelope(1_024));
      if (n % 300 === 299) await world.settle();
    }
    expect([state.answers, state.closed]).toEqual([512, false]);
    state.stalled = false;
    makeRoom();
    await world.settle();
    expect(state.answers).toBe(600);
  },
  memory,
);
