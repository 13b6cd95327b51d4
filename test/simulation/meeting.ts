// Two strangers become contacts while everything goes wrong: whatever was interrupted goes on by itself or can be done
// again, and at the end both know each other's name and have the same words.
import type { ConversationId } from "../../core/index.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { checkPeace, type Watch, watchWorld } from "../support/sim-watch.ts";
import { createWorld, homeNode, type World } from "../support/sim-world.ts";
import { calmFaults, harshFaults, mildFaults } from "./faults.ts";
import { heal } from "./life.ts";

export interface Meeting {
  readonly watch: Watch;
  readonly complaints: readonly string[];
  readonly crashes: number;
}

export async function meet(seed: number): Promise<Meeting> {
  const world = await createWorld({ seed });
  const { random } = world;
  const names = ["alice", "bob"];
  const [alice, bob] = [await world.person("alice"), await world.person("bob")];
  const watch = watchWorld(world, names);
  const complaints: string[] = [];
  let crashes = 0;
  world.onCrash = (name) => {
    crashes++;
    world.clock.after(random.int(10_000), () => void world.devices.get(name)?.start());
  };
  world.faults = random.pick([mildFaults, harshFaults, calmFaults]);
  for (const device of [alice, bob]) {
    if (random.chance(0.7)) device.crashAfterSteps(1 + random.int(150));
  }
  if (random.chance(0.3)) world.clock.after(random.int(5_000), () => world.node.setUp(false));
  if (random.chance(0.3)) world.node.dieAfterAppend = true;

  const link = await inviteFrom(world, alice);
  const early = acceptAt(bob, link);
  await world.advance(20_000);
  if (random.chance(0.5)) world.node.setUp(true);
  const written = early.id && bob.running ? bob.messenger.sendText(early.id, "hello") : undefined;
  written?.catch((error: unknown) => complaints.push(String(error)));
  await world.advance(random.int(10_000));
  for (const device of [alice, bob]) {
    if (random.chance(0.3)) device.crashAfterSteps(1 + random.int(60));
  }
  await world.advance(random.int(20_000));
  await heal(world, names);

  const late = acceptAt(bob, link);
  await world.advance(30_000);
  if (late.id === undefined) {
    complaints.push(`bob could not accept: ${late.fault}`);
  } else {
    // Alice's engine may die while she accepts; then she accepts again.
    if (random.chance(0.5)) alice.crashAfterSteps(1 + random.int(40));
    void alice.messenger.answerRequest(late.id, "accept");
    await world.advance(30_000);
    if (alice.running) void alice.messenger.answerRequest(late.id, "accept");
    await heal(world, names);
    await expectFriends(world, late.id, complaints);
  }
  checkPeace(world, watch, names);
  for (const { name, faults } of world.devices.values()) for (const one of faults) complaints.push(`${name}: ${one}`);
  await world.end();
  if (!(await world.clock.runUntilIdle())) complaints.push("a timer is left behind");
  return { watch, complaints, crashes };
}

async function inviteFrom(world: World, alice: SimDevice): Promise<string> {
  for (;;) {
    if (alice.running) void alice.messenger.createInvite();
    await world.advance(5_000);
    if (!alice.running) continue;
    const [invite] = await world.see(alice.messenger.invites);
    if (invite !== undefined) return invite.link;
  }
}

function acceptAt(bob: SimDevice, link: string): { id: ConversationId | undefined; fault: string | undefined } {
  const outcome: ReturnType<typeof acceptAt> = { id: undefined, fault: undefined };
  if (!bob.running) return outcome;
  bob.messenger.acceptInvite(link).then(
    (accepted) => {
      if (accepted.ok) outcome.id = accepted.value;
      else outcome.fault = accepted.error;
    },
    (error: unknown) => {
      outcome.fault = String(error);
    },
  );
  return outcome;
}

async function expectFriends(world: World, id: ConversationId, complaints: string[]): Promise<void> {
  for (const [name, other] of [
    ["alice", "Bob"],
    ["bob", "Alice"],
  ] as const) {
    const view = await world.see(world.devices.get(name)!.messenger.conversation(id));
    if (view?.standing !== "connected") complaints.push(`${name} sees ${view?.standing}`);
    if (view?.title !== other) complaints.push(`${name} does not know the name of ${other}: "${view?.title}"`);
    if (view?.nodes.join() !== homeNode) complaints.push(`${name} does not know the node`);
  }
}
