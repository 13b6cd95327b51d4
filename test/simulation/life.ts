// One random life of a few devices: everything that can go wrong goes wrong at times the seed chooses, then it is made
// well again, and nothing may be missing.
import type { ConversationId } from "../../core/index.ts";
import type { ConversationRecord, GroupRecord, TopicRecord } from "../../core/ports/records.ts";
import { openEnvelope, type Payload, sealEnvelope } from "../../core/wire/envelope.ts";
import { deriveTopic } from "../../core/wire/topic.ts";
import type { SimDevice } from "../support/sim-device.ts";
import type { Faults } from "../support/sim-seat.ts";
import { checkPeace, type Watch, watchWorld } from "../support/sim-watch.ts";
import { createWorld, must, rowsOn, type World, type WorldSnapshot } from "../support/sim-world.ts";

export interface Lives {
  /** Devices that are contacts of each other, as they were when nothing was under way. */
  readonly two: WorldSnapshot;
  readonly three: WorldSnapshot;
}

export interface Life {
  readonly watch: Watch;
  /** What was broken besides the invariants: faults in logs, lost words, timers left behind. */
  readonly complaints: readonly string[];
  readonly sent: number;
  readonly crashes: number;
}

export async function prepareLives(): Promise<Lives> {
  return { two: await prepare(["alice", "bob"]), three: await prepare(["alice", "bob", "carol"]) };
}

/** Everybody knows everybody, and all but the last messages before a renewal of the keys are used up. */
async function prepare(names: readonly string[]): Promise<WorldSnapshot> {
  const world = await createWorld({ seed: 1 });
  const devices: SimDevice[] = [];
  for (const name of names) {
    const device = await world.person(name);
    for (const other of devices) await world.befriend(other, device);
    devices.push(device);
  }
  await world.advance(5_000);
  await world.end();
  return world.snapshot();
}

export const mildFaults: Faults = {
  delayMs: [0, 2_000],
  loss: 0.01,
  duplication: 0.01,
  reordering: 0.05,
  reorderMs: 2_000,
  busy: 0.01,
};
export const harshFaults: Faults = {
  delayMs: [0, 300],
  loss: 0.1,
  duplication: 0.1,
  reordering: 0.3,
  reorderMs: 3_000,
  busy: 0.05,
};
export const calmFaults: Faults = { delayMs: [1, 20], loss: 0, duplication: 0, reordering: 0, reorderMs: 0, busy: 0 };

export async function live(seed: number, lives: Lives): Promise<Life> {
  const world = await createWorld({ seed, from: seed % 4 === 0 ? lives.three : lives.two });
  const names = seed % 4 === 0 ? ["alice", "bob", "carol"] : ["alice", "bob"];
  const { random } = world;
  for (const name of names) nearRenewal(world, name);
  const watch = watchWorld(world, names);
  if (random.chance(0.15)) world.apart.add("alice bob");
  const complaints: string[] = [];
  const attempts: { readonly text: string; readonly id: ConversationId; kept: boolean }[] = [];
  let crashes = 0;
  world.onCrash = (name) => {
    crashes++;
    world.clock.after(random.int(20_000), () => begin(name));
  };
  function begin(name: string): void {
    const device = world.devices.get(name);
    if (device && !device.running) device.start().catch((error: unknown) => complaints.push(String(error)));
  }

  for (const name of names) {
    world.device(name);
    begin(name);
  }
  // Half of the worlds begin before there are links.
  world.faults = random.pick([calmFaults, harshFaults]);
  await world.advance(random.int(3_000));
  world.faults = random.pick([mildFaults, harshFaults, calmFaults]);

  const count = 8 + random.int(10);
  for (let n = 0; n < count; n++) {
    if (random.chance(0.5)) trouble(world, watch, names);
    const sender = world.devices.get(random.pick(names))!;
    const id = random.pick(directOf(world, sender.name)).key;
    if (sender.running) {
      const attempt = { text: `${n} of ${sender.name}`, id, kept: false };
      attempts.push(attempt);
      sender.messenger.sendText(id, attempt.text).then(
        (sent) => {
          attempt.kept = sent.ok;
          if (!sent.ok && sent.error !== "storage-full") complaints.push(`sending failed: ${sent.error}`);
        },
        (error: unknown) => complaints.push(`sending threw: ${error}`),
      );
    }
    await world.advance(random.chance(0.3) ? 0 : random.int(5_000));
  }

  await heal(world, names);
  checkPeace(world, watch, names);
  for (const { text, id, kept } of attempts) {
    for (const name of names) {
      if (!directOf(world, name).some(({ key }) => key === id)) continue;
      const times = timesSaid(world, name, id, text);
      if (times > 1) complaints.push(`"${text}" is there ${times} times at ${name}`);
      if (kept && times !== 1) complaints.push(`"${text}" is lost at ${name}`);
    }
  }
  for (const { name, faults } of world.devices.values()) for (const one of faults) complaints.push(`${name}: ${one}`);
  await world.end();
  if (!(await world.clock.runUntilIdle())) complaints.push("a timer is left behind");
  return { watch, complaints, sent: attempts.length, crashes };
}

