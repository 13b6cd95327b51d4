/** `u32(length) ‖ bytes ‖ zeros`: hides a length from who sees only the sealed form (§4, §9). */

import { concat, uint32 } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";

export const paddingHeaderBytes = 4;

/** `sizeBytes` long. Throws where it does not fit (a bug: the caller chose the size). */
export function pad(bytes: Uint8Array, sizeBytes: number): Uint8Array {
  const rest = sizeBytes - paddingHeaderBytes - bytes.length;
  if (rest < 0) throw new Error("padded to less than its length");
  return concat(uint32(bytes.length), bytes, new Uint8Array(rest));
}

/** What was padded, as a view. Padding that is not zero is refused: it could carry what nobody looks at. */
export function unpad(padded: Uint8Array): Result<Uint8Array, "malformed"> {
  if (padded.length < paddingHeaderBytes) return err("malformed");
  const end = paddingHeaderBytes + new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  if (end > padded.length) return err("malformed");
  if (padded.subarray(end).some((byte) => byte !== 0)) return err("malformed");
  return ok(padded.subarray(paddingHeaderBytes, end));
}
