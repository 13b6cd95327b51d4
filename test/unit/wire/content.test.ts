import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { concat, toHex } from "../../../core/lang/bytes.ts";
import { type Content, decodeContent, encodeContent } from "../../../core/wire/content.ts";
import { ContentSchema } from "../../../core/wire/gen/kith/content_pb.js";
import { contents, countUp, sentAtMs } from "./samples.ts";

const malformed = { ok: false, error: "malformed" };

function contentWith(fields: MessageInitShape<typeof ContentSchema>): Uint8Array {
  const whole = { id: countUp(1, 8), clockMs: BigInt(sentAtMs), clockCount: 1, ...fields };
  return toBinary(ContentSchema, create(ContentSchema, whole));
}
const text = (value: string) => contentWith({ kind: { case: "text", value: { text: value } } });
const delivered = (envelopeHashes: Uint8Array[], refusedHashes: Uint8Array[] = []) =>
  contentWith({ kind: { case: "delivered", value: { envelopeHashes, refusedHashes } } });
/** Field 15, as a newer Kith might add it: tag, length, two bytes. */
const fieldToCome = Uint8Array.of(0x7a, 2, 1, 2);

describe("content", () => {
  test.each<Content>(Object.values(contents))("of kind $body.kind comes back as it was said", (content) => {
    expect(decodeContent(encodeContent(content))).toEqual({ ok: true, value: content });
  });

  test("of a kind to come is kept with every byte, and travels on unchanged", () => {
    const raw = concat(contentWith({}), fieldToCome);
    const value: Content = {
      id: toHex(countUp(1, 8)),
      clockMs: sentAtMs,
      clockCount: 1,
      body: { kind: "unknown", raw },
    };
    expect(decodeContent(raw)).toEqual({ ok: true, value });
    expect(encodeContent(value)).toEqual(raw);
  });

  test("of a known kind with something to come beside it is shown as that kind", () => {
    expect(decodeContent(concat(text("Hello"), fieldToCome))).toMatchObject({ value: { body: { text: "Hello" } } });
  });

  test.each([
    ["nothing", new Uint8Array(0)],
    ["no kind at all", contentWith({})],
    ["an id of 7 bytes", contentWith({ id: countUp(1, 7), kind: { case: "text", value: { text: "a" } } })],
    ["no id", contentWith({ id: new Uint8Array(0), kind: { case: "text", value: { text: "a" } } })],
    ["a clock beyond counting", contentWith({ clockMs: 2n ** 53n, kind: { case: "text", value: { text: "a" } } })],
    [
      "a clock beyond the last date",
      contentWith({ clockMs: 8_640_000_000_000_001n, kind: { case: "text", value: { text: "a" } } }),
    ],
    ["an empty text", text("")],
    ["a text of blanks", text(" \n\u200b")],
    ["a text of 8,001 characters", text("a".repeat(8_001))],
    ["an empty name", contentWith({ kind: { case: "profile", value: { name: "" } } })],
    ["a name of 61 characters", contentWith({ kind: { case: "profile", value: { name: "a".repeat(61) } } })],
    ["a hash of 31 bytes", delivered([countUp(0, 31)])],
    ["a refused hash of 33 bytes", delivered([], [countUp(0, 33)])],
    ["more than 500 hashes", delivered(Array(300).fill(countUp(0, 32)), Array(201).fill(countUp(1, 32)))],
    ["a kind to come with no id", concat(contentWith({ id: new Uint8Array(0) }), fieldToCome)],
  ])("with %s is malformed", (_, bytes) => {
    expect(decodeContent(bytes)).toEqual(malformed);
  });

  test("of the last date there is can be shown", () => {
    const last = decodeContent(
      contentWith({ clockMs: 8_640_000_000_000_000n, kind: { case: "text", value: { text: "a" } } }),
    );
    expect(last.ok && new Date(last.value.clockMs).toISOString()).toBe("+275760-09-13T00:00:00.000Z");
  });

  test("acknowledges up to 500 envelopes at once", () => {
    expect(decodeContent(delivered(Array(500).fill(countUp(0, 32)))).ok).toBe(true);
  });

  test("of others is put in order like one's own", () => {
    expect(decodeContent(text("\n\nHello\r\n  "))).toMatchObject({ value: { body: { text: "Hello" } } });
    const profile = contentWith({ kind: { case: "profile", value: { name: "\u202eAlice" } } });
    expect(decodeContent(profile)).toMatchObject({ value: { body: { name: "Alice" } } });
  });
});
