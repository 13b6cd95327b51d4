/** The bytes of a `NodeFrame`, what a node sends to a device (§6). The device decodes what a stranger's node wrote: total, bounded. */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { signatureBytes } from "../crypto/signature.ts";
import type { TopicId } from "../lang/brand.ts";
import { idBytes, toHex } from "../lang/bytes.ts";
import { assertNever, err, ok, type Result } from "../lang/result.ts";
import {
  maxClockMs,
  maxEnvelopeBytes,
  maxFrameBytes,
  maxPeerIdBytes,
  maxReadEntries,
  maxSignalBytes,
} from "./bounds.ts";
import { decodeMessage } from "./decode.ts";
import {
  type NodeAnswer as NodeAnswerMessage,
  type NodeAnswerSchema,
  type NodeEntries as NodeEntriesMessage,
  type NodeFrame as NodeFrameMessage,
  NodeFrameSchema,
  type NodeHello as NodeHelloMessage,
  type NodeRefusal as NodeRefusalMessage,
  Refusal,
} from "./gen/kith/node_pb.js";
import { readIce, writeIce } from "./node-ice.ts";
import { type NodeFrame, type NodeRefusal, type NodeResult, nonceBytes, topicKeyBytes } from "./node-protocol.ts";

export function decodeNodeFrame(bytes: Uint8Array): Result<NodeFrame, "malformed"> {
  const decoded = decodeMessage(NodeFrameSchema, bytes, maxFrameBytes);
  const frame = decoded.ok ? readFrame(decoded.value.frame) : undefined;
  return frame === undefined ? err("malformed") : ok(frame);
}

/** Throws where a topic is not hex or a number not one the wire carries (a bug). */
export function encodeNodeFrame(frame: NodeFrame): Uint8Array {
  return toBinary(NodeFrameSchema, create(NodeFrameSchema, { frame: writeFrame(frame) }));
}

function readFrame(frame: NodeFrameMessage["frame"]): NodeFrame | undefined {
  switch (frame.case) {
    case "hello":
      return readHello(frame.value);
    case "answer": {
      const { requestId } = frame.value;
      const result = readResult(frame.value.result);
      return result === undefined ? undefined : { kind: "answer", requestId, result };
    }
    case "wake": {
      const topic = readTopic(frame.value.topic);
      const latest = readCount(frame.value.latest);
      return topic === undefined || latest === undefined ? undefined : { kind: "wake", topic, latest };
    }
    case "signal": {
      const topic = readTopic(frame.value.topic);
      const { body } = frame.value;
      return topic === undefined || body.length > maxSignalBytes ? undefined : { kind: "signal", topic, body };
    }
    case "ice": {
      const ice = readIce(frame.value);
      return ice === undefined ? undefined : { kind: "ice", ice };
    }
    case undefined:
      return undefined;
    default:
      return assertNever(frame);
  }
}

function readTopic(bytes: Uint8Array): TopicId | undefined {
  return bytes.length === topicKeyBytes ? (toHex(bytes) as TopicId) : undefined;
}

/** A 64-bit number, where this program can count that far. */
function readCount(value: bigint): number | undefined {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}

/** A date that can be shown. */
function readMoment(value: bigint): number | undefined {
  return value <= BigInt(maxClockMs) ? Number(value) : undefined;
}

function readHello(hello: NodeHelloMessage): NodeFrame | undefined {
  const { version, nonce, nodeKey, relayPeerId, retentionSeconds, maxTopicsFollowed } = hello;
  if (nonce.length !== nonceBytes || nodeKey.length !== topicKeyBytes) return undefined;
  // A PeerId in its text form (base58 or base32), because it goes into addresses.
  if (relayPeerId.length > maxPeerIdBytes || !/^[A-Za-z0-9]*$/.test(relayPeerId)) return undefined;
  const ice = readIce(hello.ice);
  if (ice === undefined) return undefined;
  return {
    kind: "hello",
    version,
    nonce,
    nodeKey,
    relayPeerId: relayPeerId === "" ? undefined : relayPeerId,
    maxEnvelopeBytes: hello.maxEnvelopeBytes,
    retentionSeconds,
    maxTopicsFollowed,
    ice,
  };
}

