/** Frames in a stream of bytes: `u32(length) ‖ frame` (PROTOCOL.md §7). Knows nothing of what is in a frame. */
import { concat, noBytes, uint32 } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { maxFrameBytes } from "../wire/bounds.ts";

const lengthBytes = 4;

export function frameBytes(frame: Uint8Array): Uint8Array {
  return concat(uint32(frame.length), frame);
}

export interface FrameReader {
  /** Frames that these bytes complete. After an error the stream has lost its meaning and must be closed. */
  read(bytes: Uint8Array): Result<readonly Uint8Array[], "too-long" | "empty">;
}

/**
 * Holds at most one unfinished frame. Its length is judged as soon as it is known, before its bytes are kept: a peer
 * that announces 4 GiB costs nothing.
 */
export function createFrameReader(): FrameReader {
  let head: Uint8Array = noBytes;
  let body: Uint8Array | undefined;
  let filled = 0;

  return {
    read(bytes) {
      const frames: Uint8Array[] = [];
      let rest = bytes;
      while (rest.length > 0) {
        if (body === undefined) {
          const missing = lengthBytes - head.length;
          head = concat(head, rest.subarray(0, missing));
          rest = rest.subarray(missing);
          if (head.length < lengthBytes) break;
          const length = new DataView(head.buffer, head.byteOffset, lengthBytes).getUint32(0);
          if (length > maxFrameBytes) return err("too-long");
          if (length === 0) return err("empty");
          body = new Uint8Array(length);
          filled = 0;
          head = noBytes;
        }
        const part = rest.subarray(0, body.length - filled);
        body.set(part, filled);
        filled += part.length;
        rest = rest.subarray(part.length);
        if (filled === body.length) {
          frames.push(body);
          body = undefined;
        }
      }
      return ok(frames);
    },
  };
}
