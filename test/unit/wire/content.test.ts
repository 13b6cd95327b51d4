import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { messageIdOf } from "../../../core/conversation/order.ts";
import { concat, toHex } from "../../../core/lang/bytes.ts";
import { type Content, decodeContent, encodeContent } from "../../../core/wire/content.ts";
import { ContentSchema } from "../../../core/wire/gen/kith/content_pb.js";
import { contents, countUp, laptop, node, sentAtMs } from "./samples.ts";

const malformed = { ok: false, error: "malformed" };

function contentWith(fields: MessageInitShape<typeof ContentSchema>): Uint8Array {
  const whole = { id: countUp(1, 8), clockMs: BigInt(sentAtMs), clockCount: 1, ...fields };
  return toBinary(ContentSchema, create(ContentSchema, whole));
}
const text = (value: string) => contentWith({ kind: { case: "text", value: { text: value } } });
const delivered = (envelopeHashes: Uint8Array[], refusedHashes: Uint8Array[] = []) =>
  contentWith({ kind: { case: "delivered", value: { envelopeHashes, refusedHashes } } });
const read = (messages: Uint8Array[]) => contentWith({ kind: { case: "read", value: { messages } } });
const nodes = (value: string[]) => contentWith({ kind: { case: "nodes", value: { nodes: value } } });
const profile = (value: { name: string; nodes?: string[] }) => contentWith({ kind: { case: "profile", value } });
const places = ["http://a.example", "http://b.example", "http://c.example", "http://d.example"];
/** Field 50, as a newer Kith might add it: tag, length, two bytes. */
const fieldToCome = Uint8Array.of(0x92, 3, 2, 1, 2);

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
      number: 0,
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
    ["a number beyond counting", contentWith({ number: 2n ** 53n, kind: { case: "text", value: { text: "a" } } })],
    ["an empty name", profile({ name: "" })],
    ["a name of 61 characters", profile({ name: "a".repeat(61) })],
    ["a profile with four nodes", profile({ name: "Alice", nodes: places })],
    ["a profile with one node twice", profile({ name: "Alice", nodes: [node, node] })],
    ["a profile with a node not in its normal form", profile({ name: "Alice", nodes: [`${node}/`] })],
    ["a hash of 31 bytes", delivered([countUp(0, 31)])],
    ["a refused hash of 33 bytes", delivered([], [countUp(0, 33)])],
    ["more than 500 hashes", delivered(Array(300).fill(countUp(0, 32)), Array(201).fill(countUp(1, 32)))],
    ["nothing read", read([])],
    ["a read message of 23 bytes", read([countUp(0, 23)])],
    ["a read message of 25 bytes", read([countUp(0, 24), countUp(0, 25)])],
    ["more than 500 read messages", read(Array(501).fill(countUp(0, 24)))],
    ["no node", nodes([])],
    ["four nodes", nodes(places)],
    ["one node twice", nodes([node, node])],
    ["a node with a path", nodes([`${node}/x`])],
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

  test("acknowledges up to 500 envelopes at once, and as many messages read", () => {
    expect(decodeContent(delivered(Array(500).fill(countUp(0, 32)))).ok).toBe(true);
    expect(decodeContent(read(Array(500).fill(countUp(0, 24)))).ok).toBe(true);
  });

  test("names what was read by its author's device and its id, as a timeline does", () => {
    const message = concat(countUp(0x20, 16), countUp(1, 8));
    expect(decodeContent(read([message]))).toMatchObject({
      value: { body: { messages: [messageIdOf(laptop, toHex(countUp(1, 8)))] } },
    });
  });

  test("of a Kith before messages had numbers has number 0", () => {
    expect(decodeContent(text("Hello"))).toMatchObject({ value: { number: 0 } });
  });

  test("of a person before there were several nodes names none", () => {
    expect(decodeContent(profile({ name: "Alice" }))).toMatchObject({ value: { body: { name: "Alice", nodes: [] } } });
  });

  test("keeps the order of nodes, which is the order in which they are tried", () => {
    const three = [places[2]!, places[0]!, places[1]!];
    expect(decodeContent(nodes(three))).toMatchObject({ value: { body: { nodes: three } } });
  });

  test("of others is put in order like one's own", () => {
    expect(decodeContent(text("\n\nHello\r\n  "))).toMatchObject({ value: { body: { text: "Hello" } } });
    expect(decodeContent(profile({ name: "\u202eAlice" }))).toMatchObject({ value: { body: { name: "Alice" } } });
  });
});
