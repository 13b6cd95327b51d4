import { describe, expect, test } from "vitest";
import { checkName } from "../../../core/wire/name.ts";
import { checkText } from "../../../core/wire/text.ts";

const empty = { ok: false, error: "empty" };
const tooLong = { ok: false, error: "too-long" };

describe("a name", () => {
  test.each([
    ["as it is", "Alice", "Alice"],
    ["without space around it", "  Alice \n", "Alice"],
    ["on one line with single spaces", "Alice\n\t of \u00a0Wonderland\u2028", "Alice of Wonderland"],
    ["composed", "Zoe\u0308", "Zo\u00eb"],
    ["without controls", "Al\u0000i\u0007ce\u0085\u009b31m", "Alice31m"],
    ["without overrides of the reading direction", "\u202eecilA\u202c \u2066x\u2069\u200f", "ecilA x"],
    ["without invisible characters", "\ufeffAl\u200bi\u2060c\u00ade", "Alice"],
    ["with the spaces that a removed character leaves made one", "Alice \u202e Bob", "Alice Bob"],
    ["with the joiners of emoji", "👩\u200d🚀 Zoë", "👩\u200d🚀 Zoë"],
    ["with the joiners of Persian", "می\u200cخواهم", "می\u200cخواهم"],
    ["in any script", "日本語 العربية", "日本語 العربية"],
    ["with half a pair replaced", "A\ud83d", "A\ufffd"],
  ])("is kept %s", (_, typed, kept) => {
    expect(checkName(typed)).toEqual({ ok: true, value: kept });
  });

  test.each(["", " ", "\n\t", "\u202e", "\u200d\u200c", "\u3164", "\ufe0f", "\u2800", "\u{e0041}"])(
    "of nothing that can be seen (%j) is empty",
    (typed) => {
      expect(checkName(typed)).toEqual(empty);
    },
  );

  test("has 1 to 60 characters, counted once it is in order", () => {
    expect(checkName("a".repeat(60)).ok).toBe(true);
    expect(checkName("a".repeat(61))).toEqual(tooLong);
    expect(checkName(`  ${"a".repeat(60)}  `).ok).toBe(true);
    expect(checkName("e\u0301".repeat(60)).ok).toBe(true);
    expect(checkName(" ".repeat(100_000))).toEqual(tooLong);
  });
});

describe("a text", () => {
  test.each([
    ["as it is", "Hello", "Hello"],
    ["without blank lines around it", "\n \n\nHello\n\n \n", "Hello"],
    ["without space at its end", "Hello  \t", "Hello"],
    ["with what is within", "a\n\n\n  b\tc", "a\n\n\n  b\tc"],
    ["with the indentation of its first line", "\n    code\n  more", "    code\n  more"],
    ["with line ends of one kind", "a\r\nb\rc\n", "a\nb\nc"],
    ["with half a pair replaced", "A\udc00", "A\ufffd"],
    ["decomposed where it was written so", "e\u0301", "e\u0301"],
  ])("is kept %s", (_, typed, kept) => {
    expect(checkText(typed)).toEqual({ ok: true, value: kept });
  });

  test.each(["", " ", "\n\n", " \r\n \t", "\u200b", "\u2060\n\u200e"])(
    "of nothing that can be seen (%j) is empty",
    (typed) => {
      expect(checkText(typed)).toEqual(empty);
    },
  );

  test("has 1 to 8,000 UTF-16 units", () => {
    expect(checkText("a".repeat(8_000)).ok).toBe(true);
    expect(checkText("a".repeat(8_001))).toEqual(tooLong);
    expect(checkText("🦊".repeat(4_000)).ok).toBe(true);
    expect(checkText("🦊".repeat(4_001))).toEqual(tooLong);
    expect(checkText(`\n${"a".repeat(8_000)}\n\n`).ok).toBe(true);
  });
});
