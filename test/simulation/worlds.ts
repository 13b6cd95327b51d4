// The worlds that lives begin in: who knows whom and where their mail waits, everything else still to come. Several
// devices of one person do not exist in Kith yet, so each device here is another person's.
import type { ProfileRecord } from "../../core/ports/people-records.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { createWorld, farNode, homeNode, must, rowsOn, type WorldSnapshot } from "../support/sim-world.ts";

export interface Start {
  readonly names: readonly string[];
  readonly snapshot: WorldSnapshot;
}

export interface Starts {
  /** On one node. */
  readonly two: Start;
  readonly three: Start;
  /** On two nodes: Alice, Carol and Erin here, Bob and Dave there. */
  readonly twoApart: Start;
  readonly five: Start;
}

const everybody = ["alice", "bob", "carol", "dave", "erin"];

export async function prepareStarts(): Promise<Starts> {
  const pairs = (names: readonly string[]) =>
    names.flatMap((a, index) => names.slice(index + 1).map((b) => [a, b] as const));
  const ring = everybody.map((a, index) => [a, everybody[(index + 1) % everybody.length]!] as const);
  return {
    two: await prepare(everybody.slice(0, 2), pairs(everybody.slice(0, 2)), []),
    three: await prepare(everybody.slice(0, 3), pairs(everybody.slice(0, 3)), []),
    twoApart: await prepare(everybody.slice(0, 2), pairs(everybody.slice(0, 2)), ["bob"]),
    five: await prepare(everybody, [...ring, ["alice", "carol"]], ["bob", "dave"]),
  };
}

/** Alice and Bob here; Carol, and Dave, there. Everybody knows everybody, and Carol agreed to keep for all, Alice for Carol. */
export async function prepareKeepers(): Promise<{ readonly three: Start; readonly four: Start }> {
  const three = [
    ["carol", "alice"],
    ["carol", "bob"],
    ["alice", "bob"],
  ] as const;
  const four = [...three, ["dave", "alice"], ["dave", "bob"], ["carol", "dave"]] as const;
  const agree = [...three.slice(0, 2), ["alice", "carol"]] as const;
  return {
    three: await prepare(everybody.slice(0, 3), three, ["carol"], agree),
    four: await prepare(everybody.slice(0, 4), four, ["carol", "dave"], [...agree, ["dave", "bob"], ["carol", "dave"]]),
  };
}

/** For each of these counts so many people, who all know each other. */
export async function prepareAcquainted(counts: readonly number[]): Promise<readonly Start[]> {
  const crowd = [...everybody, "frank", "grace", "heidi"];
  const made = new Map<number, Start>();
  for (const count of new Set(counts)) {
    const names = crowd.slice(0, count);
    const friends = names.flatMap((a, index) => names.slice(index + 1).map((b) => [a, b] as const));
    // Of many, everybody knows the first four.
    const some = friends.filter(([a]) => crowd.indexOf(a) < 4);
    made.set(count, await prepare(names, some, []));
  }
  return counts.map((count) => made.get(count)!);
}

async function prepare(
  names: readonly string[],
  friends: readonly (readonly [string, string])[],
  far: readonly string[],
  agree: readonly (readonly [string, string])[] = [],
): Promise<Start> {
  const world = await createWorld({ seed: 1 });
  if (far.length > 0) world.addNode(farNode);
  const devices = new Map<string, SimDevice>();
  for (const name of names) devices.set(name, await world.person(name, far.includes(name) ? farNode : homeNode));
  for (const [a, b] of friends) await world.befriend(devices.get(a)!, devices.get(b)!);
  for (const [a, b] of agree) {
    const { account } = rowsOn<ProfileRecord>(world.disk(b), "profile")[0]!;
    must(await world.run(devices.get(a)!.messenger.setKeepsFor(account, true)));
  }
  await world.advance(5_000);
  await world.end();
  return { names, snapshot: world.snapshot() };
}
