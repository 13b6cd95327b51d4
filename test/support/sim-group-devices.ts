// Persons with several devices in a simulated life of a group: some of them link one or two more, and one of those is revoked.
import type { AccountId, ConversationId } from "../../core/lang/brand.ts";
import { accountOf, conversationAt, keysOf, topicAt } from "./sim-group.ts";
import { handOver, linkedDevice, revokeOn } from "./sim-own-devices.ts";
import type { World } from "./sim-world.ts";

export interface FurtherDevices {
  readonly names: readonly string[];
  /** Takes one of them off its person's list. */
  revokeOne(): Promise<void>;
  /** Whose topic was over before they got in is told of the new one by their person's other devices, or that it is over. */
  tellAgain(): Promise<void>;
}

/** Of members on these devices, as they are now. `begin` starts one; one that has crashed starts again by itself. */
export async function linkSome(
  world: World,
  names: readonly string[],
  id: ConversationId,
  begin: (name: string) => void,
): Promise<FurtherDevices> {
  const { random } = world;
  const linked = new Map<string, string>();
  const revoked = new Set<string>();
  for (const name of names) {
    const of = world.devices.get(name)!;
    if (!of.running || keysOf(world, of, id) === undefined) continue;
    for (let n = 2; n <= 3 && random.chance(0.3); n++) {
      of.crash();
      const further = await linkedDevice(world, of, `${name}-${n}`);
      handOver(world, of, further, id);
      linked.set(further.name, name);
      world.clock.after(random.int(20_000), () => begin(further.name));
    }
  }
  return {
    names: [...linked.keys()],
    async revokeOne() {
      if (linked.size === 0) return;
      const name = random.pick([...linked.keys()]);
      const of = world.devices.get(linked.get(name)!)!;
      of.crash();
      revoked.add(name);
      await revokeOn(world, of, { name });
    },
    async tellAgain() {
      // Whose person went out meanwhile is told that, too.
      for (let told = true, times = 0; told && times < 3; times++) {
        told = tellOnce();
        await world.advance(120_000);
      }
    },
  };

  function tellOnce(): boolean {
    let told = false;
    for (const name of linked.keys()) {
      const device = world.devices.get(name)!;
      if (world.disk(name).tables.get("conversations")?.has(id) !== true) continue;
      if (keysOf(world, device, id) !== undefined || topicAt(world, device, id) === undefined) continue;
      told = true;
      device.crash();
      const account = accountOf(world, device);
      const from = revoked.has(name) ? undefined : otherOf(world, [...names, ...linked.keys()], id, account);
      if (from === undefined) forget(world, name, id);
      else handOver(world, from, device, id);
    }
    return told;
  }
}

/** A device of theirs that is in the group, with keys that are sound. */
function otherOf(world: World, names: readonly string[], id: ConversationId, account: AccountId) {
  const theirs = names.filter(
    (name) => accountOf(world, { name }) === account && keysOf(world, { name }, id) !== undefined,
  );
  const isSound = (name: string) => conversationAt(world, { name }, id).healing === undefined;
  const device = theirs.find(isSound) ?? theirs[0];
  return device === undefined ? undefined : world.devices.get(device);
}

function forget(world: World, name: string, id: ConversationId): void {
  const { tables } = world.disk(name);
  tables.get("topics")?.delete(conversationAt(world, { name }, id).topic);
  tables.get("conversations")?.delete(id);
}
