/** The node client on a bad wire (FAULTS F6), and after a sleep. The wire and the node are real, the client's time is virtual. */
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { toHex } from "../../core/lang/bytes.ts";
import type { NodeStatus, TopicAccess } from "../../core/ports/node.ts";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";
import { anEnvelope, newTopic, type RoughWire, roughWire } from "../support/rough-wire.ts";

/** F6: nothing hangs longer than 2.5 heartbeats of the client, which are 12 s apart. */
const noHangMs = 2.5 * 12_000;
const offline = { ok: false, error: { kind: "offline" } };

let node: NodeProcess;
beforeAll(async () => {
  node = await startNodeProcess("--relay-reservations", "0", "--app", import.meta.dirname);
});
afterAll(() => node.discard());

async function connected(): Promise<RoughWire> {
  const wire = await roughWire(node);
  onTestFinished(wire.stop);
  await atOnce(wire, "connected");
  return wire;
}

/** Without a moment of the client's time passing, however long the machine takes. */
function atOnce({ client }: RoughWire, kind: NodeStatus["kind"]): Promise<void> {
  return new Promise((resolve) => {
    client.status.subscribe((status) => {
      if (status.kind === kind) resolve();
    });
  });
}

/** Answers as soon as there is one, or with `undefined` when it takes longer than `ms` of the client's time. */
async function within<T>({ clock }: RoughWire, ms: number, answer: Promise<T>): Promise<T | undefined> {
  let known: T | undefined;
  void answer.then((value) => {
    known = value;
  });
  await clock.advance(ms);
  return known;
}

async function stored({ client }: RoughWire, access: TopicAccess): Promise<readonly string[]> {
  const page = await client.read(access, 0, 100);
  if (!page.ok) throw new Error(page.error.kind);
  return page.value.entries.map(({ envelope }) => toHex(envelope));
}

it("F6: is understood and understands byte by byte", async () => {
  const wire = await roughWire(node);
  onTestFinished(wire.stop);
  wire.proxy.become("trickle");
  await atOnce(wire, "connected");
  const access = newTopic();
  const sent = [1_024, 16_384, 65_536].map((bytes) => anEnvelope(bytes));
  for (const envelope of sent) expect(await wire.client.append(access, envelope)).toMatchObject({ ok: true });
  expect(await stored(wire, access)).toEqual(sent.slice(0, 2).map(toHex));
});

it("F6: a wire that stalls for 30 s hangs nobody, and what was on its way is there once", async () => {
  const wire = await connected();
  const [access, envelope] = [newTopic(), anEnvelope()];
  wire.proxy.become("stalled");
  expect(await within(wire, noHangMs, wire.client.append(access, envelope))).toEqual(offline);
  expect(wire.status()).toBe("offline");
  wire.proxy.become("clear");
  await wire.clock.advance(24_000);
  expect(wire.status()).toBe("connected");
  expect(await wire.client.append(access, envelope)).toMatchObject({ ok: true, value: { sequence: 1 } });
  expect(await stored(wire, access)).toEqual([toHex(envelope)]);
});

it.each([1_024, 65_536])("F6: an append of %i bytes into a wire that is dead is given up in time", async (bytes) => {
  const wire = await connected();
  wire.proxy.become("deaf");
  expect(await within(wire, noHangMs, wire.client.append(newTopic(), anEnvelope(bytes)))).toEqual(offline);
});

it("F6: a read from a wire that is dead is given up in time", async () => {
  const wire = await connected();
  wire.proxy.become("deaf");
  expect(await within(wire, noHangMs, wire.client.read(newTopic(), 0, 50))).toEqual(offline);
});

it("F6: a wire that died in silence is noticed by the heartbeat, and left for a new one", async () => {
  const wire = await connected();
  wire.proxy.become("deaf");
  await wire.clock.advance(noHangMs);
  expect(wire.status()).toBe("offline");
  wire.proxy.become("clear");
  await wire.clock.advance(24_000);
  expect(wire.status()).toBe("connected");
});

it("F6: a reset is noticed at once, and the way back found within the spread of a herd", async () => {
  const wire = await connected();
  wire.proxy.reset();
  await atOnce(wire, "offline");
  await wire.clock.advance(16_000);
  expect(wire.status()).toBe("connected");
});

it("after a sleep of hours a dead wire is found dead in seconds when somebody hurries, and replaced at once", async () => {
  const wire = await connected();
  // Others know this connection no more; whoever dials gets through.
  wire.proxy.become("deaf");
  wire.proxy.become("clear");
  wire.sleep(3 * 3_600_000);
  wire.client.hurry();
  await wire.clock.advance(5_000);
  expect(wire.status()).toBe("offline");
  await wire.clock.advance(1_000);
  expect(wire.status()).toBe("connected");
});

it("finds a dead wire after a sleep also when nobody says that there was one", async () => {
  const wire = await connected();
  const access = newTopic();
  // Just heard: the next heartbeat would otherwise let it be.
  await wire.client.read(access, 0, 1);
  wire.proxy.become("deaf");
  wire.proxy.become("clear");
  wire.sleep(3 * 3_600_000);
  await wire.clock.advance(12_000 + 5_000 + 1_000);
  expect(wire.status()).toBe("connected");
  expect(wire.proxy.made).toBe(2);
});

it("keeps a connection that survived the sleep", async () => {
  const wire = await connected();
  wire.sleep(3 * 3_600_000);
  for (let look = 0; look < 20; look++) wire.client.hurry();
  await wire.clock.advance(60_000);
  expect(wire.status()).toBe("connected");
  expect(wire.proxy.made).toBe(1);
});

it("leaves a dial that hangs since before the sleep, and dials in the network there is now", async () => {
  const wire = await connected();
  wire.proxy.become("deaf");
  wire.proxy.reset();
  await wire.clock.advance(16_000);
  expect(wire.status()).toBe("offline");
  wire.proxy.become("clear");
  wire.sleep(3 * 3_600_000);
  wire.client.hurry();
  await atOnce(wire, "connected");
});

it("told by the browser that it is online again, comes back without its back-off", async () => {
  const wire = await connected();
  wire.proxy.become("cut");
  wire.proxy.reset();
  await wire.clock.advance(120_000);
  wire.proxy.become("clear");
  wire.client.hurry();
  await atOnce(wire, "connected");
});

it("follows after a node that was away when it began, and says so meanwhile", async () => {
  const wire = await roughWire(node);
  onTestFinished(wire.stop);
  wire.proxy.become("cut");
  const [access, heard] = [newTopic(), [] as number[]];
  wire.client.follow(access, { wake: (latest) => heard.push(latest), signal: () => {} });
  await wire.clock.advance(60_000);
  expect(wire.status()).toBe("offline");
  wire.proxy.become("clear");
  await wire.clock.advance(24_000);
  expect(wire.status()).toBe("connected");
  expect(heard).toEqual([0]);
});
