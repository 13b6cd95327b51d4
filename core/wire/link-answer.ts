/**
 * What became of a request to join a group by a link, or of the link itself (§13.9): a line in the link's topic. Whoever has
 * the link can write there, so that each is signed. Does not know whose key it is.
 */

import { labels } from "../crypto/labels.ts";
import { sign, verify } from "../crypto/signature.ts";
import type { TopicId } from "../lang/brand.ts";
import { concat, idBytes, noBytes } from "../lang/bytes.ts";
import { bytesField, hashLength, signatureLength } from "./field.ts";
import { type GroupLinkAnswer, LinkAnswer as WireAnswer } from "./gen/kith/group_pb.js";

export interface LinkAnswer {
  readonly what: LinkAnswerKind;
  /** `joinRequestId`, 32 bytes; none where the link is withdrawn. */
  readonly request: Uint8Array;
  readonly signature: Uint8Array;
}

/** `taken-back`: by who asked, signed with the key of the first KeyPackage of the request. The others by the link's answer key. */
export type LinkAnswerKind = "refused" | "withdrawn" | "taken-back";

const kinds = {
  refused: WireAnswer.REFUSED,
  withdrawn: WireAnswer.WITHDRAWN,
  "taken-back": WireAnswer.TAKEN_BACK,
} as const;

export function wireLinkAnswer({ what, request, signature }: LinkAnswer) {
  return { kind: kinds[what], request, signature };
}

export function readLinkAnswer(wire: GroupLinkAnswer): LinkAnswer | undefined {
  const what = (Object.keys(kinds) as LinkAnswerKind[]).find((kind) => kinds[kind] === wire.kind);
  const request = bytesField(wire.request, what === "withdrawn" ? 0 : hashLength);
  const signature = bytesField(wire.signature, signatureLength);
  return what && request && signature && { what, request, signature };
}

/** `seed`: of the answer key, or of the device that asked. */
export function signLinkAnswer(
  topic: TopicId,
  what: LinkAnswerKind,
  seed: Uint8Array,
  request: Uint8Array = noBytes,
): LinkAnswer {
  return { what, request, signature: sign(labels.linkAnswer, answerMessage(topic, what, request), seed) };
}

export function isLinkAnswerOf({ what, request, signature }: LinkAnswer, topic: TopicId, key: Uint8Array): boolean {
  return verify(labels.linkAnswer, answerMessage(topic, what, request), signature, key);
}

function answerMessage(topic: TopicId, what: LinkAnswerKind, request: Uint8Array): Uint8Array {
  return concat(idBytes(topic), Uint8Array.of(kinds[what]), request);
}
