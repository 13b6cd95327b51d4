/** The part of the public face that is about messages: a timeline, and how far each of one's own has come. */

import type { AccountId, DeviceId, MessageId, NodeUrl } from "../lang/brand.ts";
import type { ChangeEndView, GroupEventView } from "./group-face.ts";

/** Weakest of all recipient devices. `saved`: on this device, waiting. */
export type MessageMark =
  | { readonly kind: "saved" }
  | { readonly kind: "held"; readonly untilMs: number }
  /** No node holds it; a contact who agreed keeps it until they are linked with whom it is for. */
  | { readonly kind: "kept"; readonly untilMs: number }
  | { readonly kind: "delivered"; readonly atMs: number }
  /** Their receipt came then; shown only while both sides give receipts. */
  | { readonly kind: "read"; readonly atMs: number }
  /** No node takes it or keeps it, and nobody has it yet: something has to be done (`TroubleView`). */
  | { readonly kind: "trouble"; readonly trouble: TroubleView }
  /** The other device could not open it. */
  | { readonly kind: "refused" }
  /** The node's promise ended before anybody fetched it. */
  | { readonly kind: "expired" }
  /** In a group: before everybody had it the rules forbade it. Who has no fact that says otherwise does not get it. */
  | ({ readonly kind: "unsaid" } & UnsaidView);

/** `not-allowed`: only admins write there. `too-soon`: slow mode. `atMs`: when it would have been sent. */
export interface UnsaidView {
  readonly why: "not-allowed" | "too-soon";
  readonly atMs: number;
}

/** Why a node does not hold a message. `broke-promise`: it had signed that it does. */
export interface TroubleView {
  readonly node: NodeUrl;
  readonly what: "full" | "refused" | "broke-promise";
  readonly atMs: number;
}

/** What is known of one own message, each fact with its time. */
export interface MessageInfoView {
  readonly id: MessageId;
  readonly mark: MessageMark | undefined;
  readonly sentAtMs: number;
  /** Signed promises. `over`: its time has passed; `broken`: the node does not have it any more. */
  readonly held: readonly {
    readonly node: NodeUrl;
    readonly atMs: number;
    readonly untilMs: number;
    readonly state: "kept" | "over" | "broken";
  }[];
  /** Signed promises of contacts who agreed to keep for this person. */
  readonly keepings: readonly {
    readonly account: AccountId;
    readonly name: string;
    readonly atMs: number;
    readonly untilMs: number;
    readonly state: "kept" | "over";
  }[];
  /** One for each device it is for. */
  readonly recipients: readonly {
    readonly account: AccountId;
    readonly name: string;
    readonly device: DeviceId;
    readonly deliveredAtMs: number | undefined;
    readonly readAtMs: number | undefined;
    readonly refusedAtMs: number | undefined;
    readonly unsaid?: UnsaidView;
  }[];
  readonly trouble: TroubleView | undefined;
  /** Still tried by itself, with whoever has not acknowledged it. */
  readonly underWay: boolean;
}

export interface MessageView {
  readonly id: MessageId;
  readonly order: string;
  readonly mine: boolean;
  readonly author: AccountId;
  readonly sentAtMs: number;
  readonly body:
    | { readonly kind: "text"; readonly text: string }
    | { readonly kind: "unknown" }
    /** Said by this device to the person in front of it; nobody's message. */
    | { readonly kind: "notice"; readonly notice: "keys-renewed" | "split" | "came-over" }
    /** What became of an own change of the group that did not come into force; for this person alone. */
    | { readonly kind: "change-ended"; readonly end: ChangeEndView }
    /** What `author` did in the group. */
    | { readonly kind: "event"; readonly event: GroupEventView }
    /** Its author asks for a look at a message, as whoever may remove it is told. `about`: what it says, where that is known here. */
    | {
        readonly kind: "reported";
        readonly words: string;
        readonly about: { readonly author: AccountId; readonly text: string } | undefined;
      }
    /** There was a message, which `by` took away for everybody. */
    | { readonly kind: "removed"; readonly by: AccountId }
    /** An own one that nobody is shown: in slow mode, too soon after another one of this person. */
    | { readonly kind: "too-soon"; readonly text: string };
  /** Its author is blocked: not shown unless asked for. */
  readonly hidden: boolean;
  /** It is from before this person came to the group: not its author but this member says that it was said. */
  readonly sharedBy: AccountId | undefined;
  /** Own messages to others only. */
  readonly mark: MessageMark | undefined;
  /** Own messages in groups: to how many of the persons it was for it came, and how many let it be seen that they read it. */
  readonly reached: { readonly delivered: number; readonly read: number; readonly of: number } | undefined;
}

export interface TimelineView {
  /** Ascending. */
  readonly messages: readonly MessageView[];
  /** Older ones exist beyond the window. */
  readonly more: boolean;
}
