/** A change to the person's own row, which nobody else changed meanwhile. Writes nothing. */

import type { ProfileRecord } from "../ports/records.ts";
import type { Batch } from "../ports/storage.ts";

/** `profile`: the row as it was read within the turn "profile". */
export function profileBatch(profile: ProfileRecord, change: Partial<ProfileRecord>): Required<Batch> {
  return {
    expect: [{ table: "profile", key: "me", revision: profile.revision }],
    changes: [{ kind: "put", table: "profile", row: { ...profile, ...change, revision: profile.revision + 1 } }],
  };
}
