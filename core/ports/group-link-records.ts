/** Rows of links to groups, of those who ask by them, and of groups that this person asked to be let into. */

import type { AccountId, ConversationId, DeviceId, InviteId, NodeUrl, TopicId } from "../lang/brand.ts";

/** Key: topic of the link. A link to a group, which this device answers as every other of owner and admins does. */
export interface GroupLinkRecord {
  readonly key: TopicId;
  readonly conversation: ConversationId;
  readonly id: InviteId;
  readonly link: string;
  readonly secret: Uint8Array;
  readonly node: NodeUrl;
  readonly by: AccountId;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** Persons who may join with it. */
  readonly budget: number;
  /** Who came with it, as the group's commits say. */
  readonly joined: readonly AccountId[];
  /** Envelopes that the node does not have yet, in order: what the link shows, answers and Welcomes. */
  readonly toLeave: readonly Uint8Array[];
  /** Of the key that signs its answers. */
  readonly answerSeed: Uint8Array;
  /** Kept till it expires, so that an older word of it does not bring it back. */
  readonly withdrawn: boolean;
  /** This device made somebody an admin, who is to be told of it. */
  readonly tell: boolean;
  /** None while nothing of its maker's was read there. */
  readonly shown: LinkShownRow | undefined;
}

/** What a link shows, as far as who may answer (PROTOCOL.md §13.9): the newest of its maker's devices. */
export interface LinkShownRow {
  /** SignedDeviceList bytes of who made the link. */
  readonly deviceList: Uint8Array;
  /** Of it, the one that signed. */
  readonly device: DeviceId;
  readonly madeAtMs: number;
  /** See `linkAnswerer`. */
  readonly answerers: readonly string[];
}

/** Key: topic of the link and account. Somebody who asks to be let in. */
export interface JoinRequestRecord {
  readonly key: string;
  readonly conversation: ConversationId;
  readonly link: TopicId;
  readonly account: AccountId;
  readonly name: string;
  /** SignedDeviceList bytes, checked. */
  readonly deviceList: Uint8Array;
  readonly keyPackages: readonly Uint8Array[];
  readonly atMs: number;
  /** `joinRequestId` as hex; "" while only older ones are known of. */
  readonly request: string;
  /** Of requests of theirs that were refused or taken back: somebody may leave them in the topic again. */
  readonly over: readonly string[];
}

/** Key: topic of the link. A group that this person asked to be let into. */
export interface AskedRecord {
  readonly key: TopicId;
  /** Who made the link, and answers. */
  readonly by: AccountId;
  readonly node: NodeUrl;
  readonly publicPackage: Uint8Array;
  readonly privatePackage: Uint8Array;
  /** Of earlier requests with this link, the newest first: a Welcome to one may be under way. */
  readonly earlier: readonly { readonly publicPackage: Uint8Array; readonly privatePackage: Uint8Array }[];
  /** The request, or that it is taken back, till the node has it. */
  readonly envelope: Uint8Array | undefined;
  /** When it was asked, or taken back. */
  readonly atMs: number;
  /** What the link shows. */
  readonly name: string;
  readonly emoji: string;
  readonly people: number;
  readonly expiresAtMs: number;
  readonly answerKey: Uint8Array;
  readonly shown: LinkShownRow;
  /** `joinRequestId`. */
  readonly request: Uint8Array;
  /** A Welcome counts after any of them: who took it back is in the group then, and leaves it. */
  readonly state: "waiting" | "refused" | "withdrawn" | "taken-back";
}
