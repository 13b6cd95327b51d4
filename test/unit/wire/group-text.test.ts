/** Texts that every member of a group judges alike (PROTOCOL.md §13.1). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  checkDescription,
  checkGroupName,
  isDescription,
  isEmoji,
  isGroupName,
} from "../../../core/wire/group-text.ts";
import { valueIn } from "./samples.ts";

describe("a group's name", () => {
  test("is put in order when it is typed, and then acceptable to everybody", () => {
    expect(valueIn(checkGroupName("  Zoë’s \u202e hikers \n"))).toBe("Zoë’s hikers");
    expect(isGroupName("Zoë’s hikers")).toBe(true);
  });

  test.each([
    ["nothing", ""],
    ["61 characters", "a".repeat(61)],
    ["a space before it", " a"],
    ["two spaces within", "a  b"],
    ["a space that does not break", "a\u00a0b"],
    ["two lines", "a\nb"],
    ["a mark that turns the reading direction", "a\u202eb"],
    ["a character without a width", "a\u200bb"],
    ["shapeless characters alone", "\u3164\u2800"],
  ])("with %s is refused", (_, name) => {
    expect(isGroupName(name)).toBe(false);
  });

  test("of 60 characters is not too long", () => {
    expect(isGroupName("a".repeat(60))).toBe(true);
  });
});

describe("a group's description", () => {
  test("may be empty or have lines, and is put in order when it is typed", () => {
    expect(isDescription("")).toBe(true);
    expect(isDescription("Sundays at 8,\n\nrain or shine.")).toBe(true);
    expect(valueIn(checkDescription("\r\n Sundays\tat 8,\r\nrain\u200b or\u2028shine. "))).toBe(
      "Sundays at 8,\nrain or\nshine.",
    );
    expect(valueIn(checkDescription(" \n\u3164 "))).toBe("");
  });

  test.each([
    ["501 characters", "a".repeat(501)],
    ["a tab", "a\tb"],
    ["a mark that turns the reading direction", "a\u2067b"],
    ["shapeless characters alone", "\n\u2800"],
  ])("with %s is refused", (_, text) => {
    expect(isDescription(text)).toBe(false);
  });

  test("that was put in order is acceptable to everybody, or was too long", () => {
    const count = { taken: 0, refused: 0 };
    const anyText = fc.string({ unit: "binary", maxLength: 700, size: "max" });
    fc.assert(
      fc.property(anyText, (text) => {
        const checked = checkDescription(text);
        count[checked.ok ? "taken" : "refused"]++;
        if (!checked.ok) return;
        expect(isDescription(checked.value)).toBe(true);
        expect(valueIn(checkDescription(checked.value))).toBe(checked.value);
      }),
      { numRuns: 1_000 },
    );
    expect(count.taken).toBeGreaterThan(50);
    expect(count.refused).toBeGreaterThan(50);
  });
});

describe("a group's picture", () => {
  test.each(["", "🥾", "👨🏽‍👩🏽‍👧🏽‍👦🏽", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇨🇭", "7️⃣", "❤️", "㊗️"])("may be %j", (emoji) => {
    expect(isEmoji(emoji)).toBe(true);
  });

  test.each([
    ["a word", "Boots"],
    ["a space", "🥾 "],
    ["a letter", "ä"],
    ["eleven emoji", "🥾".repeat(11)],
  ])("may not be %s", (_, text) => {
    expect(isEmoji(text)).toBe(false);
  });
});
