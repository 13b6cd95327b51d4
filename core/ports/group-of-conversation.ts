/** A group as lists show it, in the row of its conversation. */

import type { OwnerMissed } from "../conversation/owner-claims.ts";
import type { AccountId, DeviceId } from "../lang/brand.ts";
import type { GroupFacts } from "../wire/group-facts.ts";

/** A group as it is in the epoch that is in use: what its MLS state says, at hand for lists. Once over, as it was last. */
export interface GroupOfConversation {
  readonly facts: GroupFacts;
  /** Ascending by account, this person among them while they are a member. */
  readonly people: readonly GroupPerson[];
  readonly standing:
    | { readonly kind: "member" }
    | { readonly kind: "left"; readonly atMs: number }
    | { readonly kind: "removed"; readonly by: AccountId; readonly atMs: number };
  /** Of an owner who is gone, as some say. Absent from nearly all. */
  readonly missed?: OwnerMissed;
  /** Whom it removed, and nobody let in again since, as `putOutMark` names them: the newest last. Absent where nobody is. */
  readonly putOut?: readonly string[];
}

export interface GroupPerson {
  readonly account: AccountId;
  readonly devices: readonly DeviceId[];
  /** Said that they leave; the statement goes into the commit that carries it out. */
  readonly leaving:
    | {
        readonly device: DeviceId;
        readonly signature: Uint8Array;
        /** Of this person, on the device that leaves: the epoch in which it was said. */
        readonly saidIn?: number;
      }
    | undefined;
}
