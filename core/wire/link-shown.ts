/**
 * What a link to a group shows to whoever has it (§13.9): the group as it was then, and who may answer. Whoever has the link can
 * write in its topic, so that it is signed by a device of the person who made the link. Does not know whose device that is.
 */

import { sha256 } from "../crypto/hash.ts";
import { labelled, labels } from "../crypto/labels.ts";
import { sign, verify } from "../crypto/signature.ts";
import type { AccountId, ConversationId, TopicId } from "../lang/brand.ts";
import { concat, idBytes, toHex } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { maxClockMs, maxLinkShownBytes, maxPeopleOfGroup } from "./bounds.ts";
import { decodeMessage, encodeMessage } from "./decode.ts";
import { bytesField, hashLength, hexFields, keyLength, numberField } from "./field.ts";
import { LinkShownSchema } from "./gen/kith/group_pb.js";
import { type Joining, readJoining, wireJoining } from "./group-facts.ts";
import { isEmoji, isGroupName } from "./group-text.ts";
import { checkName } from "./name.ts";

export interface LinkShown {
  /** Name of the person who made the link. */
  readonly by: string;
  readonly name: string;
  readonly emoji: string;
  readonly joining: Joining;
  readonly people: number;
  /** 32 bytes: who holds its private half answers for the link (`LinkAnswer`). */
  readonly answerKey: Uint8Array;
  /** Higher than in every one before. */
  readonly madeAtMs: number;
  /** See `linkAnswerer`; ascending, each once, 1 to 100. */
  readonly answerers: readonly string[];
}

/** The bytes to sign. */
export function encodeLinkShown({ joining, madeAtMs, answerers, ...shown }: LinkShown): Uint8Array {
  return encodeMessage(LinkShownSchema, {
    ...shown,
    joining: wireJoining(joining),
    madeAtMs: BigInt(madeAtMs),
    answerers: answerers.map(idBytes),
  });
}

export function decodeLinkShown(bytes: Uint8Array): Result<LinkShown, "malformed"> {
  const decoded = decodeMessage(LinkShownSchema, bytes, maxLinkShownBytes);
  if (!decoded.ok) return decoded;
  const { name, emoji, people, ...wire } = decoded.value;
  const by = checkName(wire.by);
  const joining = readJoining(wire.joining);
  const answerKey = bytesField(wire.answerKey, keyLength);
  const madeAtMs = numberField(wire.madeAtMs);
  const answerers = hexFields(wire.answerers, hashLength, maxPeopleOfGroup);
  if (!by.ok || joining === undefined || answerKey === undefined) return err("malformed");
  if (!isGroupName(name) || !isEmoji(emoji) || people < 1 || people > maxPeopleOfGroup) return err("malformed");
  if (madeAtMs === undefined || madeAtMs > maxClockMs || answerers === undefined || answerers.length === 0) {
    return err("malformed");
  }
  if (answerers.some((one, index) => one <= (answerers[index - 1] ?? ""))) return err("malformed");
  return ok({ by: by.value, name, emoji, joining, people, answerKey, madeAtMs, answerers });
}

/** `seed`: of the device. */
export function signLinkShown(topic: TopicId, shown: Uint8Array, seed: Uint8Array): Uint8Array {
  return sign(labels.linkShown, concat(idBytes(topic), shown), seed);
}

export function isLinkShownOf(topic: TopicId, shown: Uint8Array, signature: Uint8Array, key: Uint8Array): boolean {
  return verify(labels.linkShown, concat(idBytes(topic), shown), signature, key);
}

/**
 * Who may answer, as 64 hex characters. The id of the conversation is in it, which only those know who are or were in the group:
 * it binds the answer to that group, and nobody else can try out accounts.
 */
export function linkAnswerer(topic: TopicId, conversation: ConversationId, account: AccountId): string {
  return toHex(sha256(labelled(labels.linkAnswerer, concat(idBytes(topic), idBytes(conversation), idBytes(account)))));
}
