// An owner who is gone, in a simulated life of a group (PROTOCOL.md §13.13): somebody who decides says so, others agree, two weeks
// pass in which they are there now and then, amid small troubles, and the owner comes back in time or when all is over.
import { quorumOf, votersOf } from "../../core/conversation/owner-gone.ts";
import { ownerOf } from "../../core/conversation/role-change.ts";
import type { AccountId } from "../../core/lang/brand.ts";
import { accountOf, eventsAt, keysOf } from "./sim-group.ts";
import { type GroupStage, isMember, rowAt, say } from "./sim-group-acts.ts";
import type { Check } from "./sim-group-judge.ts";
import { goWrong } from "./sim-group-trouble.ts";

interface OwnerGone {
  /** Who is the owner in the end is who has to be. */
  judge(check: Check): void;
}

const dayMs = 24 * 3_600_000;
/** On which days the others are there for some minutes: two in which they agree, and what lies behind the 14 days of each device. */
const daysHere = [0, 1, 8, 15, 16];
/** On which the owner may be back in time. */
const inTime = [1, 8];

/** Everything is well and all know the same. `undefined`: nobody may replace an owner there. */
export async function loseOwner(stage: GroupStage, trouble: number): Promise<OwnerGone | undefined> {
  const { world, id, names, complain } = stage;
  const { random } = world;
  // A further device may not have got in yet.
  const members = names.filter((name) => isMember(world, name, id) && keysOf(world, { name }, id) !== undefined);
  const group = rowAt(world, members[0] ?? "", id)?.group;
  const owner = group && ownerOf(group.facts);
  if (group === undefined || owner === undefined) return undefined;
  const voters = votersOf(
    group.facts,
    group.people.map(({ account }) => account),
  );
  if (voters.length === 0) return undefined;
  const isTheirs = (name: string) => accountOf(world, { name }) === owner;
  const gone = members.filter(isTheirs);
  const here = names.filter((name) => !isTheirs(name));
  const device = (name: string) => world.devices.get(name)!;
  const next = random.pick(voters);
  const agreed = new Set<AccountId>();
  const backOn = random.chance(0.4) ? random.pick(inTime) : undefined;

  async function speak(account: AccountId): Promise<void> {
    const name = members.find((one) => accountOf(world, { name: one }) === account)!;
    if (!device(name).running) return;
    const { groups } = device(name).messenger;
    const done = await world.run(agreed.size === 0 ? groups.proposeOwner(id, next) : groups.agreeOwner(id));
    if (done.ok) agreed.add(account);
    else complain(`${name} may not say that the owner is gone: ${done.error}`);
  }

  const sayAs = (name: string, text: string) => device(name).running && say(stage, device(name), text);

  /** Devices run only while something happens: weeks of talk over links would be most of the work of a life. */
  async function sleep(ms: number, all: readonly string[]): Promise<void> {
    await world.advance(30_000);
    for (const name of all) {
      device(name).crashAfterSteps(Number.POSITIVE_INFINITY);
      if (device(name).running) await world.run(device(name).stop());
    }
    await world.advance(ms);
    for (const name of all) await device(name).start();
    await world.advance(10_000);
  }

  for (const name of gone) if (device(name).running) await world.run(device(name).stop());
  let online = here;
  const speakers = random.chance(0.5) ? voters : voters.toReversed();
  for (const [index, day] of daysHere.entries()) {
    if (index === 0) await speak(speakers[0]!);
    if (index === 1) for (const account of speakers.slice(1)) if (random.chance(0.7)) await speak(account);
    if (day === backOn) {
      for (const name of gone) await device(name).start();
      online = [...here, ...gone];
      await world.advance(60_000);
      sayAs(gone[0]!, "the owner is here");
      await world.advance(60_000);
    }
    if (random.chance(trouble)) goWrong(world, random.pick(here), here);
    if (random.chance(0.5)) sayAs(random.pick(here), `day ${day}`);
    await world.advance(60_000);
    await sleep(((daysHere[index + 1] ?? day + 1) - day) * dayMs, online);
  }
  for (const name of gone) if (!device(name).running) await device(name).start();

  const isReplaced = backOn === undefined && agreed.size >= quorumOf(voters);
  return {
    judge(check) {
      for (const name of members.filter((one) => isMember(world, one, id))) {
        const is = ownerOf(rowAt(world, name, id)!.group!.facts);
        const shall = isReplaced ? next : owner;
        check(is === shall, `${name} has another owner than ${isReplaced ? "who was agreed on" : "before"}`);
        const told = eventsAt(world, { name }, id).filter(({ kind }) => kind === "owner-replaced");
        check(told.length === (isReplaced ? 1 : 0), `${name} is told ${told.length} times of another owner`);
      }
    },
  };
}
