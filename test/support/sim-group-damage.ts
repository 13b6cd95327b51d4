// Damaged keys of a group in its simulated lives: a device loses them, cannot read them any more, or its whole disk is put back
// to an earlier copy. What and when is the seed's.
import type { AccountId, ConversationId, MessageId } from "../../core/lang/brand.ts";
import type { GroupRecord } from "../../core/ports/group-records.ts";
import type { MessageRecord } from "../../core/ports/message-record.ts";
import { copied } from "./copied-row.ts";
import type { Disk } from "./memory-storage.ts";
import { accountOf, keysOf, profileOf } from "./sim-group.ts";
import { isMember, mayChange, rowAt } from "./sim-group-acts.ts";
import { unkeptOn } from "./sim-watch.ts";
import { rowsOn, type World } from "./sim-world.ts";
import { unreadable } from "./whole-group.ts";

export interface Damage {
  /** Now, or within half a minute. */
  strike(name: string): void;
  /** What devices forgot with their disks that no node had promised to keep: it may be nowhere. */
  readonly forgotten: ReadonlySet<MessageId>;
  /** Devices whose keys were damaged. */
  readonly struck: ReadonlySet<string>;
  /**
   * Who was seen off by others while their keys were damaged, or knows only a topic that is over, is added again by a person
   * (PROTOCOL.md §13.7).
   */
  addAgain(names: readonly string[]): Promise<void>;
}

/** A member in their own view whose keys are damaged, and where the others are not any more. */
export function isAstray(world: World, names: readonly string[], name: string, id: ConversationId): boolean {
  const row = rowAt(world, name, id);
  if (row?.group?.standing.kind !== "member" || row.healing === undefined) return false;
  const account = accountOf(world, { name });
  return soundOf(world, names, id).every((one) => {
    const other = rowAt(world, one, id);
    return other?.topic !== row.topic || !other.group?.people.some((person) => person.account === account);
  });
}

/** Whoever had keys was struck, so that nobody can give those any who came later (PROTOCOL.md §13.7). */
export function isDeadGroup(
  world: World,
  names: readonly string[],
  id: ConversationId,
  { struck }: Pick<Damage, "struck">,
): boolean {
  const members = names.filter((name) => isMember(world, name, id));
  return members.every(
    (name) =>
      rowAt(world, name, id)?.healing !== undefined && (struck.has(name) || keysOf(world, { name }, id) === undefined),
  );
}

/** Members whose keys are in order. */
const soundOf = (world: World, names: readonly string[], id: ConversationId): readonly string[] =>
  names.filter((name) => isMember(world, name, id) && rowAt(world, name, id)?.healing === undefined);

/** `spared`: nothing happens to the keys of this one. Where nobody has any, nobody can give any. */
export function damageIn(world: World, id: ConversationId, spared: string): Damage {
  const { random } = world;
  const forgotten = new Set<MessageId>();
  const struck = new Set<string>();

  function putBack(name: string, earlier: Disk["tables"]): void {
    const disk = world.disk(name);
    world.devices.get(name)!.crash();
    struck.add(name);
    for (const key of unpromised(world, name, earlier)) forgotten.add(key);
    disk.tables.clear();
    for (const [table, rows] of earlier) disk.tables.set(table, rows);
  }

  return {
    forgotten,
    struck,
    strike(name) {
      if (name === spared) return;
      const disk = world.disk(name);
      const groups = disk.tables.get("groups") as Map<string, GroupRecord> | undefined;
      const keys = groups?.get(id);
      const kind = random.pick(["lost", "unreadable", "earlier", "earlier"] as const);
      if (kind === "earlier") {
        const earlier = copied(disk.tables);
        world.clock.after(random.int(30_000), () => putBack(name, earlier));
        return;
      }
      if (keys === undefined) return;
      world.devices.get(name)!.crash();
      struck.add(name);
      if (kind === "lost") groups?.delete(keys.key);
      else groups?.set(keys.key, { ...keys, state: unreadable });
    },
    async addAgain(names) {
      const astray = names.filter((name) => isAstray(world, names, name, id));
      for (const account of new Set(astray.map((name) => accountOf(world, { name })))) {
        const able = soundOf(world, names, id).filter((name) => mayChange(world, name, id));
        // An owner outranks an admin.
        const by = able.find((name) => rankAt(world, name, id, accountOf(world, { name })) === "owner") ?? able[0];
        if (by === undefined || accountOf(world, { name: by }) === account) continue;
        const { groups } = world.devices.get(by)!.messenger;
        for (const act of [{ kind: "remove", account } as const, { kind: "add", people: [account] } as const]) {
          await world.run(groups.changeGroup(id, act));
          await world.advance(60_000);
        }
      }
    },
  };
}

const rankAt = (world: World, name: string, id: ConversationId, account: AccountId) =>
  rowAt(world, name, id)?.group?.facts.roles.find((role) => role.account === account)?.role;

/** What this device said since and nobody had, for all that it could know. */
function unpromised(world: World, name: string, earlier: Disk["tables"]): readonly MessageId[] {
  const disk = world.disk(name);
  const { device } = profileOf(world, { name });
  const unkept = unkeptOn(disk);
  return rowsOn<MessageRecord>(disk, "messages").flatMap(({ key, authorDevice }) =>
    authorDevice === device && unkept.has(key) && !earlier.get("messages")?.has(key) ? [key] : [],
  );
}
