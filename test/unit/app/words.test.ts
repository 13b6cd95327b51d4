import type { MessageMark, NetworkView, NodeUrl, NodeView, TroubleView } from "@kith/core";
import { describe, expect, test } from "vitest";
import { pathInWords, presenceInWords } from "../../../app/i18n/people-words.ts";
import { dayInWords, fromNow, shortMoment } from "../../../app/i18n/time.ts";
import { tCount } from "../../../app/i18n/words.ts";
import { safetyGroups } from "../../../app/views/contact/safety-groups.ts";
import { markInWords } from "../../../app/views/conversation/mark-words.ts";
import { matches } from "../../../app/views/palette/find.ts";
import { networkSentence } from "../../../app/views/shell/network-sentence.ts";
import { findInviteLink, invitePath } from "../../../app/views/welcome/invite-link.ts";
import { node } from "./message.ts";

const now = new Date(2026, 4, 13, 12, 0).getTime();
const hour = 3_600_000;
const day = 24 * hour;

describe("the state of an own message", () => {
  const say = (mark: MessageMark) => markInWords(mark, "Bob", now);

  test("never claims more than is known", () => {
    expect(say({ kind: "saved" }).short).toBe("Saved on this device");
    expect(say({ kind: "held", untilMs: new Date(2026, 4, 20).getTime() }).short).toBe("Held until 20 May");
    expect(say({ kind: "kept", untilMs: new Date(2026, 4, 20).getTime() }).short).toBe("With a contact until 20 May");
    expect(say({ kind: "delivered", atMs: now }).short).toBe("Delivered");
    expect(say({ kind: "read", atMs: now }).short).toBe("Read");
    expect(say({ kind: "refused" }).short).toBe("Could not be opened");
    expect(say({ kind: "expired" }).short).toBe("Not delivered");
  });

  test("says of a node that does not keep it what happened there", () => {
    const trouble = (what: TroubleView["what"]) => say({ kind: "trouble", trouble: { node, what, atMs: now } });
    const sentences = [trouble("full"), trouble("refused"), trouble("broke-promise")];
    expect(new Set(sentences.map((each) => each.short)).size).toBe(3);
    for (const each of sentences) expect(each.long).toMatch(/^node\.example .*this device/);
  });

  test("explains itself in a sentence that names the person", () => {
    expect(say({ kind: "held", untilMs: new Date(2026, 4, 20).getTime() }).long).toContain("Bob");
    expect(say({ kind: "saved" }).long).toContain("Bob");
  });
});

describe("presence and path", () => {
  test("say nothing where nothing is known", () => {
    expect(presenceInWords({ kind: "unknown" }, now)).toBe("");
  });
  test("say when somebody was last heard", () => {
    expect(presenceInWords({ kind: "away", lastHeardMs: now - day }, now)).toMatch(/^Last seen yesterday at /);
    expect(presenceInWords({ kind: "away", lastHeardMs: undefined }, now)).toBe("Offline");
    expect(presenceInWords({ kind: "here" }, now)).toBe("Online");
  });
  test("name the node that a message passes, and what it sees", () => {
    expect(pathInWords("direct", [node], []).title).toBe("Direct");
    expect(pathInWords("relayed", [node], [])).toEqual({
      title: "Through node node.example",
      text: "It sees that you talk, not what.",
    });
  });
  test("call no way through a node that is away a way", () => {
    const state = (state: NodeView["state"]): NodeView => ({ node, own: true, state, sinceMs: now, conversations: 1 });
    const other = "https://other.example" as NodeUrl;
    expect(pathInWords("node", [node], [state("connected")]).title).toBe("Through node node.example");
    for (const away of ["unreachable", "refused", "incompatible"] as const) {
      expect(pathInWords("node", [node], [state(away)])).toEqual({
        title: "Not at all right now",
        text: "node.example cannot be reached. What you write waits on this device and goes out by itself.",
      });
      expect(pathInWords("direct", [node], [state(away)]).title).toBe("Direct");
      expect(pathInWords("node", [node, other], [state(away)]).title).toBe("Through node other.example");
      expect(pathInWords("node", [node, other], [state(away), { ...state(away), node: other }]).text).toMatch(
        /^Neither node\.example nor other\.example can be reached\./,
      );
    }
  });
});

