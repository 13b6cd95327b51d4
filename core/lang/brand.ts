/** Nominal types over strings: an id of one kind cannot be passed where another is meant. */

declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Lower-case hex of the Ed25519 account key (64 characters). */
export type AccountId = Brand<string, "AccountId">;
/** Lower-case hex of 16 random bytes. */
export type DeviceId = Brand<string, "DeviceId">;
/** Lower-case hex of 16 random bytes; outlives every group state of the conversation. */
export type ConversationId = Brand<string, "ConversationId">;
/** `<author device>/<16 hex>`: scoped to its author (invariant 5). */
export type MessageId = Brand<string, "MessageId">;
/** Lower-case hex of a topic's Ed25519 public key. */
export type TopicId = Brand<string, "TopicId">;
/** Lower-case hex of SHA-256 over the sealed envelope. */
export type EnvelopeHash = Brand<string, "EnvelopeHash">;
/** Lower-case hex of 16 random bytes; local to this profile. */
export type InviteId = Brand<string, "InviteId">;
/** A node's address: `http:` or `https:` origin without a path. */
export type NodeUrl = Brand<string, "NodeUrl">;
