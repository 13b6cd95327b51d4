/**
 * The life of a group of 8 and 32 persons with one device and of 64 with two: created, joined, written to, added to and removed
 * from, through whole engines with real cryptography, over memory disks, a node in the process and virtual time; no links.
 * Where each has two, every person's second one gets in after another, as people do it.
 * Prints of each step, as it ends, what every engine together spent of the processor till it had reached everybody and on what
 * follows from it (acknowledgements, key packages in place of those that were used), how long it took in the world's time, and
 * what the node got for it: envelopes as they are kept, padded, parts and Welcomes included. The signature of each person's device list
 * is checked once for all engines of the process. Asserts that all was done.
 * `KITH_PEOPLE=64,100x2`: of other sizes; a group has at most 100 persons and 256 devices.
 */
import { expect, it } from "vitest";
import type { ConversationId } from "../../core/lang/brand.ts";
import { createGroupOf, profileOn } from "../support/groups-by-hand.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { accountOf, conversationAt, groupAt, keysOf, wordsAt } from "../support/sim-group.ts";
import { furtherDevice } from "../support/sim-own-devices.ts";
import { createWorld, must, type World } from "../support/sim-world.ts";
import { wiretap } from "../support/story.ts";

interface Size {
  readonly people: number;
  readonly devicesOfEach: number;
}
const sizes = (process.env["KITH_PEOPLE"] ?? "8,32,64x2").split(",").map((size): Size => {
  const [people = 0, devicesOfEach = 1] = size.split("x").map(Number);
  return { people, devicesOfEach };
});
/** Longer than any acknowledgement and giving of key packages takes. */
const afterwardsMs = 40_000;

const isIn = (world: World, who: SimDevice, id: ConversationId, people: number) =>
  conversationAt(world, who, id) !== undefined &&
  keysOf(world, who, id) !== undefined &&
  groupAt(world, who, id).standing.kind === "member" &&
  groupAt(world, who, id).people.length === people;

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

async function lifeOf({ people, devicesOfEach }: Size): Promise<number> {
  const world = await createWorld({ links: false });
  const devices = new Set<SimDevice>();
  let steps = 0;
  const left = wiretap(world);
  async function measure(what: string, begin: () => Promise<unknown>, isDone: () => boolean): Promise<void> {
    left.length = 0;
    const [startedMs, startedProcessorMs] = [world.clock.now(), processorMs()];
    await begin();
    for (let n = 0; n < 1_200 && !isDone(); n++) await world.advance(500);
    expect(isDone(), what).toBe(true);
    const tookMs = world.clock.now() - startedMs;
    const doneProcessorMs = processorMs();
    await world.advance(afterwardsMs);
    const ms = [doneProcessorMs - startedProcessorMs, processorMs() - doneProcessorMs].map(Math.round);
    const envelopes = left.filter(({ by }) => by === "append");
    const node = (some: typeof envelopes) =>
      `${some.length} envelopes ${Math.ceil(some.reduce((bytes, one) => bytes + one.bytes.length, 0) / 1_000)} KB`;
    const [own, others] = [true, false].map((is) => node(envelopes.filter(({ device }) => (device === "p0") === is)));
    console.log(
      `${people} persons, ${devices.size} devices, ${what}: ${ms[0]} ms till all had it, ${ms[1]} ms afterwards; ` +
        `${tookMs / 1_000} s; at the node from the owner ${own}, from all others ${others}`,
    );
    steps += 1;
  }

  const owner = await world.person("p0");
  devices.add(owner);
  const others: SimDevice[] = [];
  await measure(
    "become contacts of the owner",
    async () => {
      // One more, who comes later.
      for (let n = 1; n <= people; n++) {
        const other = await world.person(`p${n}`);
        await world.befriend(owner, other);
        others.push(other);
      }
    },
    () => true,
  );
  const late = others.at(-1)!;
  const gone = others[0]!;
  for (const one of others) if (one !== late) devices.add(one);
  const all = (test: (one: SimDevice) => boolean) => () => [...devices].every(test);

  let id = "" as ConversationId;
  await measure(
    "create and join",
    async () => {
      const names = [...devices].filter((one) => one !== owner).map(({ name }) => name);
      id = await createGroupOf(world, owner, names);
    },
    all((one) => id !== "" && isIn(world, one, id, people)),
  );
  for (let n = 2; n <= devicesOfEach; n++) {
    const first = [owner, ...others.slice(0, -1)];
    await measure(
      `everybody's device ${n} gets in`,
      async () => {
        // One after another, as people do it: of all at once each commit but one is made again.
        for (const one of first) {
          const further = await furtherDevice(world, one, `${one.name}-${n}`, id);
          devices.add(further);
          for (let waited = 0; waited < 120 && !isIn(world, further, id, people); waited++) await world.advance(500);
        }
      },
      all((one) => isIn(world, one, id, people) && devicesAt(world, one, id) === devices.size),
    );
  }
  const say = (text: string) => async () => must(await world.run(owner.messenger.sendText(id, text)));
  const heard = (text: string) => all((one) => wordsAt(world, one, id).includes(text));
  await measure("a text", say("one"), heard("one"));
  await measure("another text", say("two"), heard("two"));
  const change = (act: Parameters<SimDevice["messenger"]["groups"]["changeGroup"]>[1]) => async () =>
    must(await world.run(owner.messenger.groups.changeGroup(id, act)));
  devices.add(late);
  await measure(
    "a person added",
    change({ kind: "add", people: [accountOf(world, late)] }),
    all((one) => isIn(world, one, id, people + 1)),
  );
  for (const one of [...devices]) if (accountOf(world, one) === accountOf(world, gone)) devices.delete(one);
  await measure(
    "a person removed",
    change({ kind: "remove", account: profileOn(world, gone.name).account }),
    all((one) => isIn(world, one, id, people)),
  );
  await measure("a text after it", say("three"), heard("three"));
  expect(wordsAt(world, gone, id)).not.toContain("three");
  await world.end();
  return steps;
}

const devicesAt = (world: World, who: SimDevice, id: ConversationId) =>
  groupAt(world, who, id).people.reduce((count, { devices }) => count + devices.length, 0);

it.each(sizes)(
  "prints what the life of a group of $people persons costs, each with as many devices as $devicesOfEach",
  async (size) => {
    expect(await lifeOf(size)).toBeGreaterThan(6);
  },
  1_800_000,
);
