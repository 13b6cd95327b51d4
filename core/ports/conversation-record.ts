/** The row of a conversation, and what it has of who is new in a group. */

import type { Split } from "../conversation/epoch-marks.ts";
import type { AccountId, ConversationId, DeviceId, MessageId, NodeUrl, TopicId } from "../lang/brand.ts";
import type { HistoryShared } from "../wire/group-facts.ts";
import type { Ranges } from "../wire/have.ts";
import type { GroupOfConversation } from "./group-of-conversation.ts";
import type { Asker, GivenLeaf, Healing } from "./healing.ts";

/** Key: conversation id. */
export interface ConversationRecord {
  readonly key: ConversationId;
  readonly kind: "self" | "direct" | "group";
  /** The other person of a direct conversation. */
  readonly contact: AccountId | undefined;
  readonly group: GroupOfConversation | undefined;
  readonly muted: boolean;
  readonly topic: TopicId;
  /** Where its topic is kept, 1 to 3; the first gives the slots (PROTOCOL.md §10). Empty for self. */
  readonly nodes: readonly NodeUrl[];
  /** Order of the content that moved it there; "" where it began there. */
  readonly nodesOrder: string;
  /** This device's keys of the conversation are damaged, and it waits for a successor group (PROTOCOL.md §11). */
  readonly healing: Healing | undefined;
  /** Of a group: the newest leaf that was given to this device where somebody else may have made it ask. */
  readonly given?: GivenLeaf;
  /** Of a group: who gave such a leaf of a group in which the others were not. */
  readonly misled?: { readonly by: AccountId; readonly atMs: number };
  /** A device of the contact asks for a successor group and was not answered yet. */
  readonly asker: Asker | undefined;
  /** Of a group whose first node showed its members different orders of commits. Absent from nearly all. */
  readonly split?: Split;
  /** When this device last said the marks of a group's epochs by itself, and up to which one. */
  readonly marksTold?: { readonly epoch: number; readonly atMs: number };
  readonly draft: string;
  /** Newest hybrid logical clock given or seen here (PROTOCOL.md §8). */
  readonly clockMs: number;
  readonly clockCount: number;
  /** Order of the newest message read here; "" when none. */
  readonly readUpTo: string;
  readonly unread: number;
  /** When `readUpTo` was last moved. */
  readonly readAtMs: number;
  /** Read here, and their authors not told yet. */
  readonly readsDue: readonly MessageId[];
  /** Order of the newest message that was read here when receipts were turned on; absent where they were never off. */
  readonly receiptsFrom?: string;
  /** Number of the newest own message (PROTOCOL.md §8). */
  readonly sentNumber: number;
  /** Numbers of the others' messages that are here, by author's device. */
  readonly received: Readonly<Record<DeviceId, Ranges>>;
  /** Something here was said in slow mode, so that what was said before it and comes later can take it back. */
  readonly slowed?: true;
  /** Who came to the group while this device was in it and is to have what was said before, for a month. */
  readonly newcomers: readonly Newcomer[];
  /** When this device came to the group, and by which rule it is given what was said before. None: it was there from the first. */
  readonly came?: { readonly atMs: number; readonly history: HistoryShared };
  /** What others shared with this person of what was said before they joined. */
  readonly shared: SharedHistory | undefined;
  /** For the list: newest message. `author` is not known of one from before schema 3. */
  readonly last:
    | {
        readonly order: string;
        readonly text: string;
        readonly mine: boolean;
        readonly author: AccountId | undefined;
        readonly atMs: number;
        /** Why there are no words. */
        readonly without?: WithoutWords;
      }
    | undefined;
  readonly sinceMs: number;
}

/** Somebody took them away for everybody; said too soon after others (slow mode). */
export type WithoutWords = "removed" | "too-soon";

export interface Newcomer {
  readonly account: AccountId;
  /** Of whom added them: it shares first. */
  readonly by: DeviceId;
  readonly sinceMs: number;
  /** By the rule of that time; what they lack of it is shared with them when they ask. */
  readonly history: HistoryShared;
  readonly offered?: boolean;
  /** Those of this device to their asking: how many, with how many entries in all, and when the newest was given. */
  readonly answers?: { readonly count: number; readonly entries: number; readonly atMs: number };
}

export interface SharedHistory {
  /** Who shared the newest part. */
  readonly by: AccountId;
  /** Of its authors, who may be gone from the group, as they were told. */
  readonly names: Readonly<Record<AccountId, string>>;
  /** Numbers by author's device: those that are said to exist, and those whose entry is here. */
  readonly exist: Readonly<Record<DeviceId, Ranges>>;
  readonly here: Readonly<Record<DeviceId, Ranges>>;
  /** Those that a member told in other words than what is here. */
  readonly disputed?: Readonly<Record<DeviceId, Ranges>>;
}
