/** Rows of envelopes: those that are to be carried, those that were seen, those that are kept for others. */

import type { AccountId, ConversationId, DeviceId, EnvelopeHash, MessageId, NodeUrl, TopicId } from "../lang/brand.ts";

/**
 * Key: envelope hash. A row that ends when `acknowledged` lives until every recipient device has acknowledged or the
 * envelope expired; one that ends with `custody` is done once a node holds it or every device has it; one that ends with
 * `every-node` once all of the conversation's nodes hold it.
 */
export interface OutboxRecord {
  readonly key: EnvelopeHash;
  readonly conversation: ConversationId;
  readonly topic: TopicId;
  /** Sending order within the conversation. */
  readonly order: string;
  readonly envelope: Uint8Array;
  /** What is sealed in it, encoded, so that it can be sealed again for a later epoch; none in the reply to an invite. */
  readonly content: Uint8Array | undefined;
  /** The group and its epoch that it is sealed for; the epoch is -1 of what never was sealed. */
  readonly generation: number;
  readonly epoch: number;
  /** How often a recipient could not open it and it was sealed anew. */
  readonly refusals: number;
  /** A slot to take; only for the reply to an invite. */
  readonly slot: Uint8Array | undefined;
  readonly ends: "acknowledged" | "custody" | "every-node";
  /** Nodes it is left at besides the conversation's: it says where those are. */
  readonly alsoAt: readonly NodeUrl[];
  /** Devices that have not acknowledged. Empty: nobody can be reached but through the topic. */
  readonly waitingFor: readonly DeviceId[];
  /** Promises that last, one for each node that gave one. */
  readonly custodies: readonly HeldCustody[];
  /** What contacts promised, one for each. */
  readonly keepings: readonly HeldKeeping[];
  /** The message whose marks this row moves; none for profiles and acknowledgements. */
  readonly message: MessageId | undefined;
  /** It carries the message's number without its words (§13.10), and moves no mark. */
  readonly unsaid?: true;
  readonly sinceMs: number;
}

export interface HeldCustody {
  readonly node: NodeUrl;
  readonly sequence: number;
  /** When it was given, by this device's clock. */
  readonly atMs: number;
  /** What the node signed. */
  readonly untilMs: number;
  readonly signature: Uint8Array;
  /** The envelope came back from there. */
  readonly seen: boolean;
}

export interface HeldKeeping {
  readonly keeper: AccountId;
  /** Of it, the one that signed. */
  readonly device: DeviceId;
  /** By this device's clock, and never later than what was signed. */
  readonly untilMs: number;
  readonly signature: Uint8Array;
}

/** Key: envelope hash. Recorded only after the envelope was authenticated (invariant 4). */
export interface SeenRecord {
  readonly key: EnvelopeHash;
  readonly conversation: ConversationId;
  /** Whether its author waits for an acknowledgement, should it come again. */
  readonly acknowledge: boolean;
  readonly atMs: number;
  /** When its acknowledgement through the topic was noted as due last. A copy at another node soon after is not told again. */
  readonly owedAtMs: number | undefined;
}

/** Key: envelope hash and the account that gave it. Somebody else's envelope, which cannot be read here (PROTOCOL.md §7.7). */
export interface KeptRecord {
  readonly key: string;
  readonly hash: EnvelopeHash;
  readonly topic: TopicId;
  readonly from: AccountId;
  /** Whom it is still for. */
  readonly devices: readonly DeviceId[];
  readonly envelope: Uint8Array;
  /** Counts up: what was given first is handed over first. */
  readonly place: number;
  readonly untilMs: number;
}
