/** What is wrong with the keys of a conversation, in its row. */

import type { AccountId, DeviceId, NodeUrl } from "../lang/brand.ts";
import type { HaveOf } from "../wire/have.ts";

/**
 * `behind`: key changes were missed for good. `rolled-back`: this profile is an earlier copy of itself, whose keys were used
 * since. `lost`: the keys cannot be read. `forked`: two key changes claim the same place. `refused`: the other side could
 * not open what was sent.
 */
export type Damage = "behind" | "rolled-back" | "lost" | "forked" | "refused";

export interface GivenLeaf {
  readonly by: AccountId;
  readonly atMs: number;
  /** Where its Welcome lay; none: it came in another way. */
  readonly at?: { readonly node: NodeUrl; readonly sequence: number };
}

export interface Healing {
  readonly why: Damage;
  /** In a group, where nothing shows the damage but the word of this person. */
  readonly claimedBy?: AccountId;
  readonly sinceMs: number;
  /** Of the newest request; the private half opens the successor's Welcome. None: not asked yet. */
  readonly asked:
    | { readonly atMs: number; readonly publicPackage: Uint8Array; readonly privatePackage: Uint8Array }
    | undefined;
}

/** From a heal request whose signature holds. */
export interface Asker {
  readonly device: DeviceId;
  /** The newest group it knows. */
  readonly generation: number;
  readonly keyPackage: Uint8Array;
  /** What it has of what this device said: the profile here may be an earlier copy of itself. */
  readonly have: readonly HaveOf[];
}
