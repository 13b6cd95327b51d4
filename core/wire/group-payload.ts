/**
 * Payloads of groups (§13): what is larger than an envelope, in parts; the Welcome of who is added; a link to a group and the
 * answer to it; and shared history. Does not look into device lists, key packages or MLS messages.
 */

import { sha256 } from "../crypto/hash.ts";
import type { DeviceId, TopicId } from "../lang/brand.ts";
import { concat, idBytes, uint32, utf8 } from "../lang/bytes.ts";
import { assertNever } from "../lang/result.ts";
import {
  maxDeviceListBytes,
  maxDevicesOfAccount,
  maxHistoryPieceBytes,
  maxKeyPackageBytes,
  maxLinkShownBytes,
  maxPartsOfWhole,
  partBytes,
} from "./bounds.ts";
import { type EpochMarks, readEpochMarks, wireEpochMarks } from "./epoch-marks.ts";
import { bytesField, hashLength, hexField, idLength, isWithin, signatureLength } from "./field.ts";
import { WholeKind, type Payload as WirePayload, type Whole as WireWhole } from "./gen/kith/envelope_pb.js";
import type { GroupInviteBundle, GroupJoinRequest } from "./gen/kith/group_pb.js";
import { type LinkAnswer, readLinkAnswer, wireLinkAnswer } from "./link-answer.ts";
import { checkName } from "./name.ts";

