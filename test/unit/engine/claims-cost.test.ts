// What it costs to be told through the topic, again and again, that something is missing which cannot be sent again (§8.2).
import { expect, it } from "vitest";
import { createCaughtUp } from "../../../core/engine/catching-up.ts";
import type { Context } from "../../../core/engine/context.ts";
import { createSendMissing } from "../../../core/engine/send-missing.ts";
import { treesApart } from "../../../core/engine/trees-apart.ts";
import { createTurns } from "../../../core/engine/turns.ts";
import type { Storage } from "../../../core/ports/storage.ts";
import { memoryStorage } from "../../support/memory-storage.ts";
import { keysOf } from "../../support/sim-forger.ts";
import { createWorld, must } from "../../support/sim-world.ts";

it("looks through what was said once a minute at most, however often it is claimed that something is missing", async () => {
  const world = await createWorld({ storage: "memory", links: false });
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  for (const text of ["one", "two", "three"]) must(await world.run(alice.messenger.sendText(id, text)));
  await world.advance(5_000);
  await world.run(Promise.all([alice.stop(), bob.stop()]));
  // Nothing of it was for this device: so nothing is sent again.
  for (const row of world.disk("alice").tables.get("messages")!.values())
    Object.assign(row as object, { deliveries: {} });
  let looked = 0;
  const stored = treesApart(memoryStorage(world.disk("alice")));
  const ofConversation = (...asked: Parameters<Storage["ofConversation"]>) => {
    if (asked[0] === "messages") looked++;
    return stored.ofConversation(...asked);
  };
  const caughtUp = createCaughtUp();
  caughtUp.add(id);
  const storage = { ...stored, ofConversation };
  const context = {
    storage,
    clock: world.clock,
    turns: createTurns(),
    caughtUp,
    waiting: () => stored.ofConversation("outbox", id),
    log: { event() {}, fault: (what: string, error: unknown) => expect.fail(`${what}: ${error}`) },
  } as unknown as Context;
  const missing = createSendMissing(context, { rolledBack() {}, kick() {} });
  const { device } = keysOf(world, "bob", id).profile;
  const own = keysOf(world, "alice", id).profile.device;
  const claim = async () => {
    await missing.told(id, device, { have: [{ device: own, ranges: [[2, 3]] }], via: "topic" });
    await missing.look(id);
  };
  for (let n = 0; n < 20; n++) await claim();
  expect(looked).toBe(1);
  await world.advance(60_000);
  expect(looked).toBe(2);
  await world.advance(120_000);
  expect(looked, "of the newest, once").toBe(2);
  missing.stop();
});
