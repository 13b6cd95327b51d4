import { describe, expect, test } from "vitest";
import { isEmojiOnly } from "../../../app/views/conversation/emoji-only.ts";
import { isInviteHere, linkify } from "../../../app/views/conversation/linkify.ts";

const links = (text: string) => linkify(text).flatMap((part) => (part.kind === "link" ? [part.href] : []));
const whole = (text: string) =>
  linkify(text)
    .map((part) => part.text)
    .join("");

describe("links in a text", () => {
  test("are found, and the text around them is kept", () => {
    expect(linkify("See https://example.org/a, please")).toEqual([
      { kind: "text", text: "See " },
      { kind: "link", text: "https://example.org/a", href: "https://example.org/a" },
      { kind: "text", text: ", please" },
    ]);
  });

  test("leave the full stop and the bracket around them outside", () => {
    expect(links("(https://example.org/x_(y)).")).toEqual(["https://example.org/x_(y)"]);
    expect(links("Really? https://example.org/?q=1!")).toEqual(["https://example.org/?q=1"]);
  });

  test("open in this very app where they are invites to it, and no other does", () => {
    const here = `${window.location.origin}${window.location.pathname}`;
    expect(isInviteHere(`${here}#/i/abc`)).toBe(true);
    const elsewhere = [`${window.location.origin}.evil.example/#/i/abc`, "https://evil.example/#/i/abc"];
    for (const other of [`${here}#/settings`, ...elsewhere]) expect(isInviteHere(other)).toBe(false);
  });

  test("may begin with www", () => {
    expect(links("www.example.org")).toEqual(["https://www.example.org/"]);
  });

  test.each([
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "https://bank.example@evil.example/",
    "https://user:secret@example.org",
    "file:///etc/passwd",
    "https://",
    "http://[",
    "vbscript:x",
    "xhttps://example.org",
  ])("are not made of %s", (text) => {
    expect(links(text)).toEqual([]);
  });

  test.each([
    "<img src=x onerror=alert(1)>",
    'https://example.org/"><script>alert(1)</script>',
    "plain",
    "",
    "https://a.example https://b.example",
    "😀 https://example.org/😀",
  ])("lose no character of %s", (text) => {
    expect(whole(text)).toBe(text);
  });

  test("end at a quote or an angle bracket", () => {
    expect(links('https://example.org/"><script>')).toEqual(["https://example.org/"]);
  });
});

describe("a message of emoji only", () => {
  test.each(["😀", "👩‍👩‍👧 🎉", "🇪🇪", "👍🏽👍🏽", "❤️"])("is %s", (text) => expect(isEmojiOnly(text)).toBe(true));
  test.each(["", " ", "a", "😀 ok", "1", "😀😀😀😀😀😀"])("is not %j", (text) => expect(isEmojiOnly(text)).toBe(false));
});
