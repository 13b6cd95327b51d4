/** The engine's node port over a real WebSocket to a real node process (PROTOCOL.md §6). */

import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { publicKeyOf } from "../../core/crypto/signature.ts";
import type { NodeUrl, TopicId } from "../../core/lang/brand.ts";
import { toHex } from "../../core/lang/bytes.ts";
import type { Live } from "../../core/lang/live.ts";
import { createNodeNetwork } from "../../core/network/node-client.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { NodeClient, NodeStatus, TopicAccess } from "../../core/ports/node.ts";
import type { Random } from "../../core/ports/random.ts";
import { systemClock } from "../../core/system/system-clock.ts";
import { systemRandom } from "../../core/system/system-random.ts";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";

let node: NodeProcess;
beforeAll(async () => {
  node = await startNodeProcess("--relay-reservations", "0", "--app", import.meta.dirname);
});
afterAll(() => node.discard());

const clients: NodeClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

/** Draws the shortest of all waits, so that a test need not wait for the spread of a herd. */
const eager: Random = { bytes: (length) => (length > 4 ? systemRandom.bytes(length) : new Uint8Array(length)) };

/** A device of its own: a client that shares nothing with the others. */
function device(url: NodeUrl = node.url, clock: Clock = systemClock): NodeClient {
  const client = createNodeNetwork({ clock, random: eager }).node(url);
  clients.push(client);
  return client;
}
function topicAccess(): TopicAccess {
  const seed = systemRandom.bytes(32);
  return { topic: toHex(publicKeyOf(seed)) as TopicId, seed };
}
const envelope = (bytes = 1_024) => systemRandom.bytes(bytes);

