// One random life of a group: people create it, come, go, are made admins, write and rename, while devices crash, the network
// parts and the node goes away. Then all is made well, and everybody who is a member must have the same group and the same
// story, and nobody what was said when they were none. Some persons have two or three devices.
import type { ConversationId } from "../../core/lang/brand.ts";
import { listenWhenGone } from "./sim-gone-ears.ts";
import { accountOf, groupAt } from "./sim-group.ts";
import { act, actMore, type GroupStage, isMember, mayChange, moveSomewhere, type Said, say } from "./sim-group-acts.ts";
import { damageIn } from "./sim-group-damage.ts";
import { linkSome } from "./sim-group-devices.ts";
import { checkGroup } from "./sim-group-judge.ts";
import { loseOwner } from "./sim-group-succession.ts";
import { goWrong } from "./sim-group-trouble.ts";
import type { Faults } from "./sim-seat.ts";
import type { Invariant } from "./sim-watch.ts";
import { createWorld, farNode, type World, type WorldSnapshot } from "./sim-world.ts";

interface GroupPlan {
  readonly names: readonly string[];
  readonly snapshot: WorldSnapshot;
  /** Of a group that is there already (`groupedStart`); else one is founded. */
  readonly group?: ConversationId | undefined;
  /** From and up to. */
  readonly acts: readonly [number, number];
  readonly faults: readonly Faults[];
  /** How likely something goes wrong before an act. */
  readonly trouble: number;
  /** People also change rules, take messages away, and come by links. */
  readonly more?: boolean;
  /** Devices lose the group's keys, or their disks are put back to earlier copies. */
  readonly damage?: boolean;
  /** Once all is well the owner is gone for long, and the others say so. */
  readonly ownerGoes?: boolean;
  /** There is another node, and the group moves about. */
  readonly moves?: boolean;
  /** Makes everything well, and lets time pass. */
  heal(world: World, names: readonly string[]): Promise<void>;
}

interface GroupLife {
  readonly watch: {
    readonly breaches: { readonly invariant: Invariant; readonly what: string }[];
    readonly looks: Map<Invariant, number>;
  };
  readonly complaints: readonly string[];
  readonly sent: number;
  readonly crashes: number;
  readonly troubles: number;
  /** There were people who may say that the owner is gone, and they did. */
  readonly ownerWent: boolean;
}

