/**
 * Devices that a member revoked while they stay in a group (§13.7): whoever knows the newer device list takes their leaves away,
 * one after another, unless somebody did. Does not know how the list came here.
 */

import { jobDelayMs } from "../conversation/job-rank.ts";
import type { AccountId, ConversationId, DeviceId } from "../lang/brand.ts";
import { concat, equalBytes, idBytes } from "../lang/bytes.ts";
import type { GroupPerson } from "../ports/group-of-conversation.ts";
import type { ProfileRecord } from "../ports/people-records.ts";
import { readKeptDeviceList } from "../wire/device-list.ts";
import { wantedOf } from "./commits.ts";
import { type Context, commit, me } from "./context.ts";
import { changeRow } from "./group-order.ts";
import { presentPeople } from "./talking.ts";

export interface DeviceDropping {
  /** Takes away in a group what is to go, when it is this device's turn. Safe to call at any time. */
  look(id: ConversationId): Promise<void>;
  stop(): void;
}

/** `kick` is told when there is a commit to make. */
export function createDeviceDropping(context: Context, kick: (id: ConversationId) => void): DeviceDropping {
  const timers = new Map<string, () => void>();
  const revokedIn = revokedReader();
  let stopped = false;

  function dropLater(id: ConversationId, account: AccountId, delayMs: number): void {
    const key = `${id} ${account}`;
    if (timers.has(key) || stopped) return;
    const task = async () => {
      timers.delete(key);
      if (await context.turns(id, () => orderDrop(context, id, account, revokedIn))) kick(id);
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
      const profile = await me(context);
      const { device: own } = profile;
      const devices = presentPeople(group).flatMap((person) => person.devices);
      for (const person of group.people) {
        const gone = await droppedOf(context, person, profile, revokedIn);
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

type RevokedReader = (account: AccountId, list: Uint8Array) => readonly DeviceId[];

/** Of kept SignedDeviceLists, which are asked for after each message and hardly ever change. */
function revokedReader(): RevokedReader {
  const read = new Map<AccountId, { readonly list: Uint8Array; readonly revoked: readonly DeviceId[] }>();
  return (account, list) => {
    const last = read.get(account);
    if (last !== undefined && equalBytes(last.list, list)) return last.revoked;
    const { revoked } = readKeptDeviceList(list);
    read.set(account, { list, revoked });
    return revoked;
  };
}

/** Ascending. Not where the person would be gone with them: that is for an admin to decide, or for a new device of theirs to come. */
async function droppedOf(
  context: Context,
  { account, devices }: GroupPerson,
  profile: ProfileRecord,
  revokedIn: RevokedReader,
): Promise<readonly DeviceId[]> {
  // Asked for everybody after each message: most have one device, and need not be looked up.
  if (devices.length < 2) return [];
  const own = profile.account === account;
  const list = own ? profile.deviceList : (await context.storage.get("contacts", account))?.deviceList;
  if (list === undefined) return [];
  const revoked = revokedIn(account, list);
  const gone = devices.filter((device) => revoked.includes(device));
  // A device that is to go itself leaves it to others.
  return gone.length === devices.length || gone.includes(profile.device) ? [] : gone.toSorted();
}

async function orderDrop(
  context: Context,
  id: ConversationId,
  account: AccountId,
  revokedIn: RevokedReader,
): Promise<boolean> {
  const conversation = await context.storage.get("conversations", id);
  const person = conversation?.group?.people.find((one) => one.account === account);
  if (conversation?.group?.standing.kind !== "member" || person === undefined) return false;
  if ((await droppedOf(context, person, await me(context), revokedIn)).length === 0) return false;
  const wanted = await wantedOf(context, id);
  if (wanted.some(({ act }) => act.kind === "drop-devices" && act.account === account)) return true;
  return (
    await commit(context, { changes: [await changeRow(context, conversation, { kind: "drop-devices", account })] })
  ).ok;
}
