// One random life of a few devices: everything that can go wrong goes wrong at times the seed chooses, then it is made
// well again, and nothing may be missing.
import type { ConversationId } from "../../core/index.ts";
import type { MessageId } from "../../core/lang/brand.ts";
import type { ConversationRecord } from "../../core/ports/conversation-record.ts";
import type { Faults } from "../support/sim-seat.ts";
import { createTrickster } from "../support/sim-tricks.ts";
import { checkPeace, type Watch, watchWorld } from "../support/sim-watch.ts";
import { createWorld, rowsOn, type World } from "../support/sim-world.ts";
import { calmFaults, harshFaults, mildFaults } from "./faults.ts";
import { directOf, makeTrouble, nearRenewal, type Stage, type Trouble } from "./trouble.ts";
import type { Start } from "./worlds.ts";

export interface Life {
  readonly watch: Pick<Watch, "breaches" | "looks">;
  /** What was broken besides the invariants: faults in logs, lost words, timers left behind. */
  readonly complaints: readonly string[];
  readonly sent: number;
  readonly crashes: number;
  /** How often something was made to go wrong. */
  readonly troubles: number;
}

export interface Plan {
  readonly start: Start;
  readonly troubles: readonly Trouble[];
  /** From and up to. */
  readonly messages: readonly [number, number];
  /** One of these for the whole life. */
  readonly faults: readonly Faults[];
  /** How likely something goes wrong before a message. */
  readonly trouble: number;
  /** The longest time between two messages; 5 s if nothing is said. */
  readonly pauseMs?: number;
  /** A look at the world when all should be told. */
  readonly atEnd?: (world: World) => void;
}

export const usualFaults = [mildFaults, harshFaults, calmFaults];

interface Attempt {
  readonly text: string;
  readonly by: string;
  readonly id: ConversationId;
  kept: boolean;
}

export async function live(seed: number, plan: Plan): Promise<Life> {
  const { start, troubles } = plan;
  const { names } = start;
  const world = await createWorld({ seed, from: start.snapshot });
  const { random } = world;
  for (const name of names) nearRenewal(world, name);
  const watch = watchWorld(world, names);
  if (random.chance(0.15)) world.apart.add("alice bob");
  const complaints: string[] = [];
  const complain = (what: string) => void complaints.push(what);
  const lies = troubles.includes("lies");
  const tricksters = lies ? [createTrickster(random.pick([...world.nodes.values()]), random)] : [];
  const stage: Stage = { world, watch, names, tricksters, keyless: new Set(), complain };
  const attempts: Attempt[] = [];
  let crashes = 0;
  let made = 0;
  world.onCrash = (name) => {
    crashes++;
    world.clock.after(random.int(20_000), () => begin(name));
  };
  function begin(name: string): void {
    const device = world.devices.get(name);
    if (device && !device.running) device.start().catch((error: unknown) => complain(String(error)));
  }

  for (const name of names) {
    world.device(name);
    begin(name);
  }
  // Half of the worlds begin before there are links.
  world.faults = random.pick(plan.faults.length === 1 ? plan.faults : [calmFaults, harshFaults]);
  await world.advance(random.int(3_000));
  world.faults = random.pick(plan.faults);

  const [least, most] = plan.messages;
  const count = least + random.int(most - least + 1);
  for (let n = 0; n < count; n++) {
    if (random.chance(plan.trouble)) {
      makeTrouble(stage, troubles);
      made++;
    }
    say(stage, attempts, random.pick(names), n);
    await world.advance(random.chance(0.3) ? 0 : random.int(plan.pauseMs ?? 5_000));
  }

  for (const trickster of tricksters) trickster.repent();
  // Begun anew by an honest operator: who is connected may not have looked since it forgot.
  if (lies) for (const node of world.nodes.values()) node.setUp(false);
  await world.advance(0);
  // A frame that was lost on a link is not said again over it.
  if (troubles.includes("keepers")) for (const pair of [...world.place.open]) pair.cut("at once");
  await heal(world, names);
  if (troubles.includes("keys") || lies) {
    // A last word shows everybody what they lack, and there is time to ask for it.
    for (const name of names) for (const { key } of directOf(world, name)) say(stage, attempts, name, count, key);
    await world.advance(300_000);
  }
  // A lying node may have hidden the answer to who asks for keys: they ask once more the next day (PROTOCOL.md §11).
  if (lies && names.some((name) => isHealing(world, name))) await world.advance(25 * 3_600_000);
  checkPeace(world, watch, names);
  checkWords(stage, attempts);
  plan.atEnd?.(world);
  for (const { name, faults } of world.devices.values()) for (const one of faults) complain(`${name}: ${one}`);
  await world.end();
  if (!(await world.clock.runUntilIdle())) complain("a timer is left behind");
  return { watch, complaints, sent: attempts.length, crashes, troubles: made };
}

