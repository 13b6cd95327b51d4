/**
 * Devices that a member revoked while they stay in a group (§13.7): whoever knows the newer device list takes their leaves away,
 * one after another, unless somebody did. Does not know how the list came here.
 */

import { jobDelayMs } from "../conversation/job-rank.ts";
import type { AccountId, ConversationId, DeviceId } from "../lang/brand.ts";
import { concat, idBytes } from "../lang/bytes.ts";
import type { GroupPerson } from "../ports/records.ts";
import { readKeptDeviceList } from "../wire/device-list.ts";
import { wantedOf } from "./commits.ts";
import { type Context, commit, me } from "./context.ts";
import { changeRow } from "./group-order.ts";
import { listKnownOf } from "./roster.ts";
import { presentPeople } from "./talking.ts";

export interface DeviceDropping {
  /** Takes away in a group what is to go, when it is this device's turn. Safe to call at any time. */
  look(id: ConversationId): Promise<void>;
  stop(): void;
}

/** `kick` is told when there is a commit to make. */
export function createDeviceDropping(context: Context, kick: (id: ConversationId) => void): DeviceDropping {
  const timers = new Map<string, () => void>();
  let stopped = false;

  function dropLater(id: ConversationId, account: AccountId, delayMs: number): void {
    const key = `${id} ${account}`;
    if (timers.has(key) || stopped) return;
    const task = async () => {
      timers.delete(key);
      if (await context.turns(id, () => orderDrop(context, id, account))) kick(id);
    };
    const failed = (error: unknown) => context.log.fault("a revoked device could not be taken away", error);
    timers.set(
      key,
      context.clock.after(delayMs, () => void task().catch(failed)),
    );
  }

  return {
    async look(id) {
      const group = (await context.storage.get("conversations", id))?.group;
      if (group?.standing.kind !== "member") return;
      const { device: own } = await me(context);
      const devices = presentPeople(group).flatMap((person) => person.devices);
      for (const person of group.people) {
        const gone = await droppedOf(context, person, own);
        const [first] = gone;
        if (first === undefined) continue;
        const others = devices.filter((device) => !gone.includes(device));
        const job = concat(idBytes(id), idBytes(first));
        dropLater(id, person.account, jobDelayMs(job, own, others));
      }
    },
    stop() {
      stopped = true;
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

/** Ascending. Not where the person would be gone with them: that is for an admin to decide, or for a new device of theirs to come. */
async function droppedOf(
  context: Context,
  { account, devices }: GroupPerson,
  own: DeviceId,
): Promise<readonly DeviceId[]> {
  const list = await listKnownOf(context, account);
  if (list === undefined) return [];
  const { revoked } = readKeptDeviceList(list);
  const gone = devices.filter((device) => revoked.includes(device));
  // A device that is to go itself leaves it to others.
  return gone.length === devices.length || gone.includes(own) ? [] : gone.toSorted();
}

async function orderDrop(context: Context, id: ConversationId, account: AccountId): Promise<boolean> {
  const conversation = await context.storage.get("conversations", id);
  const person = conversation?.group?.people.find((one) => one.account === account);
  const { device } = await me(context);
  if (conversation?.group?.standing.kind !== "member" || person === undefined) return false;
  if ((await droppedOf(context, person, device)).length === 0) return false;
  const wanted = await wantedOf(context, id);
  if (wanted.some(({ act }) => act.kind === "drop-devices" && act.account === account)) return true;
  return (
    await commit(context, { changes: [await changeRow(context, conversation, { kind: "drop-devices", account })] })
  ).ok;
}
