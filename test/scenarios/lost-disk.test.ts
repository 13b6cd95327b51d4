// The database goes away under a running engine (FAULTS F10, F20): it says so, stops, and promises nothing any more.
import { expect, it } from "vitest";
import type { StorageView } from "../../core/index.ts";
import { decodeLinkFrame } from "../../core/wire/link-protocol.ts";
import { createWorld, must, textsOf } from "../support/sim-world.ts";
import { marksOf, viewOf, wiretap } from "../support/story.ts";

for (const links of [true, false]) {
  it(`a lost disk ${links ? "with" : "without"} a link: nothing is acknowledged, nobody believes that bob is here, and all comes when he is back`, async () => {
    const world = await createWorld({ links });
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    expect((await viewOf(world, alice, id)).presence).toEqual({ kind: "here" });
    const told: StorageView[] = [];
    bob.messenger.storage.subscribe((view) => told.push(view));

    world.disk("bob").failNext = "lost";
    const leaving = wiretap(world);
    must(await world.run(alice.messenger.sendText(id, "do not lose me")));
    await world.advance(90_000);
    expect(told).toEqual([{ kind: "well" }, { kind: "lost", why: "gone" }]);
    const ofBob = leaving.filter(({ device }) => device === "bob");
    const acknowledged = ofBob.filter(({ by, bytes }) => {
      const frame = by === "link" ? decodeLinkFrame(bytes) : undefined;
      return by === "append" || (frame?.ok && frame.value.kind === "got");
    });
    expect(acknowledged).toEqual([]);
    expect(await marksOf(world, alice, id)).toEqual(["held"]);
    expect((await viewOf(world, alice, id)).presence.kind).toBe("away");

    const lost = { ok: false, error: "storage-lost" };
    const { messenger } = bob;
    expect(await world.run(messenger.sendText(id, "not kept"))).toEqual(lost);
    expect(await world.run(messenger.saveDraft(id, "not kept"))).toEqual(lost);
    expect(await world.run(messenger.rename("Robert"))).toEqual(lost);
    expect(await world.run(messenger.createInvite())).toEqual(lost);
    expect(await world.run(messenger.answerRequest(id, "delete"))).toEqual(lost);
    expect(await world.run(messenger.phrase())).toBeUndefined();
    expect(await world.run(messenger.storageUse())).toBeUndefined();
    messenger.setTyping(id, true);
    messenger.hurry();
    await world.advance(60_000);

    await bob.stop();
    await bob.start();
    await world.advance(10_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["do not lose me"]);
    expect(await marksOf(world, alice, id)).toEqual(["delivered"]);
    expect(await world.see(bob.messenger.storage)).toEqual({ kind: "well" });
    for (const device of [alice, bob]) expect(device.faults, `${device.name}'s log`).toEqual([]);
    await world.end();
    expect(await world.clock.runUntilIdle(), "a timer is left behind").toBe(true);
  });
}
