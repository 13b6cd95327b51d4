/** A change to the person's own row, which nobody else changed meanwhile. Writes nothing. */

import { succeedList } from "../identity/leaf-trust.ts";
import { equalBytes } from "../lang/bytes.ts";
import type { ProfileRecord } from "../ports/people-records.ts";
import type { Batch, Change } from "../ports/storage.ts";

/** `profile`: the row as it was read within the turn "profile". */
export function profileBatch(profile: ProfileRecord, change: Partial<ProfileRecord>): Required<Batch> {
  return {
    expect: [{ table: "profile", key: "me", revision: profile.revision }],
    changes: [{ kind: "put", table: "profile", row: { ...profile, ...change, revision: profile.revision + 1 } }],
  };
}

/**
 * Another device of this person made a newer list, which came with a commit or a Welcome. One that does not name this device
 * is left: what it takes away is taken away by others. SignedDeviceList bytes.
 */
export function ownListChanges(profile: ProfileRecord, deviceList: Uint8Array): readonly Change[] {
  const next = succeedList(profile.deviceList, deviceList);
  if (!next.ok || equalBytes(profile.deviceList, deviceList)) return [];
  return next.value.devices.some(({ device }) => device === profile.device)
    ? profileBatch(profile, { deviceList }).changes
    : [];
}

/** Whatever batch it is in, the own row rests on the one that it was made from. */
export function onProfileAsItWas({ expect = [], changes }: Batch): Batch {
  if (expect.some(({ table }) => table === "profile")) return { expect, changes };
  const rests = changes.flatMap((one) =>
    one.kind === "put" && one.table === "profile"
      ? profileBatch({ ...one.row, revision: one.row.revision - 1 }, {}).expect
      : [],
  );
  return { expect: [...expect, ...rests], changes };
}
