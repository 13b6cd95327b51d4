// Messages as the engine would show them, with only what a test cares about spelled out.
import type { AccountId, MessageId, MessageMark, MessageView, NodeUrl } from "@kith/core";

const alice = "a1".repeat(32) as AccountId;
const bob = "b0".repeat(32) as AccountId;
export const node = "https://node.example" as NodeUrl;

let serial = 0;

export function message(
  sentAtMs: number,
  options: { mine?: boolean; text?: string; mark?: MessageMark } = {},
): MessageView {
  const mine = options.mine ?? false;
  return {
    id: `message-${++serial}` as MessageId,
    order: String(serial),
    mine,
    author: mine ? alice : bob,
    sentAtMs,
    body: { kind: "text", text: options.text ?? "Hello" },
    hidden: false,
    sharedBy: undefined,
    mark: options.mark,
    reached: undefined,
  };
}
