import { expect, it } from "vitest";
import { toHex } from "../../../core/lang/bytes.ts";
import { accountOf } from "../../support/sim-group.ts";
import { createWorld, must } from "../../support/sim-world.ts";
import { wiretap } from "../../support/story.ts";

/** Everything that leaves any device of two friends who begin a group. */
async function lived(): Promise<readonly string[]> {
  const world = await createWorld({ seed: 7 });
  const leaving = wiretap(world);
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  await world.befriend(alice, bob);
  await world.advance(5_000);
  const group = { name: "Walkers", emoji: "", people: [accountOf(world, bob)] };
  const id = must(await world.run(alice.messenger.groups.createGroup(group)));
  await world.advance(10_000);
  must(await world.run(bob.messenger.sendText(id, "hello")));
  await world.advance(10_000);
  await world.end();
  return leaving.map(({ device, atMs, bytes }) => `${atMs} ${device} ${toHex(bytes)}`);
}

it("is lived through again to the last byte: nothing in it comes from the machine's time, dice or memory", async () => {
  const first = await lived();
  expect(first.length).toBeGreaterThan(20);
  expect((await lived()).join("\n") === first.join("\n")).toBe(true);
});