function until<T>(live: Live<T>, isIt: (value: T) => boolean): Promise<T> {
  return new Promise((resolve) => {
    let end = () => {};
    let isDone = false;
    end = live.subscribe((value) => {
      if (isDone || !isIt(value)) return;
      isDone = true;
      queueMicrotask(() => end());
      resolve(value);
    });
  });
}
const connected = (client: NodeClient) => until(client.status, ({ kind }) => kind === "connected");
async function ready(url?: NodeUrl): Promise<NodeClient> {
  const client = device(url);
  await connected(client);
  return client;
}
/** Follows, and gives what comes, in order. */
function following(client: NodeClient, access: TopicAccess) {
  const heard: (number | string)[] = [];
  const waiting: (() => void)[] = [];
  const hear = (what: number | string) => {
    heard.push(what);
    for (const look of waiting.splice(0)) look();
  };
  const stop = client.follow(access, { wake: hear, signal: (body) => hear(toHex(body)) });
  return {
    heard,
    stop,
    async has(what: number | string): Promise<void> {
      while (!heard.includes(what)) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}
async function appended(
  client: NodeClient,
  access: TopicAccess,
  bytes: Uint8Array,
  slot?: Uint8Array,
): Promise<number> {
  const custody = await client.append(access, bytes, slot);
  if (!custody.ok) throw new Error(custody.error.kind);
  return custody.value.sequence;
}
async function stored(client: NodeClient, access: TopicAccess): Promise<{ sequence: number; hex: string }[]> {
  const all = [];
  for (let after = 0; ; ) {
    const page = await client.read(access, after, 100);
    if (!page.ok) throw new Error(page.error.kind);
    all.push(...page.value.entries.map((entry) => ({ sequence: entry.sequence, hex: toHex(entry.envelope) })));
    after = page.value.entries.at(-1)?.sequence ?? after;
    if (!page.value.more) return all;
  }
}

describe("a node client", () => {
  it("gets custody for an envelope and reads it back on another device", async () => {
    const [alice, bob, access, bytes] = [await ready(), await ready(), topicAccess(), envelope()];
    const before = Date.now();
    const custody = await alice.append(access, bytes);
    expect(custody).toMatchObject({ ok: true, value: { sequence: 1 } });
    const days = custody.ok ? (custody.value.expiresAtMs - before) / 86_400_000 : 0;
    expect(days).toBeGreaterThan(29.9);
    expect(days).toBeLessThan(30.1);
    expect(await stored(bob, access)).toEqual([{ sequence: 1, hex: toHex(bytes) }]);
  });

  it("gets the same custody for the same envelope again", async () => {
    const [alice, access, bytes] = [await ready(), topicAccess(), envelope()];
    const first = await alice.append(access, bytes);
    await appended(alice, access, envelope());
    expect(await alice.append(access, bytes)).toEqual(first);
  });

  it("is told who has the slot", async () => {
    const [alice, bob, access, slot] = [await ready(), await ready(), topicAccess(), systemRandom.bytes(32)];
    const bytes = envelope();
    expect(await appended(alice, access, bytes, slot)).toBe(1);
    expect(await bob.append(access, envelope(), slot)).toEqual({
      ok: false,
      error: { kind: "slot-taken", sequence: 1 },
    });
    expect(await appended(alice, access, bytes, slot)).toBe(1);
  });

  it("reads pages, largest envelopes included, each answer within a frame", async () => {
    const [alice, access] = [await ready(), topicAccess()];
    const sent = [65_536, 65_536, 1_024, 4_096, 16_384].map((bytes) => envelope(bytes));
    for (const bytes of sent) await appended(alice, access, bytes);
    const first = await alice.read(access, 0, 100);
    expect(first).toMatchObject({ ok: true, value: { more: true, latest: 5 } });
    expect((await stored(alice, access)).map(({ hex }) => hex)).toEqual(sent.map(toHex));
  });

  it("keeps many appends of one topic in the order they were sent", async () => {
    const [alice, access] = [await ready(), topicAccess()];
    const numbers = await Promise.all(Array.from({ length: 300 }, () => appended(alice, access, envelope())));
    expect(numbers).toEqual(Array.from({ length: 300 }, (_, n) => n + 1));
  });

  it("is woken at once on following, then by appends of others, not by its own", async () => {
    const [alice, bob, access] = [await ready(), await ready(), topicAccess()];
    await appended(alice, access, envelope());
    const bobs = following(bob, access);
    await bobs.has(1);
    await appended(bob, access, envelope());
    await appended(alice, access, envelope());
    await bobs.has(3);
    expect(bobs.heard).toEqual([1, 3]);
  });

  it("hears signals of others while it follows, and nothing after", async () => {
    const [alice, bob, access] = [await ready(), await ready(), topicAccess()];
    const bobs = following(bob, access);
    await bobs.has(0);
    alice.signal(access, Uint8Array.of(1, 2));
    await bobs.has("0102");
    bobs.stop();
    await bob.read(access, 0, 1);
    alice.signal(access, Uint8Array.of(3, 4));
    await alice.read(access, 0, 1);
    await bob.read(access, 0, 1);
    expect(bobs.heard).toEqual([0, "0102"]);
  });

  it("is refused a topic whose key it does not hold", async () => {
    const [mallory, access] = [await ready(), topicAccess()];
    const stolen = { topic: access.topic, seed: systemRandom.bytes(32) };
    const unproven = { ok: false, error: { kind: "refused", why: "unproven" } };
    expect(await mallory.append(stolen, envelope())).toEqual(unproven);
    expect(await mallory.read(stolen, 0, 10)).toEqual(unproven);
    expect(await appended(await ready(), access, envelope())).toBe(1);
  });

  it("is refused an envelope that is larger than any, and one of no padded size", async () => {
    const [alice, access] = [await ready(), topicAccess()];
    expect(await alice.append(access, envelope(65_537))).toEqual({
      ok: false,
      error: { kind: "refused", why: "too-large" },
    });
    expect(await alice.append(access, envelope(1_000))).toEqual({
      ok: false,
      error: { kind: "refused", why: "malformed" },
    });
  });

  it("says offline for an address where no node is, and since when", async () => {
    const client = device("http://localhost:9" as NodeUrl);
    const away = await until(client.status, ({ kind }) => kind === "offline");
    expect(away).toMatchObject({ kind: "offline", reason: "unreachable" });
    expect(await client.append(topicAccess(), envelope())).toEqual({ ok: false, error: { kind: "offline" } });
  });

  it("gives the same client for the same address until it is closed", () => {
    const network = createNodeNetwork({ clock: systemClock, random: systemRandom });
    const first = network.node(node.url);
    expect(network.node(node.url)).toBe(first);
    first.close();
    const second = network.node(node.url);
    clients.push(second);
    expect(second).not.toBe(first);
  });
});

describe("a node client across the node's end", () => {
  async function ownNode(...flags: string[]): Promise<NodeProcess> {
    const own = await startNodeProcess("--relay-reservations", "0", "--app", import.meta.dirname, ...flags);
    onTestFinished(() => own.discard());
    return own;
  }
  const offline = (client: NodeClient) => until<NodeStatus>(client.status, ({ kind }) => kind === "offline");

  it("comes back by itself, follows again and finds everything (F3)", async () => {
    const own = await ownNode();
    const [alice, bob, access] = [await ready(own.url), await ready(own.url), topicAccess()];
    await appended(alice, access, envelope());
    const bobs = following(bob, access);
    await bobs.has(1);
    expect(await own.stop()).toBe(0);
    await Promise.all([offline(alice), offline(bob)]);
    await own.start();
    await Promise.all([connected(alice), connected(bob)]);
    await appended(alice, access, envelope());
    await bobs.has(2);
    expect(await stored(bob, access)).toHaveLength(2);
  });

  it("tries at once when told to hurry", async () => {
    const own = await ownNode();
    // Nothing waits to its end on this clock: what brings the client back is the hurry alone.
    const stillClock = { now: () => Date.now(), after: () => () => {} };
    const alice = device(own.url, stillClock);
    await connected(alice);
    await own.stop();
    await offline(alice);
    await own.start();
    alice.hurry();
    await connected(alice);
  });

  it("answers every append under way before it ends by SIGTERM, and keeps them", async () => {
    const own = await ownNode();
    const [alice, access] = [await ready(own.url), topicAccess()];
    await appended(alice, access, envelope());
    const appends = Array.from({ length: 400 }, () => alice.append(access, envelope()));
    expect(await own.stop()).toBe(0);
    const outcomes = await Promise.all(appends);
    const held = outcomes.filter(({ ok }) => ok).length;
    // What the node did not take in any more is for the client to repeat, and not called refused.
    expect(outcomes.every((outcome) => outcome.ok || outcome.error.kind === "offline")).toBe(true);
    await own.start();
    const kept = (await stored(await ready(own.url), access)).length;
    expect(kept).toBe(1 + held);
  });

  it("does not take another node at the same address for the one it knew", async () => {
    const own = await ownNode();
    const alice = await ready(own.url);
    await own.stop();
    await offline(alice);
    const other = await startNodeProcess(
      "--relay-reservations",
      "0",
      "--app",
      import.meta.dirname,
      "--port",
      String(own.port),
    );
    onTestFinished(() => other.discard());
    alice.hurry();
    await until(alice.status, (now) => now.kind === "offline" && now.reason === "incompatible");
  });
});
