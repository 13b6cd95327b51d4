// "Why can't I reach Ana?": facts as they are, and nothing that names anybody.
import { expect } from "vitest";
import { homeNode, must } from "../support/sim-world.ts";
import { marksOf, story } from "../support/story.ts";

story("tells how somebody is reached, what waits and where", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(10_000);
  const well = await world.see(alice.messenger.diagnosis(id));
  expect(well).toMatchObject({
    nodes: [{ node: homeNode, own: true, state: "connected" }],
    direct: "ready",
    presence: { kind: "here" },
    path: "direct",
    relayOnly: undefined,
    waiting: { messages: 0, held: 0, oldestMs: undefined },
    missing: 0,
    healingSinceMs: undefined,
  });

  await bob.stop();
  await world.advance(1_000);
  const saidAtMs = world.clock.now();
  must(await world.run(alice.messenger.sendText(id, "are you there?")));
  await world.advance(10_000);
  const away = await world.see(alice.messenger.diagnosis(id));
  expect(away).toMatchObject({ presence: { kind: "away" }, path: "node", waiting: { messages: 1, held: 1 } });
  expect(away?.waiting.oldestMs).toBe(saidAtMs);
  expect(away?.waiting.heldUntilMs).toBeGreaterThan(saidAtMs);

  world.node.setUp(false);
  must(await world.run(alice.messenger.setRelayOnly(true)));
  must(await world.run(alice.messenger.sendText(id, "hello?")));
  await world.advance(60_000);
  const cut = await world.see(alice.messenger.diagnosis(id));
  expect(cut).toMatchObject({ relayOnly: "everybody", waiting: { messages: 2, held: 1 } });
  expect(cut?.nodes[0]?.state).not.toBe("connected");

  await alice.stop();
  await world.advance(31 * 24 * 3_600_000);
  await alice.start();
  await world.advance(1_000);
  const over = await world.see(alice.messenger.diagnosis(id));
  expect(over?.waiting).toMatchObject({ messages: 2, held: 0, heldUntilMs: undefined });
  expect(await marksOf(world, alice, id)).toEqual(["expired", "saved"]);
});

story("looks again when asked, and knows nothing of a note to self", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(10_000);
  expect((await world.see(alice.messenger.diagnosis(id)))?.candidates).toBeUndefined();
  alice.messenger.probe(id);
  await world.advance(10_000);
  expect((await world.see(alice.messenger.diagnosis(id)))?.candidates).toBeDefined();
  const [self] = (await world.see(alice.messenger.conversations)).filter(({ kind }) => kind === "self");
  expect(await world.see(alice.messenger.diagnosis(self!.id))).toBeUndefined();
});
