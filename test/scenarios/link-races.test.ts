// What happens to links in the making when somebody changes their mind, leaves, or sleeps in that very moment.
import { expect } from "vitest";
import type { ContactRecord, ProfileRecord } from "../../core/ports/people-records.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { announcedHand, dialByHand, keysOf, proofBy } from "../support/sim-forger.ts";
import { threesome } from "../support/sim-mallory.ts";
import { must, rowsOn, type World } from "../support/sim-world.ts";
import { story, viewOf } from "../support/story.ts";

const memory = { storage: "memory" } as const;

/** Two who are linked; `first` is whose device has the lower id, and so dials. */
async function friends(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(5_000);
  const profileOf = async ({ messenger }: SimDevice) => {
    const profile = await world.see(messenger.profile);
    if (profile.kind === "none") throw new Error("nobody is here");
    return profile;
  };
  const [one, two] = [await profileOf(alice), await profileOf(bob)];
  const [first, second] = one.device < two.device ? [alice, bob] : [bob, alice];
  const accountOf = (device: SimDevice) => (device === alice ? one.account : two.account);
  const path = async (device: SimDevice) => (await viewOf(world, device, id)).person?.path;
  expect(await path(alice)).toBe("direct");
  return { id, first, second, accountOf, path };
}

const turnsOfTheLoop = async (count: number) => {
  for (let n = 0; n < count; n++) await null;
};

for (const towards of ["one contact", "everybody"] as const) {
  story(
    `no direct dial leaves after the wish to be relay-only for ${towards} was stored, at whatever moment it comes`,
    async (world) => {
      const { id, first, second, accountOf } = await friends(world);
      const other = accountOf(second);
      const wishes = () => {
        const disk = world.disk(first.name);
        const [profile] = rowsOn<ProfileRecord>(disk, "profile");
        const contact = rowsOn<ContactRecord>(disk, "contacts").find(({ key }) => key === other);
        return profile!.relayOnly || contact!.relayOnly;
      };
      const late: number[] = [];
      let offset = 0;
      let dials = 0;
      // Asked at the very moment when a dial leaves. None comes to anything.
      world.place.reachable = (from) => {
        if (from !== first.name) return false;
        dials++;
        if (world.place.dials.at(-1)!.privacy === "direct" && wishes()) late.push(offset);
        return false;
      };
      for (const pair of world.place.open) pair.cut("at once");
      const set = (on: boolean) =>
        towards === "everybody" ? first.messenger.setRelayOnly(on) : first.messenger.setContactRelayOnly(other, on);
      for (; offset < 160; offset++) {
        await world.advance(4_000);
        first.messenger.probe(id);
        await turnsOfTheLoop(offset);
        must(await world.run(set(true)));
        await world.advance(4_000);
        must(await world.run(set(false)));
      }
      expect(dials).toBeGreaterThan(offset);
      expect(late).toEqual([]);
    },
    memory,
  );
}

for (const who of ["first", "second"] as const) {
  story(
    `no link stays direct that was in the making when the ${who} one to dial wished to be relay-only`,
    async (world) => {
      const { first, second, accountOf, path } = await friends(world);
      const [mine, other] = who === "first" ? [first, second] : [second, first];
      const set = (on: boolean) => world.run(mine.messenger.setContactRelayOnly(accountOf(other), on));
      world.faults = { ...world.faults, delayMs: [100, 100] };
      for (let waitMs = 0; waitMs <= 2_000; waitMs += 100) {
        for (const pair of world.place.open) pair.cut("at once");
        await world.advance(5_000 + waitMs);
        must(await set(true));
        for (let n = 0; n < 40; n++) {
          await world.advance(50);
          // What was opened says so; bytes went this way.
          expect([waitMs, await path(mine)]).not.toEqual([waitMs, "direct"]);
        }
        await world.advance(15_000);
        expect(await path(mine)).toBe("relayed");
        must(await set(false));
        await world.advance(15_000);
        expect(await path(mine)).toBe("direct");
      }
    },
    memory,
  );
}

