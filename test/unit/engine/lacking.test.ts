// What an author says was not for a device that says what it has of a group (PROTOCOL.md §8.2).
import { expect, it } from "vitest";
import { createCaughtUp } from "../../../core/engine/catching-up.ts";
import type { Context } from "../../../core/engine/context.ts";
import { lackingAt } from "../../../core/engine/lacking.ts";
import { treesApart } from "../../../core/engine/trees-apart.ts";
import type { Ranges } from "../../../core/wire/have.ts";
import { memoryStorage } from "../../support/memory-storage.ts";
import type { SimDevice } from "../../support/sim-device.ts";
import { accountOf, profileOf, standGroup, timelineAt } from "../../support/sim-group.ts";
import { createWorld, must } from "../../support/sim-world.ts";

/** Of Alice: the act 1, the text 2 and the act 3 to Bob; then Carol comes, and 4, 5 and 6 are a text, an act and a text to both. */
async function said() {
  const world = await createWorld({ storage: "memory", links: false });
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const carol = await world.person("carol");
  await world.befriend(alice, carol);
  await world.advance(5_000);
  const id = await standGroup(world, [alice, bob]);
  const { groups } = alice.messenger;
  async function text(who: SimDevice, words: string) {
    const message = must(await world.run(who.messenger.sendText(id, words)));
    await world.advance(10_000);
    return message;
  }
  const remove = async (words: string) => must(await world.run(groups.removeMessage(await text(bob, words))));
  await remove("a");
  await text(alice, "two");
  await remove("b");
  must(await world.run(groups.changeGroup(id, { kind: "add", people: [accountOf(world, carol)] })));
  await world.advance(30_000);
  await text(alice, "four");
  await remove("c");
  await text(alice, "six");
  await world.end();
  const storage = treesApart(memoryStorage(world.disk("alice")));
  const caughtUp = createCaughtUp();
  caughtUp.add(id);
  const context = { storage, caughtUp, clock: world.clock } as unknown as Context;
  const { device } = profileOf(world, alice);
  const numbers = timelineAt(world, alice, id).flatMap((row) =>
    row.authorDevice === device && row.number > 0 ? [row.number] : [],
  );
  return {
    bob,
    carol,
    numbers,
    async notFor(who: SimDevice, ranges: Ranges) {
      const have = [{ device, ranges }];
      const found = await lackingAt(context, id, profileOf(world, who).device, { have, via: "topic" });
      return found?.notFor;
    },
  };
}

it("calls all before the first text for it so, where it lists none from 1 on, and later only what it has as said to others", async () => {
  const { bob, carol, notFor, numbers } = await said();
  expect(numbers).toEqual([2, 4, 6]);
  expect(await notFor(carol, [[6, 6]])).toEqual([[1, 3]]);
  expect(
    await notFor(carol, [
      [4, 4],
      [6, 6],
    ]),
  ).toEqual([[1, 3]]);
  // Who was there from the first, and who lists 1: an act that is missing there is seen to be.
  expect(await notFor(bob, [[6, 6]])).toEqual([[1, 1]]);
  expect(
    await notFor(bob, [
      [1, 2],
      [4, 4],
      [6, 6],
    ]),
  ).toEqual([]);
  expect(
    await notFor(carol, [
      [1, 1],
      [4, 4],
      [6, 6],
    ]),
  ).toEqual([[2, 2]]);
});
