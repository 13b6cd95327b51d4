/** The row of a topic, and how far it was read at its nodes. */

import type { AccountId, ConversationId, EnvelopeHash, InviteId, NodeUrl, TopicId } from "../lang/brand.ts";

/** Key: topic id. Followed as long as the row is here. */
export interface TopicRecord {
  readonly key: TopicId;
  readonly secret: Uint8Array;
  /** Where it is read; for an invite or a reply there is one. */
  readonly places: readonly Place[];
  /** Envelopes that came through this topic and whose acknowledgement is due. */
  readonly due: readonly { readonly hash: EnvelopeHash; readonly refused: boolean }[];
  readonly purpose:
    | { readonly kind: "conversation"; readonly conversation: ConversationId }
    | { readonly kind: "invite"; readonly invite: InviteId }
    /** Written to once, to answer somebody's invite; never followed. */
    | { readonly kind: "reply"; readonly conversation: ConversationId }
    /** Pieces of a group's history are left there for somebody new (§13.12); never followed, and gone once they are. */
    | { readonly kind: "history-left"; readonly conversation: ConversationId }
    /** Pieces are read there. */
    | ({ readonly kind: "history" } & HistoryOffer);
}

export interface HistoryOffer {
  readonly conversation: ConversationId;
  readonly by: AccountId;
  /** HistoryCapsule as it was signed. */
  readonly capsule: Uint8Array;
  /** Index of the next piece. */
  readonly next: number;
  /** What has not come by then does not come any more. */
  readonly untilMs: number;
}

/** A topic at one node, with sequences of its own. */
export interface Place {
  readonly node: NodeUrl;
  /** Last sequence taken in, or passed because its time has not come. */
  readonly cursor: number;
  /** The lowest sequence whose keys were not here yet: read again from there once they are. */
  readonly ahead: number | undefined;
  /** Changes of a group may have been here that this device did not take: entries were gone, or one could not be opened. */
  readonly incomplete?: true;
  /** The conversation was moved away from here then; read for a while still, for what others left before they knew. */
  readonly leftAtMs: number | undefined;
}
