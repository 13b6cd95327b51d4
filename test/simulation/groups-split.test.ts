// Lives of groups whose first node shows their members two orders of changes, amid crashes and losses: they are in one group
// again, with all that was said in either part (PROTOCOL.md §13.15).
import { beforeAll, describe } from "vitest";
import type { OutboxRecord } from "../../core/ports/outbox-records.ts";
import { keysOf, topicAt, wordsAt } from "../support/sim-group.ts";
import { type GroupStage, isMember, rowAt, type Said, say } from "../support/sim-group-acts.ts";
import { groupedStart } from "../support/sim-group-life.ts";
import { showTwoOrders } from "../support/sim-two-orders.ts";
import { createWorld, rowsOn } from "../support/sim-world.ts";
import type { Life } from "./life.ts";
import { heal, usualFaults } from "./life.ts";
import { liveThrough } from "./seeds.ts";
import { prepareAcquainted } from "./worlds.ts";

type Start = Awaited<ReturnType<typeof groupedStart>>;

async function liveSplit(seed: number, { names: people, snapshot, group: id }: Start): Promise<Life> {
  if (id === undefined) throw new Error("a life without a group");
  const world = await createWorld({ seed, from: snapshot });
  const { random } = world;
  const breaches: { invariant: 9; what: string }[] = [];
  const check = (holds: boolean, what: string) => void (holds || breaches.push({ invariant: 9, what }));
  const complaints: string[] = [];
  const complain = (what: string) => void complaints.push(what);
  let crashes = 0;
  const begin = (name: string) => {
    const device = world.devices.get(name)!;
    if (!device.running) device.start().catch((error: unknown) => complain(String(error)));
  };
  world.onCrash = (name) => {
    crashes++;
    world.clock.after(random.int(20_000), () => begin(name));
  };
  for (const name of people) {
    world.device(name);
    begin(name);
  }
  await world.advance(3_000);
  const names = people.filter((name) => isMember(world, name, id));
  // The owner and an admin, who both can change the group, are on different sides.
  const [owner = "", admin = "", ...others] = names;
  const apart = new Set([admin, ...others.filter(() => random.chance(0.5))]);
  const end = showTwoOrders(world.node, topicAt(world, { name: owner }, id)!.key, apart);
  world.faults = random.pick(usualFaults);
  const said: Said[] = [];
  const stage: GroupStage = { world, id, names, said, links: [], complain };
  for (let n = 0; n < 8; n++) {
    for (const name of [owner, admin]) {
      const device = world.devices.get(name)!;
      if (!device.running || !random.chance(0.4)) continue;
      const change = { kind: "rename", name: `Group ${n} of ${name}` } as const;
      device.messenger.groups.changeGroup(id, change).catch((error: unknown) => complain(String(error)));
    }
    const speaker = world.devices.get(random.pick(names))!;
    if (speaker.running) say(stage, speaker, `${n} of ${speaker.name}`);
    if (random.chance(0.2)) world.devices.get(random.pick(names))!.crashAfterSteps(1 + random.int(60));
    await world.advance(random.int(15_000));
  }
  if (random.chance(0.5)) end();
  await heal(world, names);
  for (const name of names) say(stage, world.devices.get(name)!, `last of ${name}`);
  await world.advance(600_000);
  const first = keysOf(world, { name: owner }, id);
  const group = JSON.stringify(rowAt(world, owner, id)?.group);
  for (const name of names) {
    const row = rowAt(world, name, id);
    const own = keysOf(world, { name }, id);
    check(row?.healing === undefined, `${name} is to be healed: ${row?.healing?.why}`);
    check(row?.split?.side !== "asks", `${name} did not come over`);
    const isSame =
      `${own?.epoch} ${own?.epochSecrets[0]?.secret}` === `${first?.epoch} ${first?.epochSecrets[0]?.secret}`;
    check(isSame, `${name} is in epoch ${own?.epoch}, ${owner} in ${first?.epoch}, or with other keys`);
    check(JSON.stringify(row?.group) === group, `${name} and ${owner} know different groups`);
    const words = wordsAt(world, { name }, id);
    check(new Set(words).size === words.length, `${name} has words twice`);
    check(words.length === said.length, `${name} has ${words.length} of ${said.length} messages`);
    const out = rowsOn<OutboxRecord>(world.disk(name), "outbox").filter(({ conversation }) => conversation === id);
    check(out.length === 0, `${name} still has ${out.length} to send in the group`);
  }
  for (const { name, faults } of world.devices.values()) for (const one of faults) complain(`${name}: ${one}`);
  await world.end();
  if (!(await world.clock.runUntilIdle())) complain("a timer is left behind");
  return { watch: { breaches, looks: new Map([[9, 1]]) }, complaints, sent: said.length, crashes, troubles: 1 };
}

describe("groups whose first node shows two orders of changes", () => {
  let starts: readonly Start[];
  beforeAll(async () => {
    starts = await Promise.all((await prepareAcquainted([3, 4])).map((start) => groupedStart(1, start)));
  }, 120_000);

  liveThrough({
    kind: "split",
    sentence: (seeds) => `are one group again, with everything that was said, in ${seeds} seeds`,
    seeds: 24,
    invariants: [9],
    live: (seed) => liveSplit(seed, starts[seed % starts.length]!),
  });
});
