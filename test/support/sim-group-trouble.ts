// What goes wrong in a simulated life of a group: with a device, the network, the node, a disk. What and when is the seed's.
import type { World } from "./sim-world.ts";

const later = ({ random, clock }: World, task: () => void) => void clock.after(random.int(30_000), task);

export function goWrong(world: World, name: string, names: readonly string[]): void {
  const { random } = world;
  const device = world.devices.get(name)!;
  const node = random.pick([...world.nodes.values()]);
  const troubles: readonly (() => void)[] = [
    () => device.crashAfterSteps(1 + random.int(80)),
    () => device.crashAfterSteps(1 + random.int(20)),
    () => device.crash(),
    () => {
      device.setOnline(false);
      later(world, () => device.setOnline(true));
    },
    () => {
      node.setUp(false);
      later(world, () => node.setUp(true));
    },
    () => {
      node.dieAfterAppend = true;
      later(world, () => node.setUp(true));
    },
    () => {
      for (const pair of [...world.place.open]) pair.cut(random.pick(["at once", "never"]));
    },
    () => {
      const island = [...names, ...world.nodes.keys()].filter(() => random.chance(0.4));
      world.split([island, [...names, ...world.nodes.keys()].filter((one) => !island.includes(one))]);
      later(world, () => world.split([]));
    },
    () => {
      world.disk(name).failNext = "full";
    },
  ];
  random.pick(troubles)();
}
