/** The one door from received bytes to a protobuf message: bounded before it is read, total, never throws (§1). */
import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { err, ok, type Result } from "../lang/result.ts";

/** Fields this version does not know are left out. What must survive a round trip is kept as bytes (§1.2). */
export function decodeMessage<S extends DescMessage>(
  schema: S,
  bytes: Uint8Array,
  maxBytes: number,
): Result<MessageShape<S>, "too-large" | "malformed"> {
  if (bytes.length > maxBytes) return err("too-large");
  try {
    return ok(fromBinary(schema, bytes, { readUnknownFields: false }));
  } catch {
    // The library's only way to say that bytes are no message of this schema.
    return err("malformed");
  }
}
