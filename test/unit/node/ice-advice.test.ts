/** What a node says about STUN and TURN (PROTOCOL.md §6.8). That a TURN server takes its credentials is test/e2e/nat.test.ts's. */
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { readConfig } from "../../../bootstrap-node/config.ts";
import { createCounters } from "../../../bootstrap-node/counters.ts";
import { createIceAdvice, type IceAdvice } from "../../../bootstrap-node/ice-advice.ts";
import { loadNodeIdentity } from "../../../bootstrap-node/node-identity.ts";
import { serveTopics, type TopicConnection } from "../../../bootstrap-node/topic-connection.ts";
import { createTopicHub } from "../../../bootstrap-node/topic-hub.ts";
import { decodeNodeFrame } from "../../../core/wire/node-frame.ts";
import type { NodeFrame } from "../../../core/wire/node-protocol.ts";
import { memoryTopicStorage } from "../../support/memory-topic-storage.ts";
import { valueIn } from "../wire/samples.ts";

const hourMs = 3_600_000;
const turn = ["--turn-url", "turn:turn.example.org:3478"];

async function adviceOf(...flags: string[]) {
  const reading = valueIn(readConfig(flags, {}));
  if (reading.kind !== "config") throw new Error("no configuration");
  return createIceAdvice(reading.config, () => 8_080);
}
async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "kith-ice-"));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}

describe("a node's advice on NATs", () => {
  it("is its own STUN port, and that never ends", async () => {
    const advice = valueIn(await adviceOf());
    expect(advice.at(0)).toEqual({ stunPort: 8_080, servers: [] });
    expect(advice.renewAfterMs).toBe(Number.POSITIVE_INFINITY);
  });

  it("is STUN where its operator says that the world finds it", async () => {
    const advice = valueIn(await adviceOf("--stun-url", "stun:chat.example.org:3478, stun:192.0.2.1"));
    expect(advice.at(0)).toEqual({
      stunPort: undefined,
      servers: [{ urls: ["stun:chat.example.org:3478", "stun:192.0.2.1"] }],
    });
  });

  it("is not a STUN port that only this machine reaches while a proxy brings the world", async () => {
    const portWith = async (...flags: string[]) => valueIn(await adviceOf(...flags)).at(0).stunPort;
    expect(await portWith("--trust-proxy", "1")).toBeUndefined();
    expect(await portWith("--trust-proxy", "1", "--stun-host", "0.0.0.0")).toBe(8_080);
    expect(await portWith("--trust-proxy", "1", "--host", "192.0.2.1")).toBe(8_080);
  });

  it("is TURN with a name that is the end of its time and a secret over it", async () => {
    const file = join(await folder(), "secret");
    await writeFile(file, "north wind\n");
    const advice = valueIn(await adviceOf(...turn, "--turn-secret-file", file));
    const username = String((1_000_000_000_000 + 4 * hourMs) / 1_000);
    const credential = createHmac("sha1", "north wind").update(username).digest("base64");
    expect(advice.at(1_000_000_000_000).servers).toEqual([{ urls: [turn[1]], username, credential }]);
  });

  it("needs a secret that can be read", async () => {
    const file = join(await folder(), "secret");
    expect(await adviceOf(...turn, "--turn-secret-file", file)).toMatchObject({
      error: expect.stringContaining("ENOENT"),
    });
    await writeFile(file, " \n");
    expect(await adviceOf(...turn, "--turn-secret-file", file)).toMatchObject({
      error: expect.stringContaining("empty"),
    });
  });

  it.each([
    [turn, "needs --turn-secret"],
    [["--turn-secret", "x"], "needs --turn-url"],
    [[...turn, "--turn-secret", "x", "--turn-secret-file", "y"], "two ways"],
    [["--turn-url", "stun:turn.example.org", "--turn-secret", "x"], "turn:host:3478"],
    [["--turn-url", "turn:a,turn:b,turn:c,turn:d,turn:e", "--turn-secret", "x"], "at most 4"],
    [["--stun-url", "chat.example.org"], "stun:host:3478"],
  ])("is refused at the start with %j", (flags, word) => {
    const reading = readConfig(flags, {});
    expect(reading.ok ? "" : reading.error.join(" ")).toContain(word);
  });
});

/** A connection to a node whose time is told by hand. */
async function connectionWith(advice: IceAdvice, clock: { nowMs: number }) {
  const identity = valueIn(await loadNodeIdentity(await folder()));
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    socket.terminate();
    server.close();
  });
  const frames: NodeFrame[] = [];
  socket.on("message", (data: Buffer) => frames.push(valueIn(decodeNodeFrame(data))));
  const [accepted] = (await once(server, "connection")) as [WebSocket];
  const connection: TopicConnection = serveTopics(accepted, {
    identity,
    storage: memoryTopicStorage({ maxTopics: 1, maxTopicEnvelopes: 1, maxTopicBytes: 1, maxBytes: 1 }),
    hub: createTopicHub(),
    counters: createCounters(),
    retentionMs: 1,
    now: () => clock.nowMs,
    allowance: { take: () => 0, takeNewTopic: () => 0, takeRefusal: () => true, giveBackNewTopic() {}, release() {} },
    relayPeerId: undefined,
    ice: advice,
  });
  /** Answers the node's question for a sign of life as any client does; whatever was sent has arrived then. */
  const beat = async () => {
    const ping = once(socket, "ping");
    const pong = once(accepted, "pong");
    connection.beat();
    await Promise.all([ping, pong]);
  };
  return { frames, beat };
}

describe("a connection", () => {
  it("hears of new TURN secrets long before the old ones end, once each", async () => {
    const clock = { nowMs: 1_000_000_000_000 };
    const advice = valueIn(await adviceOf(...turn, "--turn-secret", "north wind"));
    const { frames, beat } = await connectionWith(advice, clock);
    await expect.poll(() => frames.length).toBe(1);
    expect(frames[0]).toMatchObject({ kind: "hello", ice: advice.at(clock.nowMs) });
    clock.nowMs += 2 * hourMs - 1;
    await beat();
    expect(frames).toHaveLength(1);
    clock.nowMs += 1;
    await beat();
    await beat();
    expect(frames.slice(1)).toEqual([{ kind: "ice", ice: advice.at(clock.nowMs) }]);
  });

  it("hears nothing more where there is no TURN", async () => {
    const clock = { nowMs: 0 };
    const { frames, beat } = await connectionWith(valueIn(await adviceOf()), clock);
    await expect.poll(() => frames.length).toBe(1);
    clock.nowMs += 10_000 * hourMs;
    await beat();
    expect(frames).toHaveLength(1);
  });
});
