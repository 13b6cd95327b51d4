import { expect, it } from "vitest";
import { createCounters } from "../../../bootstrap-node/counters.ts";
import { createTopicHub } from "../../../bootstrap-node/topic-hub.ts";
import { createTopicRequests } from "../../../bootstrap-node/topic-requests.ts";
import { roomyLimits, topic } from "../../contracts/node-storage.ts";
import { memoryTopicStorage } from "../../support/memory-topic-storage.ts";

const signature = new Uint8Array(64);

/** A node with connections to it that believes every proof, when it gets to it. */
function node() {
  const hub = createTopicHub();
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
    retentionMs: 1_000,
    now: () => 0,
  };
  return {
    connect() {
      const heard: string[] = [];
      const self = { wake: () => void heard.push("wake"), signal: () => void heard.push("signal") };
      return { heard, ...createTopicRequests(services, new Uint8Array(32), self) };
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