function readResult(result: NodeAnswerMessage["result"]): NodeResult | undefined {
  switch (result.case) {
    case "done":
      return { kind: "done" };
    case "custody": {
      const sequence = readCount(result.value.sequence);
      const expiresAtMs = readMoment(result.value.expiresAtMs);
      const { signature } = result.value;
      if (sequence === undefined || expiresAtMs === undefined || signature.length !== signatureBytes) return undefined;
      return { kind: "custody", sequence, expiresAtMs, signature };
    }
    case "entries":
      return readEntries(result.value);
    case "refusal":
      return readRefusal(result.value);
    case undefined:
      return undefined;
    default:
      return assertNever(result);
  }
}

function readEntries(message: NodeEntriesMessage): NodeResult | undefined {
  const latest = readCount(message.latest);
  if (latest === undefined || message.entries.length > maxReadEntries) return undefined;
  const entries = [];
  for (const { sequence, envelope, expiresAtMs } of message.entries) {
    const [number, expiry] = [readCount(sequence), readMoment(expiresAtMs)];
    if (number === undefined || expiry === undefined || envelope.length > maxEnvelopeBytes) return undefined;
    entries.push({ sequence: number, envelope, expiresAtMs: expiry });
  }
  return { kind: "entries", entries, more: message.more, latest };
}

const refusals = {
  malformed: Refusal.MALFORMED,
  unproven: Refusal.UNPROVEN,
  busy: Refusal.BUSY,
  "topic-full": Refusal.TOPIC_FULL,
  "node-full": Refusal.NODE_FULL,
  "slot-taken": Refusal.SLOT_TAKEN,
  "too-large": Refusal.TOO_LARGE,
  "too-many-topics": Refusal.TOO_MANY_TOPICS,
  storage: Refusal.STORAGE,
  "topics-closed": Refusal.TOPICS_CLOSED,
} as const satisfies Record<NodeRefusal["why"], Refusal>;
const reasons = Object.keys(refusals) as NodeRefusal["why"][];

function readRefusal({ reason, retryAfterMs, sequence }: NodeRefusalMessage): NodeResult | undefined {
  const why = reasons.find((candidate) => refusals[candidate] === reason);
  const taken = readCount(sequence);
  if (why === undefined || taken === undefined) return undefined;
  if (why === "busy") return { kind: "refusal", refusal: { why, retryAfterMs } };
  if (why === "slot-taken") return { kind: "refusal", refusal: { why, sequence: taken } };
  return { kind: "refusal", refusal: { why } };
}

type FrameInit = NonNullable<MessageInitShape<typeof NodeFrameSchema>["frame"]>;
type ResultInit = NonNullable<MessageInitShape<typeof NodeAnswerSchema>["result"]>;

function writeFrame(frame: NodeFrame): FrameInit {
  switch (frame.kind) {
    case "hello":
      return { case: "hello", value: { ...frame, relayPeerId: frame.relayPeerId ?? "", ice: writeIce(frame.ice) } };
    case "answer":
      return { case: "answer", value: { requestId: frame.requestId, result: writeResult(frame.result) } };
    case "wake":
      return { case: "wake", value: { topic: idBytes(frame.topic), latest: BigInt(frame.latest) } };
    case "signal":
      return { case: "signal", value: { topic: idBytes(frame.topic), body: frame.body } };
    case "ice":
      return { case: "ice", value: writeIce(frame.ice) };
    default:
      return assertNever(frame);
  }
}

function writeResult(result: NodeResult): ResultInit {
  switch (result.kind) {
    case "done":
      return { case: "done", value: {} };
    case "custody": {
      const { sequence, expiresAtMs, signature } = result;
      return {
        case: "custody",
        value: { sequence: BigInt(sequence), expiresAtMs: BigInt(expiresAtMs), signature },
      };
    }
    case "entries": {
      const entries = result.entries.map(({ sequence, envelope, expiresAtMs }) => ({
        sequence: BigInt(sequence),
        envelope,
        expiresAtMs: BigInt(expiresAtMs),
      }));
      return { case: "entries", value: { entries, more: result.more, latest: BigInt(result.latest) } };
    }
    case "refusal": {
      const { refusal } = result;
      const value = {
        reason: refusals[refusal.why],
        retryAfterMs: refusal.why === "busy" ? refusal.retryAfterMs : 0,
        sequence: refusal.why === "slot-taken" ? BigInt(refusal.sequence) : 0n,
      };
      return { case: "refusal", value };
    }
    default:
      return assertNever(result);
  }
}
