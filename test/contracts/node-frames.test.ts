/** What the node does with frames that no honest client sends (PROTOCOL.md §6.7, F14), and with more than it may (F13). */
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { labels } from "../../core/crypto/labels.ts";
import { sign } from "../../core/crypto/signature.ts";
import type { TopicId } from "../../core/lang/brand.ts";
import { toHex } from "../../core/lang/bytes.ts";
import { type NodeRequest, nodeAccessMessage } from "../../core/wire/node-protocol.ts";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";
import { rawClient as connectRaw, type RawClient, topicOf } from "../support/raw-topic-client.ts";
import { seededRandom } from "../support/seeded-random.ts";

let node: NodeProcess;
beforeAll(async () => {
  node = await startNodeProcess("--app", import.meta.dirname, "--relay-reservations", "0");
});
afterAll(() => node.discard());

const random = seededRandom(6);
const seed = random.bytes(32);
const topic = topicOf(seed);

async function rawClient(to: NodeProcess = node): Promise<RawClient> {
  const client = await connectRaw(to.url);
  onTestFinished(() => client.socket.terminate());
  return client;
}
const refusal = (requestId: number, why: string) => ({
  kind: "answer",
  requestId,
  result: { kind: "refusal", refusal: { why } },
});

describe("a node", () => {
  let mallory: RawClient;
  beforeEach(async () => {
    mallory = await rawClient();
  });

  it("says hello with another nonce each time", async () => {
    const again = await rawClient();
    expect(toHex(again.hello.nonce)).not.toBe(toHex(mallory.hello.nonce));
    expect(again.hello.nodeKey).toEqual(mallory.hello.nodeKey);
  });

  it.each([
    ["noise", random.bytes(500)],
    ["nothing", new Uint8Array(0)],
    ["a length beyond the frame", Uint8Array.of(0x12, 0xff, 0xff, 0xff, 0x7f)],
    ["a request of no kind", Uint8Array.of(0x08, 0x07)],
  ])("answers %s as malformed and closes", async (_, bytes) => {
    mallory.send(bytes);
    expect(await mallory.next()).toMatchObject({ result: { kind: "refusal", refusal: { why: "malformed" } } });
    expect(await mallory.closed).toBe(1_008);
  });

  it("answers text as malformed and closes", async () => {
    mallory.socket.send("hello");
    expect(await mallory.next()).toEqual(refusal(0, "malformed"));
    expect(await mallory.closed).toBe(1_008);
  });

  it("names the request whose field is out of its bounds", async () => {
    mallory.ask(7, { kind: "read", topic, after: 0, limit: 101 });
    expect(await mallory.next()).toEqual(refusal(7, "malformed"));
  });

  it("closes at the first byte beyond the largest frame, however long the frame claims to be", async () => {
    mallory.send(new Uint8Array(72 * 1_024 + 1));
    expect(await mallory.closed).toBe(1_009);
    const other = await rawClient();
    // A binary frame whose header claims 100 MiB.
    const header = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0x06, 0x40, 0, 0, 1, 2, 3, 4]);
    (other.socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(header);
    expect(await other.closed).toBe(1_009);
  });

  it("refuses every request about a topic that is not proven here", async () => {
    const bob = await rawClient();
    bob.prove(1, seed);
    expect(await bob.next()).toEqual({ kind: "answer", requestId: 1, result: { kind: "done" } });
    const requests: NodeRequest[] = [
      { kind: "append", topic, envelope: new Uint8Array(1_024), slot: undefined },
      { kind: "read", topic, after: 0, limit: 1 },
      { kind: "follow", topic },
      { kind: "unfollow", topic },
      { kind: "signal", topic, body: new Uint8Array(1) },
    ];
    for (const [index, request] of requests.entries()) {
      mallory.ask(index + 1, request);
      expect(await mallory.next()).toEqual(refusal(index + 1, "unproven"));
    }
  });

  it("refuses a proof that was made for another connection", async () => {
    const bob = await rawClient();
    const stolen = sign(labels.nodeAccess, nodeAccessMessage(bob.hello.nonce, bob.hello.nodeKey, topic), seed);
    mallory.ask(1, { kind: "prove", topic, signature: stolen });
    expect(await mallory.next()).toEqual(refusal(1, "unproven"));
  });

  it("refuses a signal beyond 1 KiB and goes on", async () => {
    mallory.prove(1, seed);
    await mallory.next();
    mallory.ask(2, { kind: "signal", topic, body: new Uint8Array(1_025) });
    expect(await mallory.next()).toEqual(refusal(2, "too-large"));
    mallory.ask(3, { kind: "signal", topic, body: new Uint8Array(1_024) });
    expect(await mallory.next()).toEqual({ kind: "answer", requestId: 3, result: { kind: "done" } });
  });

  it("answers the requests of a topic in their order, a proof and its appends sent at once included", async () => {
    const own = new Uint8Array(1_024).fill(random.bytes(1)[0]!);
    mallory.prove(1, seed);
    for (let n = 2; n <= 40; n++) {
      new DataView(own.buffer).setUint32(0, n);
      mallory.ask(n, { kind: "append", topic, envelope: own, slot: undefined });
      if (n === 20) mallory.ask(1_000, { kind: "read", topic, after: Number.MAX_SAFE_INTEGER, limit: 1 });
    }
    const answers = [];
    for (let n = 0; n < 41; n++) answers.push(await mallory.next());
    const ids = answers.map((frame) => (frame.kind === "answer" ? frame.requestId : 0));
    const sent = Array.from({ length: 40 }, (_, n) => n + 1);
    expect(ids).toEqual([...sent.slice(0, 20), 1_000, ...sent.slice(20)]);
    const read = answers[20];
    // Appends that came after the read may be in it, those before it must be.
    const latest = read?.kind === "answer" && read.result.kind === "entries" ? read.result.latest : 0;
    expect(latest).toBeGreaterThanOrEqual(19);
  });

  it("stays alive under garbage from many", async () => {
    for (let n = 0; n < 60; n++) {
      const other = await rawClient();
      other.send(random.bytes(1 + ((n * 37) % 2_000)));
      await other.closed;
    }
    mallory.prove(1, seed);
    expect(await mallory.next()).toEqual({ kind: "answer", requestId: 1, result: { kind: "done" } });
  });
});

