/** A message named in other formats: its author's device (16 bytes) and the id that this device gave it (8 bytes). */

import type { DeviceId, MessageId } from "../lang/brand.ts";
import { concat, idBytes, toHex } from "../lang/bytes.ts";
import { idLength } from "./field.ts";

export const contentIdLength = 8;
const messageRefLength = idLength + contentIdLength;

export function messageRef(message: MessageId): Uint8Array {
  const [device = "", id = ""] = message.split("/");
  return concat(idBytes(device), idBytes(id));
}

export function readMessageRef(bytes: Uint8Array): MessageId | undefined {
  if (bytes.length !== messageRefLength) return undefined;
  const device = toHex(bytes.subarray(0, idLength)) as DeviceId;
  return `${device}/${toHex(bytes.subarray(idLength))}` as MessageId;
}
