import { createHash } from "node:crypto";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { concat, fromBase64Url, idBytes, toBase64Url } from "../../../core/lang/bytes.ts";
import { InviteSchema } from "../../../core/wire/gen/kith/identity_pb.js";
import { formatInviteLink, parseInviteLink } from "../../../core/wire/invite-link.ts";
import { account, countUp, invite, node, valueIn } from "./samples.ts";

const link = formatInviteLink("https://kith.example", invite);
const code = link.slice(link.indexOf("#/i/") + 4);
const good = { ok: true, value: invite };
const malformed = { ok: false, error: "malformed" };
const damaged = { ok: false, error: "damaged" };
const newer = { ok: false, error: "newer-version" };

/** A link with any bytes in it and the right checksum. */
function linkOf(bytes: Uint8Array): string {
  const sum = createHash("sha256").update("kith/v1/invite checksum").update(bytes).digest().subarray(0, 4);
  return `https://kith.example/#/i/${toBase64Url(concat(bytes, sum))}`;
}

function linkWith(fields: MessageInitShape<typeof InviteSchema>, version = 1): string {
  const whole = { accountKey: idBytes(account), secret: countUp(0, 16), node, expiresAtS: 1_795_000_000n, ...fields };
  return linkOf(concat(Uint8Array.of(version), toBinary(InviteSchema, create(InviteSchema, whole))));
}

describe("an invite link", () => {
  test("says what it was made of", () => {
    expect(parseInviteLink(link)).toEqual(good);
  });

  test("has everything in its fragment, and fits a small QR code", () => {
    expect(link.startsWith("https://kith.example/#/i/")).toBe(true);
    // A QR code of version 8 at level L holds 192 bytes.
    expect(link.length).toBeLessThanOrEqual(150);
  });

  test("is the same for an app origin with a slash at its end", () => {
    expect(formatInviteLink("https://kith.example/", invite)).toBe(link);
  });

  test("loses the part of a second of its expiry, never gains one", () => {
    const made = formatInviteLink("https://kith.example", { ...invite, expiresAtMs: 1_795_000_000_999 });
    expect(valueIn(parseInviteLink(made)).expiresAtMs).toBe(1_795_000_000_000);
  });

  test.each([
    ["alone as a fragment", `#/i/${code}`],
    ["on another origin", `http://localhost:8080/#/i/${code}`],
    ["below a path", `https://example.org/kith/#/i/${code}`],
    ["with space and line ends around it", `\r\n\t ${link} \n`],
    ["with a full stop after it", `${link}.`],
    ["in parentheses", `(${link})`],
    ["in angle brackets", `<${link}>`],
    ["in quotes", `“${link}”`],
    ["in Markdown", `[Kith](${link}), see you!`],
    ["within a sentence", `Join me on Kith: ${link}, it is free.`],
    ["before other words", `${link}\nSent from my phone`],
    ["with invisible marks of a chat app", `\u2068${link}\u2069\u200b`],
  ])("is found %s", (_, text) => {
    expect(parseInviteLink(text)).toEqual(good);
  });

  test.each([
    ["nothing", ""],
    ["words", "Hello, how are you?"],
    ["another address", "https://example.org/"],
    ["another fragment", `https://kith.example/#/c/${code}`],
    ["the code without its mark", code],
    ["a text longer than any link", " ".repeat(2_100) + link],
  ])("is not: %s", (_, text) => {
    expect(parseInviteLink(text)).toEqual(malformed);
  });

  test("cut off anywhere is damaged", () => {
    for (let length = 0; length < code.length; length++) {
      expect(parseInviteLink(`#/i/${code.slice(0, length)}`)).toEqual(damaged);
    }
    expect(code.length).toBeGreaterThan(100);
  });

  test("with one character mistyped is damaged, or of a version that the mistake names", () => {
    for (let at = 0; at < code.length; at++) {
      const wrong = code.slice(0, at) + (code[at] === "A" ? "B" : "A") + code.slice(at + 1);
      const answer = parseInviteLink(`#/i/${wrong}`);
      expect(at < 2 ? [damaged, newer] : [damaged]).toContainEqual(answer);
    }
  });

  test("with a character too many or two swapped is damaged", () => {
    expect(parseInviteLink(`${link}A`)).toEqual(damaged);
    expect(parseInviteLink(`#/i/${code.slice(0, 20)}${code[21]}${code[20]}${code.slice(22)}`)).toEqual(damaged);
  });

  test("of a newer version says so, even where the rest has another form", () => {
    expect(parseInviteLink(linkWith({}, 3))).toEqual(newer);
    expect(parseInviteLink(`#/i/${toBase64Url(Uint8Array.of(255, 1))}`)).toEqual(newer);
    expect(parseInviteLink(linkWith({}, 0))).toEqual(malformed);
  });

  test.each([
    ["a short account key", { accountKey: countUp(0, 31) }],
    ["a long secret", { secret: countUp(0, 17) }],
    ["the kind of a group in the version before there were any", { kind: 1 }],
    ["no node", { node: "" }],
    ["a node with a path", { node: "https://node.example/x" }],
    ["a node address that is not in its normal form", { node: "HTTPS://node.example" }],
    ["a node of another scheme", { node: "javascript:alert(1)" }],
    ["an expiry that no clock reaches", { expiresAtS: 2n ** 60n }],
  ])("with %s and the right checksum is malformed", (_, fields) => {
    expect(parseInviteLink(linkWith(fields))).toEqual(malformed);
  });

  test("to a group says so, in a version that an older Kith knows it does not know", () => {
    const toGroup = formatInviteLink("https://kith.example", { ...invite, kind: "group" });
    expect(parseInviteLink(toGroup)).toEqual({ ok: true, value: { ...invite, kind: "group" } });
    expect(toGroup).toBe(linkWith({ secret: invite.secret, kind: 1 }, 2));
    expect(parseInviteLink(linkWith({}, 2))).toEqual(malformed);
    expect(parseInviteLink(linkWith({ kind: 2 as 1 }, 2))).toEqual(malformed);
  });

  test("with bytes after the invite and the right checksum is malformed", () => {
    const bytes = valueIn(fromBase64Url(code)).slice(0, -4);
    expect(parseInviteLink(linkOf(bytes))).toEqual(good);
    expect(parseInviteLink(linkOf(concat(bytes, Uint8Array.of(0x28, 1))))).toEqual(malformed);
  });
});
