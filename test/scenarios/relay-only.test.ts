// Who may learn this device's addresses, from the person's wish to what the network is told.
import { expect } from "vitest";
import type { SimDevice } from "../support/sim-device.ts";
import { announcedHand, keysOf } from "../support/sim-forger.ts";
import { must, type World } from "../support/sim-world.ts";
import { story, viewOf } from "../support/story.ts";

async function friends(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(2_000);
  const paths = async () => [
    (await viewOf(world, alice, id)).person?.path,
    (await viewOf(world, bob, id)).person?.path,
  ];
  expect(await paths()).toEqual(["direct", "direct"]);
  return { alice, bob, id, paths };
}

const accountOf = async (world: World, { messenger }: SimDevice) => {
  const profile = await world.see(messenger.profile);
  if (profile.kind === "none") throw new Error("nobody is here");
  return profile.account;
};

for (const who of ["alice", "bob"] as const) {
  for (const towards of ["one contact", "everybody"] as const) {
    story(
      `a link is relayed from the moment when ${who} is relay-only for ${towards}, until it is no more`,
      async (world) => {
        const { alice, bob, paths } = await friends(world);
        const [mine, other] = who === "alice" ? [alice, bob] : [bob, alice];
        const account = await accountOf(world, other);
        const set = (on: boolean) =>
          world.run(
            towards === "everybody" ? mine.messenger.setRelayOnly(on) : mine.messenger.setContactRelayOnly(account, on),
          );
        const [before] = world.place.open;
        world.place.dials.length = 0;
        must(await set(true));
        await world.advance(20);
        expect(world.place.open.has(before!), "the direct link is gone at once").toBe(false);
        await world.advance(2_000);
        expect(await paths()).toEqual(["relayed", "relayed"]);
        for (const { privacy, addresses } of world.place.dials) {
          // Whichever side dials: one of the two says so.
          const told = privacy === "direct" && addresses.some((address) => address.includes("/webrtc/"));
          expect(told, "a dial that would tell addresses").toBe(false);
        }
        must(await set(false));
        await world.advance(8_000);
        expect(await paths()).toEqual(["direct", "direct"]);
      },
    );
  }
}

story("who is relay-only announces nothing else to anybody, and to others what they may have", async (world) => {
  const { bob } = await friends(world);
  const carol = await world.person("carol");
  await world.befriend(carol, bob);
  must(await world.run(bob.messenger.setContactRelayOnly(await accountOf(world, carol), true)));
  await world.advance(120_000);
  const pathTo = (other: string) =>
    [...world.place.open].find(({ seats }) => seats.some(({ device }) => device === other))?.privacy;
  expect([pathTo("alice"), pathTo("carol")]).toEqual(["direct", "relay-only"]);
});

story(
  "nobody dials or answers a stranger before accepting, and nobody who was blocked",
  async (world) => {
    const alice = await world.person("alice");
    const mallory = await world.person("mallory");
    const { link } = must(await world.run(alice.messenger.createInvite()));
    const id = must(await world.run(mallory.messenger.acceptInvite(link)));
    must(await world.run(mallory.messenger.sendText(id, "hello")));
    await world.advance(120_000);
    expect(world.place.dials).toEqual([]);
    must(await world.run(alice.messenger.answerRequest(id, "accept")));
    await world.advance(5_000);
    expect(world.place.dials.length).toBeGreaterThan(0);
    const hand = await announcedHand(world, keysOf(world, "mallory", id), "alice");
    expect((await hand.dial()).ok).toBe(true);
    must(await world.run(alice.messenger.answerRequest(id, "block")));
    expect(await hand.dial()).toEqual({ ok: false, error: "unreachable" });
  },
  { storage: "memory" },
);

story(
  "whoever was made relay-only while another invite of theirs was fetched stays so",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const invites = [];
    for (let n = 0; n < 2; n++) invites.push(must(await world.run(alice.messenger.createInvite())));
    const invited = await accountOf(world, alice);
    await world.advance(1_000);
    await world.run(alice.stop());
    must(await world.run(bob.messenger.acceptInvite(invites[0]!.link)));
    world.faults = { ...world.faults, delayMs: [500, 500] };
    const answered = bob.messenger.acceptInvite(invites[1]!.link);
    await world.advance(200);
    must(await world.run(bob.messenger.setContactRelayOnly(invited, true)));
    const id = must(await world.run(answered));
    expect((await viewOf(world, bob, id)).person?.relayOnly).toBe(true);
  },
  { storage: "memory" },
);
