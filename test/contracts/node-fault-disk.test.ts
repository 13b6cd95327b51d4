/**
 * A disk that is full or fails under a running node (F17): what it cannot keep it refuses, without custody; what it has it
 * gives; and when there is space again it goes on, nothing lost of what it promised.
 */
import { afterEach, expect, it, onTestFinished } from "vitest";
import { toHex } from "../../core/lang/bytes.ts";
import { createNodeNetwork } from "../../core/network/node-client.ts";
import type { NodeClient, TopicAccess } from "../../core/ports/node.ts";
import { systemClock } from "../../core/system/system-clock.ts";
import { systemRandom } from "../../core/system/system-random.ts";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";
import { topicOf } from "../support/raw-topic-client.ts";
import { boundFiles, canBoundFiles, smallDisk } from "../support/small-disk.ts";
import { until } from "../support/until.ts";

const diskFull = { ok: false, error: { kind: "full", what: "disk" } };
const flags = ["--app", import.meta.dirname, "--relay-reservations", "0"];

const clients: NodeClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
async function device(node: NodeProcess): Promise<NodeClient> {
  const client = createNodeNetwork({ clock: systemClock, random: systemRandom }).node(node.url);
  clients.push(client);
  await until(client.status, ({ kind }) => kind === "connected");
  return client;
}
function topicAccess(): TopicAccess {
  const seed = systemRandom.bytes(32);
  return { topic: topicOf(seed), seed };
}
/** They are random: the beginning is name enough. */
const named = (envelope: Uint8Array) => toHex(envelope.subarray(0, 16));
async function stored(client: NodeClient, access: TopicAccess): Promise<readonly string[]> {
  const all = [];
  for (let after = 0; ; ) {
    const page = await client.read(access, after, 100);
    if (!page.ok) throw new Error(page.error.kind);
    all.push(...page.value.entries.map((entry) => named(entry.envelope)));
    after = page.value.entries.at(-1)?.sequence ?? after;
    if (!page.value.more) return all;
  }
}

/** Appends until the disk refuses, in groups; what got custody, in order. */
async function appendUntilRefused(alice: NodeClient, access: TopicAccess): Promise<string[]> {
  const promised: string[] = [];
  for (let group = 0; group < 200; group++) {
    const envelopes = Array.from({ length: 8 }, () => systemRandom.bytes(16_384));
    const outcomes = await Promise.all(envelopes.map((envelope) => alice.append(access, envelope)));
    for (const [n, outcome] of outcomes.entries()) {
      if (outcome.ok) promised.push(named(envelopes[n]!));
      else expect(outcome).toEqual(diskFull);
    }
    if (outcomes.some(({ ok }) => !ok)) return promised;
  }
  throw new Error("the disk took everything");
}

/** What holds whatever was wrong with the disk. */
async function refusesAndRecovers(node: NodeProcess, breaking: () => Promise<void>, mending: () => Promise<void>) {
  const [alice, bob, access] = [await device(node), await device(node), topicAccess()];
  const before = systemRandom.bytes(1_024);
  expect(await alice.append(access, before)).toMatchObject({ ok: true });
  await breaking();
  const promised = [named(before), ...(await appendUntilRefused(alice, access))];
  expect(await alice.append(access, systemRandom.bytes(65_536))).toEqual(diskFull);
  // Reads go on: of those who are there, of who comes now, and of what is there already.
  expect(await stored(bob, access)).toEqual(promised);
  const carol = await device(node);
  expect(await stored(carol, access)).toEqual(promised);
  const told = Promise.withResolvers<number>();
  carol.follow(access, { wake: told.resolve, signal() {} });
  expect(await told.promise).toBe(promised.length);
  const again = await alice.append(access, before);
  console.log(`${promised.length} held; the same envelope again meanwhile: ${again.ok ? "custody" : again.error.kind}`);

  await mending();
  const after = systemRandom.bytes(65_536);
  expect(await alice.append(access, after)).toMatchObject({ ok: true, value: { sequence: promised.length + 1 } });
  await node.kill();
  await node.start();
  expect(await stored(await device(node), access)).toEqual([...promised, named(after)]);
}

const disk = await smallDisk(8);
if (disk === undefined) console.log("Left out: a node on a full disk, because no file system can be mounted here.");
else {
  it("on a full disk refuses appends and gives no custody, reads on, and stores again when there is space", async () => {
    onTestFinished(() => disk.unmount());
    await disk.fill(3 * 1_048_576);
    const node = await startNodeProcess(...flags, "--data", disk.folder);
    onTestFinished(() => node.discard());
    // The node itself fills it.
    await refusesAndRecovers(node, async () => {}, disk.free);
  });

  it("started on a full disk is there and reads, or says why not", async () => {
    const own = await smallDisk(6);
    if (own === undefined) throw new Error("it could be mounted before");
    onTestFinished(() => own.unmount());
    const node = await startNodeProcess(...flags, "--data", own.folder);
    onTestFinished(() => node.discard());
    const [alice, access] = [await device(node), topicAccess()];
    expect(await alice.append(access, systemRandom.bytes(1_024))).toMatchObject({ ok: true });
    await own.fill();
    const promised = await appendUntilRefused(alice, access);
    await node.kill();
    await own.fill();
    const outcome = await node.start().then(
      () => "started",
      (error: Error) => error.message,
    );
    console.log(`started on a full disk: ${outcome}`);
    expect(outcome).toMatch(/started|cannot/);
    await node.kill();
    await own.free();
    await node.start();
    expect(await stored(await device(node), access)).toHaveLength(1 + promised.length);
  });
}

if (!(await canBoundFiles())) console.log("Left out: a node on a failing disk, because there is no prlimit here.");
else {
  it("on a disk that fails at a write does the same", async () => {
    const node = await startNodeProcess(...flags);
    onTestFinished(() => node.discard());
    await refusesAndRecovers(
      node,
      () => boundFiles(node.pid(), 4_096),
      () => boundFiles(node.pid(), undefined),
    );
  });
}
