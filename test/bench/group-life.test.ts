/**
 * A group of 8, 32 and 64 persons with one device each: created, joined, written to, added to and removed from, through whole
 * engines with real cryptography, over memory disks, a node in the process and virtual time; no links. Prints what every engine
 * together spent of the processor, how long it took in the world's time, and what the node got for it: envelopes as they are
 * kept, padded, parts, Welcomes and acknowledgements included. Asserts that all was done. `KITH_PEOPLE=64` does one size.
 */
import { expect, it } from "vitest";
import type { ConversationId } from "../../core/lang/brand.ts";
import { createGroupOf, profileOn } from "../support/groups-by-hand.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { accountOf, conversationAt, groupAt, keysOf, wordsAt } from "../support/sim-group.ts";
import { createWorld, must, type World } from "../support/sim-world.ts";
import { wiretap } from "../support/story.ts";

const sizes = process.env["KITH_PEOPLE"]?.split(",").map(Number) ?? [8, 32, 64];

const isIn = (world: World, who: SimDevice, id: ConversationId, people: number) =>
  keysOf(world, who, id) !== undefined &&
  groupAt(world, who, id).standing.kind === "member" &&
  groupAt(world, who, id).people.length === people;

async function lifeOf(size: number): Promise<readonly string[]> {
  const world = await createWorld({ links: false });
  const owner = await world.person("p0");
  const others: SimDevice[] = [];
  // One more, who comes later.
  for (let n = 1; n <= size; n++) {
    const other = await world.person(`p${n}`);
    await world.befriend(owner, other);
    others.push(other);
  }
  const late = others.at(-1)!;
  const first = others.slice(0, -1);
  await world.advance(30_000);

  const lines: string[] = [];
  const left = wiretap(world);
  async function measure(what: string, begin: () => Promise<unknown>, isDone: () => boolean): Promise<void> {
    left.length = 0;
    const [startedMs, { user, system }] = [world.clock.now(), process.cpuUsage()];
    await begin();
    for (let n = 0; n < 1_200 && !isDone(); n++) await world.advance(500);
    expect(isDone(), `${size}: ${what}`).toBe(true);
    const tookMs = world.clock.now() - startedMs;
    // What follows: acknowledgements, key packages in place of those that were used.
    await world.advance(30_000);
    const spent = process.cpuUsage();
    const spentMs = (spent.user + spent.system - user - system) / 1_000;
    const envelopes = left.filter(({ by }) => by === "append");
    const by = (isMaker: boolean) => envelopes.filter(({ device }) => (device === "p0") === isMaker);
    const sum = (some: typeof envelopes) => some.reduce((bytes, one) => bytes + one.bytes.length, 0);
    const node = (some: typeof envelopes) => `${some.length} envelopes ${Math.ceil(sum(some) / 1_000)} KB`;
    lines.push(
      `${what}: ${Math.round(spentMs)} ms of ${size + 1} engines, within ${tookMs / 1_000} s; at the node from the owner ${node(by(true))}, from all others ${node(by(false))}`,
    );
  }

  let id = "" as ConversationId;
  await measure(
    "create and join",
    async () => {
      id = await createGroupOf(
        world,
        owner,
        first.map(({ name }) => name),
      );
    },
    () => [owner, ...first].every((one) => hasRow(world, one, id) && isIn(world, one, id, size)),
  );
  const say = (text: string) => async () => must(await world.run(owner.messenger.sendText(id, text)));
  await measure("a text", say("one"), () => first.every((one) => wordsAt(world, one, id).includes("one")));
  await measure("another text", say("two"), () => first.every((one) => wordsAt(world, one, id).includes("two")));
  const change = (act: Parameters<SimDevice["messenger"]["groups"]["changeGroup"]>[1]) => async () =>
    must(await world.run(owner.messenger.groups.changeGroup(id, act)));
  await measure("a person added", change({ kind: "add", people: [accountOf(world, late)] }), () =>
    [owner, ...others].every((one) => hasRow(world, one, id) && isIn(world, one, id, size + 1)),
  );
  const [gone, ...stay] = others;
  await measure("a person removed", change({ kind: "remove", account: profileOn(world, gone!.name).account }), () =>
    [owner, ...stay].every((one) => isIn(world, one, id, size)),
  );
  await measure("a text after it", say("three"), () => stay.every((one) => wordsAt(world, one, id).includes("three")));
  expect(wordsAt(world, gone!, id)).not.toContain("three");
  await world.end();
  return lines;
}

const hasRow = (world: World, who: SimDevice, id: ConversationId) =>
  id !== "" && conversationAt(world, who, id) !== undefined;

it.each(sizes)(
  "prints what the life of a group of %i persons costs",
  async (size) => {
    const lines = await lifeOf(size);
    console.log([`${size} persons`, ...lines].join("\n  "));
    expect(lines.length).toBe(6);
  },
  3_600_000,
);
