/** What this device says, as content (§8.1): something new, or a message of before once more. Seals nothing. */

import { tick } from "../conversation/clock.ts";
import { countOf, orderOf } from "../conversation/order.ts";
import type { DeviceId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { MessageRecord } from "../ports/message-record.ts";
import { type Content, encodeContent } from "../wire/content.ts";
import type { Context } from "./context.ts";

/** The next content of this device and its place in the timeline; `number` where it is a message. */
export function nextContent(
  context: Context,
  conversation: ConversationRecord,
  device: DeviceId,
  body: Content["body"],
  number = 0,
): { readonly content: Content; readonly order: string } {
  const time = tick(conversation, context.clock.now());
  const id = toHex(context.random.bytes(8));
  return { content: { id, ...time, number, body }, order: orderOf(time, device, id) };
}

/** An own message that can be said again; a notice cannot. */
export type Said = MessageRecord & { readonly body: Extract<MessageRecord["body"], { kind: "text" | "too-soon" }> };

export function isSaid(message: MessageRecord): message is Said {
  const { body, sharedBy } = message;
  // Members shared it as said by this device; they may have made it up.
  if (sharedBy !== undefined) return false;
  return body.kind === "text" || (body.kind === "too-soon" && body.text !== "");
}

/** The same id, clock and number: who has it after all knows it by them. Content bytes. */
export function contentAgain({ key, sentAtMs, order, number, body }: Said): Uint8Array {
  const [, id = ""] = key.split("/");
  const said = { kind: "text", text: body.text } as const;
  return encodeContent({ id, clockMs: sentAtMs, clockCount: countOf(order), number, body: said });
}
