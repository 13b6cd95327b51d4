/**
 * What can be wanted of a group and what is told of it afterwards (§13). An act is an intention of one person or device; it
 * becomes a commit when its turn comes, as the group is then, or ends without one.
 */

import type { AccountId, DeviceId, NodeUrl } from "../lang/brand.ts";
import type { HistoryShared, Joining, Writers } from "../wire/group-facts.ts";
import type { OwnerClaim } from "../wire/succession.ts";

export interface Rules {
  /** Who may write: everybody, or owner and admins (an announcement group). */
  readonly writers: Writers;
  /** Seconds between two messages of a member, 0 to 86,400; 0: no slow mode. Owner and admins are not slowed. */
  readonly slowModeS: number;
  /** What somebody new gets of what was said before. */
  readonly history: HistoryShared;
  /** Whether an admin lets in who comes by a link, or anybody's device that is there. */
  readonly joining: Joining;
}

/** What a person orders. */
export type GroupAct =
  | { readonly kind: "add"; readonly people: readonly AccountId[] }
  | { readonly kind: "remove"; readonly account: AccountId }
  | { readonly kind: "role"; readonly account: AccountId; readonly role: "admin" | "member" }
  | { readonly kind: "hand-over"; readonly account: AccountId }
  | { readonly kind: "rename"; readonly name: string }
  | { readonly kind: "describe"; readonly description: string }
  /** One emoji, or "" for initials. */
  | { readonly kind: "picture"; readonly emoji: string }
  | { readonly kind: "rules"; readonly rules: Rules }
  /** To be kept at these from now on, 1 to 3; the first orders the changes. */
  | { readonly kind: "move"; readonly nodes: readonly NodeUrl[] };

/** Somebody who came by a link is to be let in, as a person said. `name`: as they call themselves. */
export interface LetIn {
  readonly kind: "let-in";
  readonly account: AccountId;
  readonly name: string;
}

/** What a person ordered, and is told of. */
export type OrderedAct = GroupAct | LetIn;

/** What a device does by itself for the others. */
export type DeviceAct =
  /** Carries out what somebody said who left. */
  | { readonly kind: "see-off"; readonly account: AccountId }
  /** Lets in somebody who came by a link to a group that is open. */
  | { readonly kind: "let-in"; readonly account: AccountId; readonly name?: undefined }
  /** Gives a member's device a leaf: one that is new to the group, or a new one where its keys are damaged. */
  | {
      readonly kind: "give-leaf";
      readonly account: AccountId;
      readonly device: DeviceId;
      readonly asked: AskedLeaf;
      readonly notBeforeMs: number;
      /** It was asked for in the conversation between two, and the Welcome goes there: the device knows nothing of the group. */
      readonly between?: true;
    }
  /** Takes the leaves away of devices that a member revoked. */
  | { readonly kind: "drop-devices"; readonly account: AccountId }
  /** Carries out what a quorum confirmed: somebody else is the owner. */
  | ({ readonly kind: "succeed" } & OwnerClaim)
  /** New keys for the own leaf. */
  | { readonly kind: "renew" };

/** The newest request of the device, which was checked. None: it was carried out, and the next one has to wait a while. */
export type AskedLeaf =
  | {
      readonly keyPackage: Uint8Array;
      readonly signature: Uint8Array;
      /** SignedDeviceList bytes that name the device. */
      readonly deviceList: Uint8Array;
    }
  | undefined;

export type Act = OrderedAct | DeviceAct;

/** Why an act ends without a commit. `other-part`: it had come into force in a part of the group that did not stay. `full`: no room for anybody it would add. `gone`: whom it is about is no member any more, or does not ask to be. */
export type ActEnd = "moot" | "not-allowed" | "removed-myself" | "full" | "gone" | "other-part";

/** One line of a group's timeline; the same on every device. */
export type GroupEvent =
  /** `from`: as a copy of the group with that name. */
  | { readonly kind: "created"; readonly from?: string }
  | { readonly kind: "added"; readonly people: readonly AccountId[] }
  | { readonly kind: "removed"; readonly people: readonly AccountId[] }
  | { readonly kind: "left"; readonly account: AccountId }
  /** By a link. `open`: at once, so that nobody let them in. */
  | { readonly kind: "joined"; readonly account: AccountId; readonly open?: true }
  /** Of a member, who had others before. */
  | { readonly kind: "new-device"; readonly account: AccountId }
  | { readonly kind: "renamed"; readonly name: string }
  | { readonly kind: "described" }
  | { readonly kind: "pictured"; readonly emoji: string }
  /** Kept at these nodes from then on. */
  | { readonly kind: "moved"; readonly nodes: readonly NodeUrl[] }
  | { readonly kind: "role"; readonly account: AccountId; readonly role: "admin" | "member" }
  | { readonly kind: "handed-over"; readonly account: AccountId }
  /** `was` (undefined: the group had none) is gone, as `agreed` of the `of` who decide confirmed. */
  | {
      readonly kind: "owner-replaced";
      readonly account: AccountId;
      readonly was: AccountId | undefined;
      readonly agreed: number;
      readonly of: number;
      readonly voters: "admins" | "members";
    }
  /** Somebody says that the owner is gone and who should be it, or takes that back. Said, by no commit. */
  | { readonly kind: "owner-gone"; readonly owner: AccountId | undefined; readonly next: AccountId }
  | { readonly kind: "owner-gone-withdrawn"; readonly owner: AccountId | undefined }
  /** They were heard, so that nobody takes their place. Of this device alone. */
  | { readonly kind: "owner-here"; readonly account: AccountId }
  | { readonly kind: "rules"; readonly before: Rules; readonly after: Rules };
