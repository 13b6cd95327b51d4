// What a pretend engine says it knows: facts about a message that fit its mark, and a diagnosis in which all is well.
import type {
  AccountId,
  ContactView,
  DeviceId,
  DiagnosisView,
  MessageInfoView,
  MessageView,
  NodeUrl,
  NodeView,
} from "@kith/core";

const second = 1_000;

/** The facts behind a mark, as an engine that shows this mark would have them. */
export function factsOf(message: MessageView, person: ContactView | undefined, node: NodeUrl): MessageInfoView {
  const { mark, sentAtMs } = message;
  const kind = mark?.kind;
  const promised = (untilMs: number, state: "kept" | "over" | "broken", by = node) => [
    { node: by, atMs: sentAtMs + second, untilMs, state },
  ];
  const held =
    mark?.kind === "held"
      ? promised(mark.untilMs, "kept")
      : kind === "expired"
        ? promised(sentAtMs + 14 * 86_400 * second, "over")
        : mark?.kind === "trouble" && mark.trouble.what === "broke-promise"
          ? promised(sentAtMs + 14 * 86_400 * second, "broken", mark.trouble.node)
          : [];
  const deliveredAtMs = mark?.kind === "delivered" ? mark.atMs : kind === "read" ? sentAtMs + 2 * second : undefined;
  return {
    id: message.id,
    mark,
    sentAtMs,
    held,
    keepings:
      mark?.kind === "kept"
        ? [{ account: pretendAccount, name: "Carol", atMs: sentAtMs + second, untilMs: mark.untilMs, state: "kept" }]
        : [],
    recipients: person
      ? [
          {
            account: person.account,
            name: person.name,
            device: "d1".repeat(16) as DeviceId,
            deliveredAtMs,
            readAtMs: mark?.kind === "read" ? mark.atMs : undefined,
            refusedAtMs: kind === "refused" ? sentAtMs + 4 * second : undefined,
          },
        ]
      : [],
    trouble: mark?.kind === "trouble" ? mark.trouble : undefined,
    underWay: kind === "saved" || kind === "held" || kind === "kept" || kind === "trouble",
  };
}

export function healthyNode(node: NodeUrl, own: boolean, sinceMs: number): NodeView {
  return { node, own, state: "connected", sinceMs, conversations: 1 };
}

export function healthyDiagnosis(person: ContactView, nodes: readonly NodeView[], nowMs: number): DiagnosisView {
  return {
    nodes,
    direct: "ready",
    reservedUntilMs: nowMs + 55 * 60 * second,
    candidates: { host: 2, reflexive: 1, relayed: 0 },
    stun: "answered",
    relayOnly: person.relayOnly ? "contact" : undefined,
    presence: person.presence,
    path: person.path,
    lastDial: { atMs: nowMs - 20 * second, outcome: "linked" },
    waiting: { messages: 0, oldestMs: undefined, held: 0, heldUntilMs: undefined, trouble: undefined },
    healingSinceMs: undefined,
    missing: 0,
  };
}

export const pretendAccount = "aa".repeat(32) as AccountId;
export const pretendNode = "https://node.example" as NodeUrl;
