/**
 * Kinds of content that belong to groups (§13). What they are worth depends on who says them: that is decided in
 * `conversation`.
 */

import type { AccountId, ConversationId, DeviceId, MessageId, NodeUrl, TopicId } from "../lang/brand.ts";
import { idBytes } from "../lang/bytes.ts";
import { assertNever } from "../lang/result.ts";
import {
  maxClockMs,
  maxGroupsThere,
  maxHistoryCapsuleBytes,
  maxInviteBudget,
  maxKeyPackageBytes,
  maxKeyPackagesLeft,
  maxReportCharacters,
} from "./bounds.ts";
import {
  bytesField,
  distinct,
  hexField,
  hexFields,
  idLength,
  isWithin,
  keyLength,
  numberField,
  secretLength,
  signatureLength,
} from "./field.ts";
import type {
  GroupInviteContent,
  HistoryOfferContent,
  LeafWantedContent,
  NotForContent,
  ThereContent,
  Content as WireContent,
} from "./gen/kith/content_pb.js";
import { type Ranges, readRanges, wireRanges } from "./have.ts";
import { messageRef, readMessageRef } from "./message-ref.ts";
import { parseNodeUrl } from "./node-url.ts";
import { type OwnerClaim, readClaim, wireClaim } from "./succession.ts";
import { checkText } from "./text.ts";

/** A link to a group as its members know it. */
export interface GroupInvite {
  /** 16 bytes, as in the link. */
  readonly secret: Uint8Array;
  readonly node: NodeUrl;
  readonly expiresAtMs: number;
  /** Persons who may join with it. */
  readonly budget: number;
  readonly withdrawn: boolean;
  /** In the link. */
  readonly account: AccountId;
  /** 32 bytes: of the key that signs what the link's topic says of requests (§13.9). */
  readonly answerSeed: Uint8Array;
  /** Who came with it so far, ascending. */
  readonly joined: readonly AccountId[];
}

export type GroupContentBody =
  /** KeyPackages of the sending device, 1 to 4. */
  | { readonly kind: "key-packages"; readonly packages: readonly Uint8Array[] }
  /** 64 bytes; see `leaveMessage`. */
  | { readonly kind: "leave"; readonly signature: Uint8Array }
  | ({ readonly kind: "group-invite" } & GroupInvite)
  | { readonly kind: "remove-message"; readonly message: MessageId }
  /** `text`: why, "" where nothing was said. */
  | { readonly kind: "report"; readonly message: MessageId; readonly text: string }
  /** `capsule`: an encoded HistoryCapsule, `signature` by the sending device over it. */
  | {
      readonly kind: "history-offer";
      readonly topicSecret: Uint8Array;
      readonly capsule: Uint8Array;
      readonly signature: Uint8Array;
    }
  | ({ readonly kind: "owner-gone"; readonly withdrawn: boolean } & OwnerClaim)
  /** 64 bytes; see `absenceMessage`. */
  | ({ readonly kind: "owner-confirm"; readonly signature: Uint8Array } & OwnerClaim)
  /** In place of a text with the same id and number, which may not be said any more. */
  | { readonly kind: "unsaid" }
  /** Numbers of the sending device, at least one run, of what it said when `device` was not there. */
  | { readonly kind: "not-for"; readonly device: DeviceId; readonly ranges: Ranges }
  /** At least one, each once. */
  | { readonly kind: "there"; readonly groups: readonly GroupThere[] }
  /** `signature`: see `healRequestMessage`, of generation 0. */
  | {
      readonly kind: "leaf-wanted";
      readonly conversation: ConversationId;
      readonly keyPackage: Uint8Array;
      readonly signature: Uint8Array;
    };

/** Between two people, of groups that both are in. */
export type AboutGroups = Extract<GroupContentBody, { readonly kind: "there" | "leaf-wanted" }>;

/** A group in which devices of the other one are, and its topic of now. */
export interface GroupThere {
  readonly conversation: ConversationId;
  readonly topic: TopicId;
}

/** A fresh literal would be given the optional fields of its neighbours. */
const nothing: Readonly<Record<never, never>> = {};

export function wireGroupContent(body: GroupContentBody) {
  switch (body.kind) {
    case "key-packages":
      return { case: "keyPackages" as const, value: { packages: [...body.packages] } };
    case "leave":
      return { case: "leave" as const, value: { signature: body.signature } };
    case "group-invite": {
      const { kind: _, expiresAtMs, account, joined, ...value } = body;
      const people = { account: idBytes(account), joined: joined.map(idBytes) };
      return { case: "groupInvite" as const, value: { ...value, ...people, expiresAtMs: BigInt(expiresAtMs) } };
    }
    case "remove-message":
      return { case: "removeMessage" as const, value: { message: messageRef(body.message) } };
    case "report":
      return { case: "report" as const, value: { message: messageRef(body.message), text: body.text } };
    case "history-offer": {
      const { kind: _, ...value } = body;
      return { case: "historyOffer" as const, value };
    }
    case "owner-gone":
      return { case: "ownerGone" as const, value: { ...wireClaim(body), withdrawn: body.withdrawn } };
    case "owner-confirm":
      return { case: "ownerConfirm" as const, value: { ...wireClaim(body), signature: body.signature } };
    case "unsaid":
      return { case: "unsaid" as const, value: nothing };
    case "not-for": {
      const value = { device: idBytes(body.device), ranges: wireRanges(body.ranges) };
      return { case: "notFor" as const, value };
    }
    case "there": {
      const groups = body.groups.map(({ conversation, topic }) => ({
        conversation: idBytes(conversation),
        topic: idBytes(topic),
      }));
      return { case: "there" as const, value: { groups } };
    }
    case "leaf-wanted": {
      const { conversation, keyPackage, signature } = body;
      return { case: "leafWanted" as const, value: { conversation: idBytes(conversation), keyPackage, signature } };
    }
    default:
      return assertNever(body);
  }
}

