/** Rows about persons: this profile, those it knows, its invites, and key packages that were given. */

import type { AccountId, ConversationId, DeviceId, InviteId, NodeUrl } from "../lang/brand.ts";

/** One row, key "me". */
export interface ProfileRecord {
  readonly key: "me";
  readonly revision: number;
  readonly name: string;
  readonly entropy: Uint8Array;
  readonly account: AccountId;
  readonly device: DeviceId;
  readonly deviceSeed: Uint8Array;
  /** SignedDeviceList bytes. */
  readonly deviceList: Uint8Array;
  /** Where this person's mail waits, 1 to 3, in order. */
  readonly nodes: readonly NodeUrl[];
  /** Whether others are told what was read here; only then are their receipts shown. */
  readonly receipts: boolean;
  /** No link of this device is direct, with anybody. */
  readonly relayOnly: boolean;
}

/** `invite-used`: somebody else answered the invite before me, so they never got my reply. */
export type ContactState =
  | "requested"
  | "accepted"
  | "blocked"
  | "invite-used"
  /** Known from groups only. Nobody links with them or tells them anything but in a group. */
  | "stranger";

/** Key: account id. */
export interface ContactRecord {
  readonly key: AccountId;
  /** As they call themselves; of a stranger who said nothing yet, as whoever added them did. */
  readonly name: string;
  /** As this person calls them; "" where they gave them no name of their own. */
  readonly knownAs: string;
  /** SignedDeviceList bytes, the newest accepted. */
  readonly deviceList: Uint8Array;
  readonly state: ContactState;
  /** Of somebody blocked in a group: what they were before. */
  readonly before?: Exclude<ContactState, "blocked">;
  readonly verified: boolean;
  /** True once something of theirs was opened or acknowledged: the way back works. */
  readonly answered: boolean;
  /** Links with this person's devices are never direct. */
  readonly relayOnly: boolean;
  /** Where they look for mail besides a conversation's nodes. Of somebody not accepted it is kept and never called. */
  readonly nodes: readonly NodeUrl[];
  /** Order of the content that told name and nodes: an older one that comes later changes nothing. */
  readonly profileOrder: string;
  /** This person agreed to keep envelopes for them while no node is in reach. */
  readonly keepsFor: boolean;
  /** They agreed to keep for this person. */
  readonly keeper: boolean;
  /** Order of the content that told `keeper`; "" when none did. */
  readonly keeperOrder: string;
  readonly sinceMs: number;
}

/** Key: invite id. */
export interface InviteRecord {
  readonly key: InviteId;
  readonly link: string;
  readonly secret: Uint8Array;
  /** Where its topic is: the link names it. */
  readonly node: NodeUrl;
  /** Where the conversation may be kept that an answer begins; `node` is one of them. */
  readonly nodes: readonly NodeUrl[];
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** Private half of the KeyPackage that went into the bundle; removed once used. */
  readonly keyPackage: { readonly publicPackage: Uint8Array; readonly privatePackage: Uint8Array } | undefined;
  readonly envelope: Uint8Array;
  readonly published: boolean;
  /** Taken back by its maker; kept until the node has closed it to everybody. */
  readonly withdrawn: boolean;
  /** How long the node keeps what is left there, known once published. Tells whether a reply was left in time. */
  readonly retentionMs: number;
  readonly usedBy: AccountId | undefined;
}

/** Key: SHA-256 of the public half. One that was given to a contact, or one of theirs. */
export interface KeyPackageRecord {
  readonly key: string;
  /** To whom it was given, or who gave it. */
  readonly account: AccountId;
  /** Whose device it is. */
  readonly device: DeviceId;
  readonly publicPackage: Uint8Array;
  /** Own ones only. */
  readonly privatePackage: Uint8Array | undefined;
  readonly sinceMs: number;
  /** A Welcome was made, or came, with it; the last one there is stays in use until there are others. */
  readonly usedAtMs: number | undefined;
  /** Own ones: with which a leaf was asked for in a group that this device knows nothing of any more (PROTOCOL.md §13.7). */
  readonly lost?: ConversationId;
}
