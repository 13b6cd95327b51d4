// A group's row as the engine sees it, off a memory disk: with its trees and the envelope of a commit that waits, which have rows of their own there.
import { toHex } from "../../core/lang/bytes.ts";
import type { GroupRecord, TreeRecord } from "../../core/ports/group-records.ts";
import type { Disk } from "./memory-storage.ts";

export function wholeGroup({ tables }: Disk, row: GroupRecord): GroupRecord {
  const rows = tables.get("trees") as ReadonlyMap<string, TreeRecord> | undefined;
  const whole = ({ live, trees }: GroupRecord["state"]): GroupRecord["state"] => ({
    live,
    trees: new Map(
      [...trees].flatMap(([epoch, bytes]) => {
        const tree = bytes.length === 32 ? rows?.get(`${row.key} ${toHex(bytes)}`)?.bytes : bytes;
        return tree === undefined ? [] : [[epoch, tree] as const];
      }),
    ),
  });
  const envelopeOf = (envelope: Uint8Array) => rows?.get(`${row.key} ${toHex(envelope)}`)?.bytes ?? envelope;
  const { pending } = row;
  return {
    ...row,
    state: whole(row.state),
    pending: pending && { ...pending, state: whole(pending.state), envelope: envelopeOf(pending.envelope) },
  };
}

/** One that nothing can be read of. */
export const unreadable: GroupRecord["state"] = { live: Uint8Array.of(1, 2, 3), trees: new Map() };
