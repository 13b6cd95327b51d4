import { expect } from "vitest";
import { homeNode } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

const stun = { urls: ["stun:node.example:8080"] };
const turn = { urls: ["turn:turn.example"], username: "1795000000", credential: "old" };

story("links use the STUN and TURN servers of the node, and its new secrets at once", async (world) => {
  world.node.setIceServers([stun, turn]);
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  // Nobody is there to link with: no server of any kind is told that we are.
  expect(world.place.relays.size).toBe(0);
  await world.befriend(alice, bob);
  await world.advance(2_000);
  const told = () => world.place.relays.get("alice")?.map(({ node, iceServers }) => ({ node, iceServers }));
  expect(told()).toEqual([{ node: homeNode, iceServers: [stun, turn] }]);
  const renewed = { ...turn, username: "1795007200", credential: "new" };
  world.node.setIceServers([stun, renewed]);
  await world.advance(100);
  expect(told()).toEqual([{ node: homeNode, iceServers: [stun, renewed] }]);
});