function isHealing(world: World, name: string): boolean {
  return rowsOn<ConversationRecord>(world.disk(name), "conversations").some(({ healing }) => healing !== undefined);
}

function say({ world, complain }: Stage, attempts: Attempt[], name: string, n: number, to?: ConversationId): void {
  const device = world.devices.get(name)!;
  const id = to ?? world.random.pick(directOf(world, name)).key;
  if (!device.running) return;
  const attempt = { text: `${n} of ${name} in ${id}`, by: name, id, kept: false };
  attempts.push(attempt);
  device.messenger.sendText(id, attempt.text).then(
    (sent) => {
      attempt.kept = sent.ok;
      if (!sent.ok && sent.error !== "storage-full") complain(`sending failed: ${sent.error}`);
    },
    (error: unknown) => complain(`sending threw: ${error}`),
  );
}

/**
 * What was kept is with both sides, once. What a device forgot with its disk may be gone there, and with the other side where no
 * node had promised to keep it, or kept it from them, or their own keys were damaged.
 */
function checkWords(stage: Stage, attempts: readonly Attempt[]): void {
  const { world, watch, names, tricksters, keyless, complain } = stage;
  const textsOf = (ids: ReadonlySet<MessageId>) => new Set([...ids].map((one) => watch.textOf(one)));
  const forgotten = textsOf(watch.forgotten);
  const promised = textsOf(watch.promised);
  for (const { text, by, id, kept } of attempts) {
    for (const name of names) {
      if (!directOf(world, name).some(({ key }) => key === id)) continue;
      const times = timesSaid(world, name, id, text);
      if (times > 1) complain(`"${text}" is there ${times} times at ${name}`);
      const isSound = !watch.rolledBack.has(name) && !keyless.has(`${name} ${id}`);
      const isPromised = promised.has(text) && name !== by && isSound && tricksters.length === 0;
      if (kept && times !== 1 && (!forgotten.has(text) || isPromised)) complain(`"${text}" is lost at ${name}`);
    }
  }
}

function timesSaid(world: World, name: string, id: ConversationId, text: string): number {
  return rowsOn<{ conversation: ConversationId; body: { text?: string } }>(world.disk(name), "messages").filter(
    ({ conversation, body }) => conversation === id && body.text === text,
  ).length;
}

/** The network is well, everybody runs and is online; five minutes later all is told. */
export async function heal(world: World, names: readonly string[]): Promise<void> {
  world.faults = calmFaults;
  world.apart.clear();
  world.split([]);
  for (const node of world.nodes.values()) {
    node.dieAfterAppend = false;
    node.setUp(true);
  }
  for (const name of names) {
    const device = world.devices.get(name)!;
    world.disk(name).failNext = undefined;
    device.crashAfterSteps(Number.POSITIVE_INFINITY);
    device.setOnline(true);
    device.clock.offsetMs = 0;
  }
  await world.advance(300_000);
}
