// A network that lets links be made in one direction only, and what happens when both sides dial.
import { expect } from "vitest";
import type { World } from "../support/sim-world.ts";
import { story, viewOf } from "../support/story.ts";

/** By name: whose device has the lower id, and so dials first. */
async function friends(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const { reachable } = world.place;
  const opens = { alice: true, bob: true };
  world.place.reachable = (from, to) => opens[from as keyof typeof opens] && reachable(from, to);
  const device = async (person: typeof alice) => {
    const profile = await world.see(person.messenger.profile);
    return profile.kind === "person" ? profile.device : "";
  };
  const first: "alice" | "bob" = (await device(alice)) < (await device(bob)) ? "alice" : "bob";
  const second: "alice" | "bob" = first === "alice" ? "bob" : "alice";
  const meet = async () => {
    const id = await world.befriend(alice, bob);
    return async () => (await viewOf(world, alice, id)).person?.path;
  };
  return { first, second, opens, meet };
}

story("links within half a minute where only the device with the higher id gets through", async (world) => {
  const { first, second, opens, meet } = await friends(world);
  opens[first] = false;
  const path = await meet();
  await world.advance(15_000);
  expect(await path()).toBe("node");
  expect(world.place.dials.some(({ from }) => from === second)).toBe(false);
  await world.advance(15_000);
  expect(await path()).toBe("direct");
});

story("leaves dialling to the device with the lower id where that works, also after the link broke", async (world) => {
  const { second, meet } = await friends(world);
  const path = await meet();
  for (let round = 0; round < 3; round++) {
    await world.advance(20_000);
    expect(await path()).toBe("direct");
    for (const pair of world.place.open) pair.cut("at once");
  }
  await world.advance(120_000);
  expect(world.place.dials.filter(({ from }) => from === second)).toEqual([]);
});

story("tries ever less often from both sides where nothing gets through", async (world) => {
  const { first, second, opens, meet } = await friends(world);
  Object.assign(opens, { alice: false, bob: false });
  await meet();
  const dialsIn = async (ms: number) => {
    world.place.dials.length = 0;
    await world.advance(ms);
    return [first, second].map((name) => world.place.dials.filter(({ from }) => from === name).length);
  };
  const [ours, theirs] = await dialsIn(120_000);
  expect(ours).toBeLessThanOrEqual(6);
  expect(theirs).toBeLessThanOrEqual(3);
  await world.advance(600_000);
  // Every two minutes, and a few seconds for the dial itself.
  for (const count of await dialsIn(1_200_000)) expect(count).toBeLessThanOrEqual(10);
});

story("keeps one link, the same on both sides, when both dial at once", async (world) => {
  const { first, second, opens, meet } = await friends(world);
  Object.assign(opens, { alice: false, bob: false });
  const path = await meet();
  const dialsOf = (name: string) => world.place.dials.filter(({ from }) => from === name).length;
  // The third dial of the first comes a second after the first one of the second.
  while (dialsOf(first) < 2) await world.advance(10);
  await world.advance(10_000);
  Object.assign(opens, { alice: true, bob: true });
  world.faults = { ...world.faults, delayMs: [2_000, 2_000] };
  await world.advance(12_000);
  expect([dialsOf(first), dialsOf(second)]).toEqual([3, 1]);
  expect([...world.place.open].map(({ seats }) => seats[0].device)).toEqual([first]);
  expect(await path()).toBe("direct");
  await world.advance(120_000);
  expect([dialsOf(first), dialsOf(second)], "and nobody dials again").toEqual([3, 1]);
});
