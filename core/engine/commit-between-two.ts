/** New keys for the own leaf between two people (§10): the commit, sealed, with the slot it takes. Writes nothing. */

import { sealNonceBytes } from "../crypto/seal.ts";
import { renewLeaf } from "../group/messages.ts";
import type { PendingCommit } from "../ports/group-records.ts";
import { sealEnvelope } from "../wire/envelope.ts";
import { commitSlot, deriveTopic } from "../wire/topic.ts";
import type { Context } from "./context.ts";
import { type Speaking, secretOfEpoch } from "./epoch.ts";
import { leafCheckWith } from "./roster.ts";

export async function directRenewal(
  context: Context,
  { group, topic, conversation }: Speaking,
): Promise<PendingCommit> {
  const check = await leafCheckWith(context, conversation.contact);
  const made = await renewLeaf(group.state, check);
  const secret = secretOfEpoch(group, group.epoch);
  if (secret === undefined) throw new Error("a group row without the secret of its epoch");
  const key = deriveTopic(topic.secret).envelopeKey;
  const nonce = context.random.bytes(sealNonceBytes);
  const payload = { kind: "mls", message: made.commit, generation: group.generation } as const;
  const envelope = sealEnvelope(key, topic.key, payload, nonce);
  if (!envelope.ok) throw new Error("a leaf renewal does not fit an envelope");
  return {
    state: made.next,
    envelope: envelope.value,
    parts: [],
    slot: commitSlot(secret, group.epoch),
    commit: undefined,
    change: undefined,
    welcome: undefined,
  };
}