describe("a node's limits", () => {
  async function ownNode(...flags: string[]): Promise<NodeProcess> {
    const own = await startNodeProcess("--app", import.meta.dirname, "--relay-reservations", "0", ...flags);
    onTestFinished(() => own.discard());
    return own;
  }

  it("tell a flooding connection when to come back, and leave another alone (F13)", async () => {
    const own = await ownNode("--frames-per-second", "10");
    const [mallory, bob] = [await rawClient(own), await rawClient(own)];
    mallory.prove(1, seed);
    for (let n = 2; n <= 60; n++) mallory.ask(n, { kind: "unfollow", topic });
    const answers = [];
    for (let n = 1; n <= 50; n++) answers.push(await mallory.next());
    // Four seconds' worth at once. What comes beyond is refused, a few times with words; a refusal overtakes what is done.
    const refused = answers.filter((answer) => answer.kind === "answer" && answer.result.kind === "refusal");
    expect(refused.length).toBeGreaterThanOrEqual(5);
    for (const answer of refused) {
      expect(answer).toMatchObject({ result: { refusal: { why: "busy", retryAfterMs: expect.any(Number) } } });
    }
    bob.prove(1, seed);
    expect(await bob.next()).toEqual({ kind: "answer", requestId: 1, result: { kind: "done" } });
  });

  it("refuse a full topic as such, keep what it holds, and take others", async () => {
    const own = await ownNode("--max-topic-envelopes", "2");
    const mallory = await rawClient(own);
    mallory.prove(1, seed);
    for (let n = 2; n <= 4; n++)
      mallory.ask(n, { kind: "append", topic, envelope: new Uint8Array(1_024).fill(n), slot: undefined });
    const answers = [];
    for (let n = 1; n <= 4; n++) answers.push(await mallory.next());
    expect(answers[3]).toEqual(refusal(4, "topic-full"));
    mallory.ask(5, { kind: "read", topic, after: 0, limit: 10 });
    expect(await mallory.next()).toMatchObject({ result: { entries: [{ sequence: 1 }, { sequence: 2 }] } });
    expect((await own.metrics()).get('refusals_total{reason="topic-full"}')).toBe(1);
  });

  it("tell an address that begins too many topics when to come back, and go on with those it has", async () => {
    const own = await ownNode("--new-topics-per-minute", "1");
    const [mallory, other] = [await rawClient(own), random.bytes(32)];
    const append = (requestId: number, to: TopicId) =>
      mallory.ask(requestId, { kind: "append", topic: to, envelope: random.bytes(1_024), slot: undefined });
    mallory.prove(1, seed);
    mallory.prove(2, other);
    for (let n = 1; n <= 2; n++) await mallory.next();
    append(3, topic);
    expect(await mallory.next()).toMatchObject({ requestId: 3, result: { kind: "custody" } });
    append(4, topicOf(other));
    const refused = await mallory.next();
    expect(refused).toMatchObject({ requestId: 4, result: { refusal: { why: "busy" } } });
    append(5, topic);
    expect(await mallory.next()).toMatchObject({ requestId: 5, result: { kind: "custody" } });
  });

  it("do not let a client that takes no answers fill the memory", async () => {
    const own = await ownNode();
    const mallory = await rawClient(own);
    mallory.prove(1, seed);
    await mallory.next();
    mallory.ask(2, { kind: "append", topic, envelope: new Uint8Array(65_536), slot: undefined });
    await mallory.next();
    mallory.socket.pause();
    const out = async () => (await own.metrics()).get('topic_bytes_total{direction="out"}')!;
    for (let n = 3; n < 1_003; n++) mallory.ask(n, { kind: "read", topic, after: 0, limit: 1 });
    // 64 MiB were asked for. What the node has made of it stands still at a bound of its own and what the sockets hold, which
    // is up to 36 MiB where the system lets their buffers grow.
    let before = -1;
    for (let now = await out(); now !== before; now = await out()) {
      before = now;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(before).toBeLessThan(48 * 1_024 * 1_024);
    mallory.socket.resume();
    for (let n = 3; n < 1_003; n++)
      expect(await mallory.next()).toMatchObject({ requestId: n, result: { kind: "entries" } });
  });
});
