import { expect, it } from "vitest";
import { createAdmission } from "../../../bootstrap-node/admission.ts";
import { createCounters } from "../../../bootstrap-node/counters.ts";
import { createTopicHub } from "../../../bootstrap-node/topic-hub.ts";
import { createTopicRequests } from "../../../bootstrap-node/topic-requests.ts";
import { envelope, roomyLimits, topic } from "../../contracts/node-storage.ts";
import { memoryTopicStorage } from "../../support/memory-topic-storage.ts";

const signature = new Uint8Array(64);

/** A node with connections to it, all of one address, that believes every proof when it gets to it. */
function node(newTopicsPerMinute = 1_000) {
  const limits = { maxConnectionsPerAddress: 10, framesPerSecond: 1, bytesPerSecond: 1, newTopicsPerMinute };
  const admission = createAdmission(limits);
  const hub = createTopicHub();
  let nowMs = 1_000_000;
  const services = {
    identity: {
      seed: new Uint8Array(32),
      publicKey: new Uint8Array(32),
      signCustody: async () => signature,
      isProof: async () => true,
    },
    storage: memoryTopicStorage(roomyLimits),
    hub,
    counters: createCounters(),
    retentionMs: 1_000_000,
    now: () => nowMs,
  };
  return {
    later(ms: number) {
      nowMs += ms;
    },
    connect() {
      const heard: string[] = [];
      const self = { wake: () => void heard.push("wake"), signal: () => void heard.push("signal") };
      const allowance = admission.admit("here");
      if (allowance === undefined) throw new Error("not admitted");
      return { heard, ...createTopicRequests({ ...services, allowance }, new Uint8Array(32), self) };
    },
  };
}

it("lets go of a follower whose connection ended while its request waited for a proof", async () => {
  const { connect } = node();
  const [mallory, bob] = [connect(), connect()];
  const proof = Promise.resolve(mallory.perform({ kind: "prove", topic: topic(1), signature }));
  const follow = proof.then(() => mallory.perform({ kind: "follow", topic: topic(1) }));
  mallory.end();
  await follow;
  await bob.perform({ kind: "prove", topic: topic(1), signature });
  await bob.perform({ kind: "signal", topic: topic(1), body: new Uint8Array(1) });
  expect(mallory.heard).toEqual([]);
});

it("does not wake a connection that ended while its follow was under way", async () => {
  const bob = node().connect();
  await bob.perform({ kind: "prove", topic: topic(1), signature });
  const follow = bob.perform({ kind: "follow", topic: topic(1) });
  bob.end();
  await follow;
  expect(bob.heard).toEqual([]);
});

it("begins no more topics for an address than it may, says when, and goes on taking what is for the others", async () => {
  const { connect, later } = node(2);
  const [mallory, again] = [connect(), connect()];
  const append = async (by: typeof mallory, t: number, n: number) => {
    await by.perform({ kind: "prove", topic: topic(t), signature });
    const result = await by.perform({ kind: "append", topic: topic(t), envelope: envelope(n), slot: undefined });
    return result.kind === "refusal" ? result.refusal : result.kind;
  };
  for (let n = 0; n < 5; n++) expect(await append(mallory, 1, n)).toBe("custody");
  const both = await Promise.all([append(mallory, 2, 1), append(again, 3, 1)]);
  expect(both).toEqual(["custody", { why: "busy", retryAfterMs: 30_000 }]);
  expect(await append(mallory, 1, 9)).toBe("custody");
  later(30_000);
  expect(await append(again, 3, 1)).toBe("custody");
});
