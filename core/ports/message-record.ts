/** Rows of timelines. */

import type { ActEnd, GroupEvent, OrderedAct } from "../conversation/group-acts.ts";
import type { Delivery, Held, Keeping, Trouble } from "../conversation/marks.ts";
import type { AccountId, ConversationId, DeviceId, MessageId } from "../lang/brand.ts";

/** Key: message id. */
export interface MessageRecord {
  readonly key: MessageId;
  readonly conversation: ConversationId;
  /** Sorts the timeline: the same string on every device (PROTOCOL.md §8). */
  readonly order: string;
  readonly author: AccountId;
  readonly authorDevice: DeviceId;
  /** The author's clock. */
  readonly sentAtMs: number;
  readonly receivedAtMs: number;
  /** Its place among the messages of its author's device, from 1; 0 where it has none. */
  readonly number: number;
  readonly body: MessageBody;
  /** Own messages only: per recipient device. */
  readonly deliveries: Readonly<Record<DeviceId, Delivery>>;
  /** Own messages only: promises of nodes, one for each node. */
  readonly held: readonly Held[];
  /** Own messages only: promises of contacts, one for each. */
  readonly keepings: readonly Keeping[];
  /** Own messages only: why no node holds it; forgotten once one does. */
  readonly trouble: Trouble | undefined;
  /** It did not come from its author: this member says that it was said. Absent from nearly all. */
  readonly sharedBy?: AccountId;
  /** Said in slow mode: how long after its author's text before it. Absent from nearly all. */
  readonly spacingMs?: number;
}

export type MessageBody =
  | { readonly kind: "text"; readonly text: string }
  /** A content kind of a newer Kith, kept as it came. */
  | { readonly kind: "unknown"; readonly raw: Uint8Array }
  /** What a commit did to a group; its author made the commit. */
  | { readonly kind: "event"; readonly event: GroupEvent }
  /** It said something till `by` took it away for everybody. */
  | { readonly kind: "removed"; readonly by: AccountId }
  /** Too soon after its author's text before it (slow mode): nobody shows it. `text`: of own ones; "" of others'. */
  | { readonly kind: "too-soon"; readonly text: string }
  /** Its author asks those who may to look at a message; only their devices have this row. Empty `words`: they said none. */
  | {
      readonly kind: "reported";
      readonly words: string;
      /** Its words stand in its own row alone, and go with it. */
      readonly message: MessageId;
    }
  /** An own change of a group that ended without coming into force; for the person in front of this device. */
  | {
      readonly kind: "change-ended";
      readonly act: OrderedAct;
      readonly why: ActEnd;
      readonly by: AccountId | undefined;
    }
  /** Written by this device, for the person in front of it. */
  | { readonly kind: "notice"; readonly notice: Notice };

/** `split`: a group's first node showed its members different orders of commits. `came-over`: to the part of it that stays. */
export type Notice = "keys-renewed" | "split" | "came-over";