export async function liveInGroup(seed: number, plan: GroupPlan): Promise<GroupLife> {
  let { names } = plan;
  const world = await createWorld({ seed, from: plan.snapshot });
  const { random } = world;
  if (plan.moves === true) world.addNode(farNode);
  const breaches: GroupLife["watch"]["breaches"] = [];
  const looks = new Map<Invariant, number>();
  const complaints: string[] = [];
  const said: Said[] = [];
  const links: string[] = [];
  let crashes = 0;
  let troubles = 0;
  const complain = (what: string) => void complaints.push(what);
  const check = (holds: boolean, what: string) => {
    looks.set(9, (looks.get(9) ?? 0) + 1);
    if (!holds) breaches.push({ invariant: 9, what });
  };
  const begin = (name: string) => {
    const device = world.devices.get(name)!;
    if (!device.running) device.start().catch((error: unknown) => complain(String(error)));
  };
  world.onCrash = (name) => {
    crashes++;
    world.clock.after(random.int(20_000), () => begin(name));
  };
  for (const name of names) {
    world.device(name);
    begin(name);
  }
  await world.advance(2_000);
  let group = plan.group;
  const ears = listenWhenGone(world, names, () => group);
  const id = group ?? (await foundGroup(world, names, plan.more === true ? 0.5 : undefined));
  group = id;
  if (plan.more === true) await shareHistory(world, names, id);
  await world.advance(random.int(2_000));
  const further = await linkSome(world, names, id, begin);
  names = [...names, ...further.names];
  world.faults = random.pick(plan.faults);
  await world.advance(random.int(5_000));

  const stage: GroupStage = { world, id, names, said, links, complain };
  const [least, most] = plan.acts;
  const count = least + random.int(most - least + 1);
  const damage = damageIn(world, id, plan.damage === true ? random.pick(names) : "");
  const revokedAt = random.chance(0.5) ? random.int(count) : count;
  for (let n = 0; n < count; n++) {
    if (n === revokedAt) await further.revokeOne();
    if (random.chance(plan.trouble)) {
      const name = random.pick(names);
      if (plan.damage === true && random.chance(0.5)) damage.strike(name);
      else goWrong(world, name, names);
      troubles++;
    }
    if (plan.more === true && random.chance(0.5)) {
      const named = names.filter((name) => mayChange(world, name, id));
      actMore(stage, world.devices.get(random.pick(named.length > 0 && random.chance(0.6) ? named : names))!);
    }
    if (plan.moves === true && random.chance(0.4)) {
      const movers = names.filter((name) => mayChange(world, name, id));
      if (movers.length > 0) moveSomewhere(stage, world.devices.get(random.pick(movers))!);
    }
    const actors = names.filter((name) => isMember(world, name, id));
    // Who may change something does so more often.
    const able = actors.filter((name) => mayChange(world, name, id) || random.chance(0.4));
    const actor = random.pick([able, actors, names].find((some) => some.length > 0)!);
    if (actors.length > 0) act(stage, world.devices.get(actor)!, `${n} of ${actor}`);
    await world.advance(random.chance(0.3) ? 0 : random.int(8_000));
  }

  await plan.heal(world, names);
  const succession = plan.ownerGoes === true ? await loseOwner(stage, plan.trouble) : undefined;
  if (succession !== undefined) await plan.heal(world, names);
  if (plan.damage === true) await damage.addAgain(names);
  await further.tellAgain();
  if (plan.damage === true) {
    // A last word shows everybody what they lack, and there is time to ask for it.
    for (const name of names.filter((one) => isMember(world, one, id))) {
      say(stage, world.devices.get(name)!, `last of ${name}`);
    }
    await world.advance(300_000);
  }
  checkGroup(world, names, id, said, check, damage);
  succession?.judge(check);
  const overheard = await ears.overheard(said);
  if (ears.count > 0) check(overheard.length === 0, overheard.join("; "));
  for (const { name, faults } of world.devices.values()) for (const one of faults) complain(`${name}: ${one}`);
  await world.end();
  if (!(await world.clock.runUntilIdle())) complain("a timer is left behind");
  return {
    watch: { breaches, looks },
    complaints,
    sent: said.length,
    crashes,
    troubles,
    ownerWent: succession !== undefined,
  };
}

/** The first founds it with most others, of whom two are made admins. */
async function foundGroup(world: World, names: readonly string[], share = 0.8): Promise<ConversationId> {
  const { random } = world;
  const [founder = ""] = names;
  const others = names.slice(1).filter(() => random.chance(share));
  const people = others.map((name) => accountOf(world, { name }));
  const { groups } = world.devices.get(founder)!.messenger;
  const made = await world.run(groups.createGroup({ name: "Walkers", emoji: "", people }));
  if (!made.ok) throw new Error(`no group: ${made.error}`);
  await world.advance(random.int(2_000));
  for (const account of people.slice(0, 2)) {
    await world.run(groups.changeGroup(made.value, { kind: "role", account, role: "admin" }));
  }
  await world.advance(2_000);
  return made.value;
}

/** Most groups are generous from the first, so that who comes is given something. */
async function shareHistory(world: World, [founder = ""]: readonly string[], id: ConversationId): Promise<void> {
  const { random } = world;
  const { messenger } = world.devices.get(founder)!;
  const history = random.pick(["none", "last-7-days", "last-100", "all", "all"] as const);
  const { facts } = groupAt(world, { name: founder }, id);
  const { writers, slowModeS, joining } = facts;
  const rules = { writers, slowModeS, history, joining };
  if (history !== "none") await world.run(messenger.groups.changeGroup(id, { kind: "rules", rules }));
  await world.advance(5_000);
}

/** A world to begin with in which the group is there, for many lives. `share`: of the people who are in it. */
export async function groupedStart(
  seed: number,
  { names, snapshot }: Pick<GroupPlan, "names" | "snapshot">,
  share?: number,
): Promise<Pick<GroupPlan, "names" | "snapshot" | "group">> {
  const world = await createWorld({ seed, from: snapshot });
  for (const name of names) await world.device(name).start();
  await world.advance(2_000);
  const group = await foundGroup(world, names, share);
  await world.advance(5_000);
  await world.end();
  return { names, snapshot: world.snapshot(), group };
}