/** One piece of a whole. All have 60,000 bytes, but the last, which has 1 to 60,000. */
export interface Part {
  /** SHA-256 of the whole, 32 bytes. */
  readonly whole: Uint8Array;
  /** From 0. */
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** `commit`: MLSMessage bytes as in an "mls" payload. `welcome`: as in a "welcome" payload. */
export interface Whole {
  readonly hash: Uint8Array;
  /** 2 to 32: what needs no parts is not cut. */
  readonly count: number;
  readonly of: "commit" | "welcome";
}

/** `deviceList` is an encoded SignedDeviceList, not checked here. */
export interface GroupBundle {
  readonly deviceList: Uint8Array;
  /** Of it, the one that signed. */
  readonly device: DeviceId;
  /** An encoded LinkShown. */
  readonly shown: Uint8Array;
  /** 64 bytes; see `signLinkShown`. */
  readonly signature: Uint8Array;
}

export interface JoinRequest {
  readonly deviceList: Uint8Array;
  /** Of the device that asks first, and at most one for each other. */
  readonly keyPackages: readonly Uint8Array[];
  readonly name: string;
  /** 64 bytes, by the device that asks; see `joinRequestMessage`. */
  readonly signature: Uint8Array;
}

export type GroupPayload =
  /** MLSMessage bytes. In the direct conversation with who is added, in the group's topic for who is healed, or in answer to a link. */
  | { readonly kind: "welcome"; readonly welcome: Uint8Array }
  | ({ readonly kind: "part" } & Part)
  | ({ readonly kind: "whole" } & Whole)
  | ({ readonly kind: "group-invite-bundle" } & GroupBundle)
  | ({ readonly kind: "group-join-request" } & JoinRequest)
  | ({ readonly kind: "group-link-answer" } & LinkAnswer)
  | ({ readonly kind: "epoch-marks" } & EpochMarks)
  /** An encoded HistoryPiece. */
  | { readonly kind: "history-piece"; readonly piece: Uint8Array };

const wholeKinds = { commit: WholeKind.COMMIT, welcome: WholeKind.WELCOME } as const;

export function wireGroupPayload(payload: GroupPayload) {
  switch (payload.kind) {
    case "welcome":
      return { case: "welcome" as const, value: { welcome: payload.welcome } };
    case "part": {
      const { whole, index, bytes } = payload;
      return { case: "part" as const, value: { whole, index, bytes } };
    }
    case "whole": {
      const { hash, count, of } = payload;
      return { case: "whole" as const, value: { hash, count, kind: wholeKinds[of] } };
    }
    case "group-invite-bundle": {
      const { kind: _, device, ...value } = payload;
      return { case: "groupInviteBundle" as const, value: { ...value, device: idBytes(device) } };
    }
    case "group-join-request": {
      const { kind: _, keyPackages, ...value } = payload;
      return { case: "groupJoinRequest" as const, value: { ...value, keyPackages: [...keyPackages] } };
    }
    case "group-link-answer":
      return { case: "groupLinkAnswer" as const, value: wireLinkAnswer(payload) };
    case "epoch-marks":
      return { case: "epochMarks" as const, value: wireEpochMarks(payload) };
    case "history-piece":
      return { case: "historyPiece" as const, value: payload.piece };
    default:
      return assertNever(payload);
  }
}

export type WireGroupPayload = Extract<WirePayload["payload"], { case: ReturnType<typeof wireGroupPayload>["case"] }>;

export function readGroupPayload(payload: WireGroupPayload): GroupPayload | undefined {
  switch (payload.case) {
    case "welcome": {
      const { welcome } = payload.value;
      return welcome.length === 0 ? undefined : { kind: "welcome", welcome: welcome.slice() };
    }
    case "part": {
      const { index, bytes } = payload.value;
      const whole = bytesField(payload.value.whole, hashLength);
      if (whole === undefined || index >= maxPartsOfWhole || !isWithin(bytes, partBytes)) return undefined;
      return { kind: "part", whole, index, bytes: bytes.slice() };
    }
    case "whole":
      return readWhole(payload.value);
    case "groupInviteBundle":
      return readBundle(payload.value);
    case "groupJoinRequest":
      return readRequest(payload.value);
    case "groupLinkAnswer": {
      const answer = readLinkAnswer(payload.value);
      return answer && { kind: "group-link-answer", ...answer };
    }
    case "epochMarks": {
      const marks = readEpochMarks(payload.value);
      return marks && { kind: "epoch-marks", ...marks };
    }
    case "historyPiece":
      if (!isWithin(payload.value, maxHistoryPieceBytes)) return undefined;
      return { kind: "history-piece", piece: payload.value.slice() };
    default:
      return assertNever(payload);
  }
}

function readWhole({ hash: wireHash, count, kind }: WireWhole): GroupPayload | undefined {
  const hash = bytesField(wireHash, hashLength);
  if (hash === undefined || count < 2 || count > maxPartsOfWhole) return undefined;
  if (kind === WholeKind.COMMIT) return { kind: "whole", hash, count, of: "commit" };
  return kind === WholeKind.WELCOME ? { kind: "whole", hash, count, of: "welcome" } : undefined;
}

function readBundle({ deviceList, shown, ...wire }: GroupInviteBundle): GroupPayload | undefined {
  const device = hexField<DeviceId>(wire.device, idLength);
  const signature = bytesField(wire.signature, signatureLength);
  if (!isWithin(deviceList, maxDeviceListBytes) || !isWithin(shown, maxLinkShownBytes)) return undefined;
  if (device === undefined || signature === undefined) return undefined;
  return { kind: "group-invite-bundle", deviceList: deviceList.slice(), device, shown: shown.slice(), signature };
}

function readRequest(wire: GroupJoinRequest): GroupPayload | undefined {
  const { deviceList, keyPackages } = wire;
  if (!isWithin(deviceList, maxDeviceListBytes)) return undefined;
  if (keyPackages.length < 1 || keyPackages.length > maxDevicesOfAccount) return undefined;
  if (!keyPackages.every((one) => isWithin(one, maxKeyPackageBytes))) return undefined;
  const name = checkName(wire.name);
  const signature = bytesField(wire.signature, signatureLength);
  // The signature is over the name as it came, so another writing of it cannot be put in order here.
  if (!name.ok || name.value !== wire.name || signature === undefined) return undefined;
  return {
    kind: "group-join-request",
    deviceList: deviceList.slice(),
    keyPackages: keyPackages.map((one) => one.slice()),
    name: name.value,
    signature,
  };
}

/**
 * What a join request's signature is over, label `joinRequest`: `topic ‖ u32(number of key packages) ‖ SHA-256 of each ‖ name`.
 * Key packages alone prove nothing: whoever has some of a person's could ask in their name.
 */
export function joinRequestMessage(
  topic: TopicId,
  { keyPackages, name }: Pick<JoinRequest, "keyPackages" | "name">,
): Uint8Array {
  return concat(idBytes(topic), uint32(keyPackages.length), ...keyPackages.map(sha256), utf8(name));
}

/** What answers to a request name it by, however it is sealed: 32 bytes. */
export function joinRequestId(topic: TopicId, request: Pick<JoinRequest, "keyPackages" | "name">): Uint8Array {
  return sha256(joinRequestMessage(topic, request));
}
