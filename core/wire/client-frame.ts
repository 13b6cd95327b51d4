/** The bytes of a `ClientFrame`, what a device sends to a node (§6). The node decodes what strangers wrote: total, bounded. */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { signatureBytes } from "../crypto/signature.ts";
import type { TopicId } from "../lang/brand.ts";
import { idBytes, noBytes, toHex } from "../lang/bytes.ts";
import { assertNever, err, ok, type Result } from "../lang/result.ts";
import { maxEnvelopeBytes, maxFrameBytes, maxReadEntries, maxSignalBytes } from "./bounds.ts";
import { decodeMessage } from "./decode.ts";
import { type ClientFrame as ClientFrameMessage, ClientFrameSchema } from "./gen/kith/node_pb.js";
import { type ClientFrame, type NodeRequest, slotBytes, topicKeyBytes } from "./node-protocol.ts";

/** The request it was, 0 where that cannot be read, so that the refusal can name it (§6.7). */
export interface UnreadableFrame {
  readonly requestId: number;
  readonly why: "malformed" | "too-large";
}

export function decodeClientFrame(bytes: Uint8Array): Result<ClientFrame, UnreadableFrame> {
  const frame = decodeMessage(ClientFrameSchema, bytes, maxFrameBytes);
  if (!frame.ok) return err({ requestId: 0, why: "malformed" });
  const { requestId, request } = frame.value;
  if (isTooLarge(request)) return err({ requestId, why: "too-large" });
  const read = readRequest(request);
  return read === undefined || requestId === 0
    ? err({ requestId, why: "malformed" })
    : ok({ requestId, request: read });
}

/** Throws where a topic is not hex or a number not one the wire carries (a bug). */
export function encodeClientFrame({ requestId, request }: ClientFrame): Uint8Array {
  return toBinary(ClientFrameSchema, create(ClientFrameSchema, { requestId, request: writeRequest(request) }));
}

type RequestMessage = ClientFrameMessage["request"];

function isTooLarge(request: RequestMessage): boolean {
  if (request.case === "append") return request.value.envelope.length > maxEnvelopeBytes;
  return request.case === "signal" && request.value.body.length > maxSignalBytes;
}

function readRequest(request: RequestMessage): NodeRequest | undefined {
  if (request.case === undefined || request.value.topic.length !== topicKeyBytes) return undefined;
  const topic = toHex(request.value.topic) as TopicId;
  switch (request.case) {
    case "prove": {
      const { signature } = request.value;
      return signature.length === signatureBytes ? { kind: "prove", topic, signature } : undefined;
    }
    case "append": {
      const { envelope, slot } = request.value;
      if (envelope.length === 0 || (slot.length !== 0 && slot.length !== slotBytes)) return undefined;
      return { kind: "append", topic, envelope, slot: slot.length === 0 ? undefined : slot };
    }
    case "read": {
      const { after, limit } = request.value;
      if (after > BigInt(Number.MAX_SAFE_INTEGER) || limit < 1 || limit > maxReadEntries) return undefined;
      return { kind: "read", topic, after: Number(after), limit };
    }
    case "follow":
    case "unfollow":
      return { kind: request.case, topic };
    case "signal":
      return { kind: "signal", topic, body: request.value.body };
    default:
      return assertNever(request);
  }
}

function writeRequest(request: NodeRequest): NonNullable<MessageInitShape<typeof ClientFrameSchema>["request"]> {
  const topic = idBytes(request.topic);
  switch (request.kind) {
    case "prove":
      return { case: "prove", value: { topic, signature: request.signature } };
    case "append":
      return { case: "append", value: { topic, envelope: request.envelope, slot: request.slot ?? noBytes } };
    case "read":
      return { case: "read", value: { topic, after: BigInt(request.after), limit: request.limit } };
    case "follow":
      return { case: "follow", value: { topic } };
    case "unfollow":
      return { case: "unfollow", value: { topic } };
    case "signal":
      return { case: "signal", value: { topic, body: request.body } };
    default:
      return assertNever(request);
  }
}
