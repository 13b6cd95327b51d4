import { expect, it } from "vitest";
import { createWorld, must } from "../support/sim-world.ts";

it("says what is kept and how large it is, the largest conversation first", async () => {
  const world = await createWorld({ links: true });
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const carol = await world.person("carol");
  const withBob = await world.befriend(alice, bob);
  const withCarol = await world.befriend(alice, carol);
  must(await world.run(alice.messenger.sendText(withCarol, "short")));
  for (let i = 0; i < 30; i++) must(await world.run(alice.messenger.sendText(withBob, `long ${"x".repeat(1_000)}`)));
  await world.advance(5_000);
  const use = await world.run(alice.messenger.storageUse());
  expect(use?.conversations.map(({ title, messages }) => [title, messages])).toEqual([
    ["Bob", 30],
    ["Carol", 1],
    ["", 0],
  ]);
  const bytes = use?.conversations[0]?.bytes ?? 0;
  expect(bytes).toBeGreaterThan(30_000);
  expect(bytes).toBeLessThan(60_000);
  const part = (name: string) => use?.parts.find(({ part }) => part === name);
  expect(part("messages")?.count).toBe(31);
  expect(part("waiting")?.count).toBe(0);
  expect(part("invites")?.count).toBe(2);
  expect(part("people")?.count).toBe(5);
  expect(part("keys")?.bytes).toBeGreaterThan(5_000);

  await bob.stop();
  await carol.stop();
  must(await world.run(alice.messenger.sendText(withBob, "waits")));
  expect((await world.run(alice.messenger.storageUse()))?.parts.find(({ part }) => part === "waiting")?.count).toBe(1);
  await world.end();
});
