/** The keys of a topic, from the secret that its readers and writers share (§2, §5.2). Does not know who they are. */

import { deriveKey } from "../crypto/kdf.ts";
import { labels } from "../crypto/labels.ts";
import { publicKeyOf } from "../crypto/signature.ts";
import type { ConversationId, TopicId } from "../lang/brand.ts";
import { idBytes, toHex, uint64 } from "../lang/bytes.ts";

/** `seed` proves the right to the topic to a node; `envelopeKey` opens what lies in it. */
export interface TopicKeys {
  readonly topic: TopicId;
  readonly seed: Uint8Array;
  readonly envelopeKey: Uint8Array;
}

export function deriveTopic(topicSecret: Uint8Array): TopicKeys {
  const seed = deriveKey(topicSecret, labels.topicKey);
  return {
    topic: toHex(publicKeyOf(seed)) as TopicId,
    seed,
    envelopeKey: envelopeKeyOf(topicSecret),
  };
}

/** For whoever reads much: the rest of a topic's keys takes a hundred times as long. */
export function envelopeKeyOf(topicSecret: Uint8Array): Uint8Array {
  return deriveKey(topicSecret, labels.envelopeKey);
}

/** From the secret in an invite link: the topic secret of its rendezvous. */
export function inviteTopicSecret(inviteSecret: Uint8Array): Uint8Array {
  return deriveKey(inviteSecret, labels.inviteTopic);
}

/** Of a group, once a commit removed a device: the secret of its next topic, which nobody who is gone can work out (§13.4). */
export function rotatedTopicSecret(newEpochSecret: Uint8Array, conversation: ConversationId): Uint8Array {
  return deriveKey(newEpochSecret, labels.groupTopic, idBytes(conversation));
}

/** The slot of the commit that ends an epoch (§10). */
export function commitSlot(epochSecret: Uint8Array, epoch: number): Uint8Array {
  return deriveKey(epochSecret, labels.slot, uint64(epoch));
}

/** The slot of the one reply that a one-time invite can get (§5.3). */
export function acceptSlot(inviteSecret: Uint8Array): Uint8Array {
  return deriveKey(inviteSecret, labels.accept);
}
