// Messages and conversations as the engine would show them, with only what a test cares about spelled out.
import type {
  AccountId,
  ContactView,
  ConversationId,
  ConversationView,
  MessageId,
  MessageMark,
  MessageView,
  NodeUrl,
} from "@kith/core";

export const alice = "a1".repeat(32) as AccountId;
export const bob = "b0".repeat(32) as AccountId;
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
    mark: options.mark,
  };
}

export function contact(change: Partial<ContactView> = {}): ContactView {
  return {
    account: bob,
    name: "Bob",
    standing: "connected",
    verified: false,
    safetyNumber: "0123456789".repeat(6),
    sinceMs: 0,
    devices: 1,
    presence: { kind: "unknown" },
    path: "node",
    node,
    ...change,
  };
}

export function conversation(change: Partial<ConversationView> = {}): ConversationView {
  return {
    id: "conversation" as ConversationId,
    kind: "direct",
    title: "Bob",
    contact: bob,
    standing: "connected",
    presence: { kind: "unknown" },
    unread: 0,
    draft: "",
    last: undefined,
    activeAtMs: 0,
    person: contact(),
    firstUnread: undefined,
    typing: false,
    ...change,
  };
}