export type WireGroupContent = Extract<WireContent["kind"], { case: ReturnType<typeof wireGroupContent>["case"] }>;

export function readGroupContent(kind: WireGroupContent): GroupContentBody | undefined {
  switch (kind.case) {
    case "keyPackages": {
      const { packages } = kind.value;
      if (packages.length < 1 || packages.length > maxKeyPackagesLeft) return undefined;
      if (!packages.every((one) => isWithin(one, maxKeyPackageBytes))) return undefined;
      return { kind: "key-packages", packages: packages.map((one) => one.slice()) };
    }
    case "leave": {
      const signature = bytesField(kind.value.signature, signatureLength);
      return signature && { kind: "leave", signature };
    }
    case "groupInvite":
      return readInvite(kind.value);
    case "removeMessage": {
      const message = readMessageRef(kind.value.message);
      return message && { kind: "remove-message", message };
    }
    case "report": {
      const message = readMessageRef(kind.value.message);
      const text = readWhy(kind.value.text);
      return message === undefined || text === undefined ? undefined : { kind: "report", message, text };
    }
    case "historyOffer":
      return readOffer(kind.value);
    case "ownerGone": {
      const claim = readClaim(kind.value);
      return claim && { kind: "owner-gone", ...claim, withdrawn: kind.value.withdrawn };
    }
    case "ownerConfirm": {
      const claim = readClaim(kind.value);
      const signature = bytesField(kind.value.signature, signatureLength);
      return claim && signature && { kind: "owner-confirm", ...claim, signature };
    }
    case "unsaid":
      return { kind: "unsaid" };
    case "notFor":
      return readNotFor(kind.value);
    case "there":
      return readThere(kind.value);
    case "leafWanted":
      return readLeafWanted(kind.value);
    default:
      return assertNever(kind);
  }
}

function readNotFor(wire: NotForContent): GroupContentBody | undefined {
  const device = hexField<DeviceId>(wire.device, idLength);
  const ranges = readRanges(wire.ranges);
  if (device === undefined || ranges === undefined || ranges.length === 0) return undefined;
  return { kind: "not-for", device, ranges };
}

function readThere(wire: ThereContent): GroupContentBody | undefined {
  if (wire.groups.length < 1 || wire.groups.length > maxGroupsThere) return undefined;
  const groups = wire.groups.flatMap((one): readonly GroupThere[] => {
    const conversation = hexField<ConversationId>(one.conversation, idLength);
    const topic = hexField<TopicId>(one.topic, keyLength);
    return conversation === undefined || topic === undefined ? [] : [{ conversation, topic }];
  });
  const isWhole = groups.length === wire.groups.length && distinct(groups.map(({ conversation }) => conversation));
  return isWhole ? { kind: "there", groups } : undefined;
}

function readLeafWanted(wire: LeafWantedContent): GroupContentBody | undefined {
  const conversation = hexField<ConversationId>(wire.conversation, idLength);
  const signature = bytesField(wire.signature, signatureLength);
  if (conversation === undefined || signature === undefined || !isWithin(wire.keyPackage, maxKeyPackageBytes))
    return undefined;
  return { kind: "leaf-wanted", conversation, keyPackage: wire.keyPackage.slice(), signature };
}

function readInvite(wire: GroupInviteContent): GroupContentBody | undefined {
  const { budget, withdrawn } = wire;
  const secret = bytesField(wire.secret, secretLength);
  const node = parseNodeUrl(wire.node);
  const expiresAtMs = numberField(wire.expiresAtMs);
  if (secret === undefined || !node.ok || node.value !== wire.node) return undefined;
  if (expiresAtMs === undefined || expiresAtMs > maxClockMs || budget < 1 || budget > maxInviteBudget) return undefined;
  const account = hexField<AccountId>(wire.account, keyLength);
  const answerSeed = bytesField(wire.answerSeed, keyLength);
  const joined = hexFields<AccountId>(wire.joined, keyLength, maxInviteBudget);
  if (account === undefined || answerSeed === undefined || joined === undefined) return undefined;
  if (joined.some((one, index) => one <= (joined[index - 1] ?? ""))) return undefined;
  return {
    kind: "group-invite",
    secret,
    node: node.value,
    expiresAtMs,
    budget,
    withdrawn,
    account,
    answerSeed,
    joined,
  };
}

function readWhy(wire: string): string | undefined {
  if (wire === "") return "";
  const text = checkText(wire);
  return text.ok && text.value.length <= maxReportCharacters ? text.value : undefined;
}

function readOffer(wire: HistoryOfferContent): GroupContentBody | undefined {
  const topicSecret = bytesField(wire.topicSecret, keyLength);
  const signature = bytesField(wire.signature, signatureLength);
  if (topicSecret === undefined || signature === undefined) return undefined;
  if (!isWithin(wire.capsule, maxHistoryCapsuleBytes)) return undefined;
  return { kind: "history-offer", topicSecret, capsule: wire.capsule.slice(), signature };
}