const directOf = (world: World, name: string) =>
  rowsOn<ConversationRecord>(world.disk(name), "conversations").filter(({ kind }) => kind === "direct");

function timesSaid(world: World, name: string, id: ConversationId, text: string): number {
  return rowsOn<{ conversation: ConversationId; body: { text?: string } }>(world.disk(name), "messages").filter(
    ({ conversation, body }) => conversation === id && body.text === text,
  ).length;
}

/** Both sides are about to renew their keys, so that they race for the slot. */
function nearRenewal(world: World, name: string): void {
  const groups = world.disk(name).tables.get("groups") as Map<string, GroupRecord>;
  for (const [key, group] of groups) groups.set(key, { ...group, sealedSinceUpdate: 90 + world.random.int(12) });
}

/** One thing that goes wrong, now or from now on for a while. */
function trouble(world: World, watch: Watch, names: readonly string[]): void {
  const { random, clock } = world;
  const device = world.devices.get(random.pick(names))!;
  const later = (task: () => void) => void clock.after(random.int(30_000), task);
  const [a, b] = [random.pick(names), random.pick(names)];
  const troubles: (() => void)[] = [
    () => device.crashAfterSteps(1 + random.int(80)),
    () => device.crashAfterSteps(1 + random.int(20)),
    () => device.crash(),
    () => {
      device.setOnline(false);
      later(() => device.setOnline(true));
    },
    () => {
      world.node.setUp(false);
      later(() => world.node.setUp(true));
    },
    () => {
      world.node.dieAfterAppend = true;
      later(() => world.node.setUp(true));
    },
    () => {
      for (const pair of [...world.place.open]) pair.cut(random.pick(["at once", "never"]));
    },
    () => {
      world.apart.add(`${a} ${b}`);
      later(() => world.apart.delete(`${a} ${b}`));
    },
    () => {
      world.disk(device.name).failNext = "full";
    },
    () => {
      if (device.running) void device.messenger.markRead(random.pick(directOf(world, device.name)).key);
    },
    () => {
      device.clock.offsetMs = random.pick([-600_000, 600_000, 0]);
    },
    () => poison(world, watch),
  ];
  random.pick(troubles)();
}

/** An envelope in a conversation's topic that a member can open and no key of MLS. */
function poison(world: World, watch: Watch): void {
  const { random } = world;
  const rows = rowsOn<TopicRecord>(world.disk("alice"), "topics").filter(
    ({ purpose }) => purpose.kind === "conversation",
  );
  const topic = random.pick(rows);
  const key = random.chance(0.5) ? deriveTopic(topic.secret).envelopeKey : random.bytes(32);
  const noise: Payload = { kind: "mls", message: random.bytes(40), generation: 0 };
  const payload = random.pick([noise, replayed(world, topic)].filter((one) => one !== undefined));
  const envelope = must(sealEnvelope(key, topic.key, payload, random.bytes(24)));
  const { sequence } = must(world.node.append(topic.key, envelope, undefined));
  watch.poisoned(sequence, topic.key, envelope);
}

/** What a member said before, in other wrapping. */
function replayed(world: World, { key, secret }: TopicRecord): Payload | undefined {
  const entries = world.node.topics.get(key)?.entries ?? [];
  if (entries.length === 0) return undefined;
  const payload = openEnvelope(deriveTopic(secret).envelopeKey, key, world.random.pick(entries).envelope);
  return payload.ok && payload.value.kind === "mls" ? payload.value : undefined;
}

/** The network is well, everybody runs and is online; five minutes later all is told. */
export async function heal(world: World, names: readonly string[]): Promise<void> {
  world.faults = calmFaults;
  world.apart.clear();
  world.node.dieAfterAppend = false;
  world.node.setUp(true);
  for (const name of names) {
    const device = world.devices.get(name)!;
    world.disk(name).failNext = undefined;
    device.crashAfterSteps(Number.POSITIVE_INFINITY);
    device.setOnline(true);
    device.clock.offsetMs = 0;
  }
  await world.advance(300_000);
}