describe("the line about the connection", () => {
  const connected: NetworkView = { kind: "connected", node };
  const offline = (reason: "unreachable" | "refused" | "incompatible"): NetworkView => ({
    kind: "offline",
    node,
    sinceMs: now - hour,
    reason,
  });

  test("is absent when all is well", () => {
    expect(networkSentence(connected, "ready", true, now)).toBeUndefined();
    expect(networkSentence(connected, "off", true, now)).toBeUndefined();
  });
  test("waits a moment before it speaks of connecting", () => {
    const connecting: NetworkView = { kind: "connecting", node, sinceMs: now };
    expect(networkSentence(connecting, "off", true, now + 1_000)).toBeUndefined();
    expect(networkSentence(connecting, "off", true, now + 4_000)?.text).toBe("Connecting to node.example…");
  });
  test("waits a moment before it speaks of a connection that was lost, unless there is no network at all", () => {
    const lost: NetworkView = { kind: "offline", node, sinceMs: now, reason: "unreachable" };
    expect(networkSentence(lost, "off", true, now + 1_000)).toBeUndefined();
    expect(networkSentence(lost, "off", false, now + 1_000)?.text).toMatch(/^No internet/);
    expect(networkSentence(lost, "off", true, now + 4_000)?.text).toMatch(/^node\.example cannot be reached/);
    expect(networkSentence(lost, "off", true, now - hour)?.text).toMatch(/^node\.example cannot be reached/);
  });
  test("has a sentence of its own for each trouble", () => {
    const sentences = [
      networkSentence(offline("unreachable"), "off", false, now),
      networkSentence(offline("unreachable"), "off", true, now),
      networkSentence(offline("refused"), "off", true, now),
      networkSentence(offline("incompatible"), "off", true, now),
      networkSentence(connected, "relay-full", true, now),
      networkSentence(connected, "relay-away", true, now),
      networkSentence(connected, "no-webrtc", true, now),
    ].map((sentence) => sentence?.text);
    expect(sentences).not.toContain(undefined);
    expect(new Set(sentences).size).toBe(sentences.length);
  });
  test("does not cry offline while the node answers", () => {
    expect(networkSentence(connected, "ready", false, now)).toBeUndefined();
  });
});

describe("time in words", () => {
  test("days are named as people name them", () => {
    expect(dayInWords(now, now)).toBe("Today");
    expect(dayInWords(now - day, now)).toBe("Yesterday");
    expect(dayInWords(now - 3 * day, now)).toBe("Sunday");
    expect(dayInWords(new Date(2026, 0, 2).getTime(), now)).toMatch(/2 January$/);
    expect(dayInWords(new Date(2024, 0, 2).getTime(), now)).toBe("2 January 2024");
  });
  test("yesterday evening is yesterday, not a few hours ago", () => {
    expect(shortMoment(new Date(2026, 4, 12, 23, 59).getTime(), new Date(2026, 4, 13, 0, 1).getTime())).toBe(
      "Yesterday",
    );
  });
  test("ends are told by distance", () => {
    expect(fromNow(now + 6 * day, now)).toBe("in 6 days");
    expect(fromNow(now + 90 * 60_000, now)).toBe("in 2 hours");
  });
});

describe("small words", () => {
  test("one is not many", () => {
    expect(tCount("chats.unread", 1)).toBe("1 unread message");
    expect(tCount("chats.unread", 3)).toBe("3 unread messages");
  });
  test("a safety number is twelve groups of five", () => {
    const groups = safetyGroups("0123456789".repeat(6));
    expect(groups).toHaveLength(12);
    expect(groups.every((group) => group.length === 5)).toBe(true);
  });
  test("the palette finds without accents and in any order", () => {
    expect(matches("Ana Petrović", "petrovic an")).toBe(true);
    expect(matches("Ana Petrović", "bob")).toBe(false);
  });
  test("an invitation link is found inside a message", () => {
    const link = findInviteLink("Let’s talk: https://kith.example/#/i/AQabc see you");
    expect(link).toBe("https://kith.example/#/i/AQabc");
    expect(invitePath(link ?? "")).toBe("/i/AQabc");
    expect(findInviteLink("https://kith.example/")).toBeUndefined();
  });
});
