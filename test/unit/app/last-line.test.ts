import type { ConversationSummary } from "@kith/core";
import { expect, it } from "vitest";
import { lastLine } from "../../../app/views/chats/last-line.ts";

const chat = (last: Partial<NonNullable<ConversationSummary["last"]>>) =>
  lastLine({ kind: "group", draft: "", last: { text: "", mine: false, from: "Ana", ...last } } as ConversationSummary);

it("the newest message has who said it and its words", () => {
  expect(chat({ text: "hello" })).toEqual({ lead: "Ana:", text: "hello", tone: "plain" });
  expect(chat({ text: "hello", mine: true }).lead).toBe("You:");
});

it("a message without words says why it has none", () => {
  expect(chat({ without: "removed" }).text).toBe("Removed message");
  expect(chat({ without: "too-soon" }).text).toBe("Message that came too soon");
  expect(chat({ without: "blocked" }).text).toBe("Message of somebody you blocked");
  expect(chat({}).text).toBe("Needs a newer Kith");
});