story(
  "who was blocked between the proof and the opening of their link is not linked, wherever they say they are by then",
  async (world) => {
    const { alice, withMallory } = await threesome(world);
    const hers = keysOf(world, "mallory", withMallory);
    const link = await dialByHand(world, hers, "alice");
    // She does not say what she has: her link is to open a second later.
    await link.say(proofBy(hers, link.raw));
    expect(link.heard.map(({ kind }) => kind)).toEqual(["proof", "have"]);
    await announcedHand(world, hers, "alice");
    must(await world.run(alice.messenger.answerRequest(withMallory, "block")));
    await world.advance(50);
    expect(link.closed).toBe(true);
  },
  memory,
);

story(
  "a device whose links end before they open is dialled ever less often",
  async (world) => {
    const { first } = await friends(world);
    const add = world.place.open.add.bind(world.place.open);
    world.place.open.add = (pair) => {
      world.clock.after(1, () => pair.cut("at once"));
      return add(pair);
    };
    for (const pair of world.place.open) pair.cut("at once");
    await world.advance(600_000);
    world.place.dials.length = 0;
    await world.advance(1_200_000);
    const dials = world.place.dials.filter(({ from }) => from === first.name).length;
    expect(dials).toBeGreaterThan(5);
    expect(dials).toBeLessThanOrEqual(10);
  },
  memory,
);

story(
  "a device dials twelve of the contacts who are here, those with whom somebody spoke last",
  async (world) => {
    const names = Array.from({ length: 15 }, (_, n) => `friend ${n}`);
    const all: { device: SimDevice; id: string }[] = [];
    for (const name of names) {
      const device = await world.person(name);
      const profile = await world.see(device.messenger.profile);
      all.push({ device, id: profile.kind === "person" ? profile.device : "" });
    }
    // The lowest id dials everybody.
    const [hub, ...others] = all.sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ device }) => device);
    const ids = [];
    for (const other of others) ids.push(await world.befriend(hub!, other));
    const dialled = () =>
      [...world.place.open].flatMap(({ seats }) => (seats[0].device === hub!.name ? [seats[1].device] : []));
    await world.advance(5_000);
    expect(dialled()).toHaveLength(12);
    const without = others.findIndex(({ name }) => !dialled().includes(name));
    // The two who have no place dial themselves, and are let in.
    await world.advance(60_000);
    expect(world.place.open.size).toBe(14);
    // Eleven minutes later somebody speaks with one of them, whose own dials fail.
    const late = others[without]!;
    const { reachable } = world.place;
    world.place.reachable = (from, to) => from !== late.name && reachable(from, to);
    for (const pair of world.place.open) if (pair.seats[0] === late.seat) pair.cut("at once");
    await world.advance(660_000);
    expect(dialled()).not.toContain(late.name);
    must(await world.run(hub!.messenger.sendText(ids[without]!, "are you there?")));
    await world.advance(45_000);
    expect(dialled()).toContain(late.name);
    expect(dialled()).toHaveLength(12);
  },
  memory,
);

story(
  "at most sixteen links without a proof are held, so that whoever opens many takes no memory, and everybody's turn comes",
  async (world) => {
    const { alice, bob, withBob, withMallory } = await threesome(world);
    const hand = await announcedHand(world, keysOf(world, "mallory", withMallory), "alice");
    const open = () => [...world.place.open].filter(({ seats }) => seats[0].device === "a hand").length;
    for (let n = 0; n < 40; n++) must(await hand.dial());
    await world.advance(50);
    expect(open()).toBe(16);
    for (const pair of world.place.open) if (!pair.seats.some(({ device }) => device === "a hand")) pair.cut("at once");
    await world.advance(60_000);
    expect(open()).toBe(0);
    for (const one of [alice, bob]) expect((await viewOf(world, one, withBob)).person?.path).toBe("direct");
  },
  memory,
);
