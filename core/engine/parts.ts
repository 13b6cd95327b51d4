/** Sealing for a topic what may be too large for an envelope (§13.8). Writes nothing. */

import { cut } from "../conversation/parts.ts";
import { sealNonceBytes } from "../crypto/seal.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { type Payload, sealEnvelope } from "../wire/envelope.ts";
import type { Whole } from "../wire/group-payload.ts";
import { envelopeKeyOf } from "../wire/topic.ts";
import type { Context } from "./context.ts";

export interface SealedWhole {
  /** Goes after its `parts`, which are none where it is small enough. */
  readonly envelope: Uint8Array;
  readonly parts: readonly Uint8Array[];
}

/** `bytes`: MLSMessage bytes. `undefined`: too large even in parts. */
export function sealedWhole(
  context: Context,
  topic: Pick<TopicRecord, "key" | "secret">,
  of: Whole["of"],
  bytes: Uint8Array,
): SealedWhole | undefined {
  const payload: Payload =
    of === "commit" ? { kind: "mls", message: bytes, generation: 0 } : { kind: "welcome", welcome: bytes };
  const whole = sealed(context, topic, payload);
  if (whole !== undefined) return { envelope: whole, parts: [] };
  const pieces = cut(bytes, of);
  if (!pieces.ok) return undefined;
  const parts = pieces.value.parts.map((part) => sealed(context, topic, { kind: "part", ...part }));
  const head = sealed(context, topic, { kind: "whole", ...pieces.value.whole });
  if (head === undefined || parts.some((part) => part === undefined))
    throw new Error("a part does not fit an envelope");
  return { envelope: head, parts: parts.filter((part) => part !== undefined) };
}

function sealed(
  context: Context,
  topic: Pick<TopicRecord, "key" | "secret">,
  payload: Payload,
): Uint8Array | undefined {
  const key = envelopeKeyOf(topic.secret);
  const envelope = sealEnvelope(key, topic.key, payload, context.random.bytes(sealNonceBytes));
  return envelope.ok ? envelope.value : undefined;
}
