import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { concat } from "../../../core/lang/bytes.ts";
import { decodeMessage, decodeVersioned } from "../../../core/wire/decode.ts";
import { TextContentSchema } from "../../../core/wire/gen/kith/content_pb.js";
import { CredentialSchema } from "../../../core/wire/gen/kith/identity_pb.js";
import { LinkFrameSchema, LinkGotSchema, LinkPingSchema } from "../../../core/wire/gen/kith/link_pb.js";

const malformed = { ok: false, error: "malformed" };
const bytes = (...values: number[]) => Uint8Array.from(values);

describe("one message has one byte string", () => {
  test("the canonical form is taken", () => {
    expect(decodeMessage(LinkPingSchema, bytes(0x08, 0x05), 100)).toMatchObject({ ok: true, value: { id: 5 } });
    expect(decodeMessage(LinkPingSchema, bytes(), 100)).toMatchObject({ ok: true, value: { id: 0 } });
  });

  test.each([
    ["a number with needless bytes", LinkPingSchema, bytes(0x08, 0x85, 0x00)],
    ["a tag with needless bytes", LinkPingSchema, bytes(0x88, 0x00, 0x05)],
    ["a default that is written out", LinkPingSchema, bytes(0x08, 0x00)],
    ["a number beyond its 32 bits", LinkPingSchema, bytes(0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01)],
    ["a field twice", LinkPingSchema, bytes(0x08, 0x05, 0x08, 0x06)],
    ["a field of another wire type", LinkPingSchema, bytes(0x0d, 0x05, 0x00, 0x00, 0x00)],
    ["a field that is not known", LinkPingSchema, bytes(0x08, 0x05, 0x10, 0x01)],
    ["fields in another order", LinkGotSchema, bytes(0x10, 0x01, 0x0a, 0x01, 0x07)],
    ["a truth that is neither 0 nor 1", LinkGotSchema, bytes(0x10, 0x02)],
    ["two kinds of frame", LinkFrameSchema, bytes(0x22, 0x00, 0x2a, 0x00)],
    ["a part longer than its whole", LinkFrameSchema, bytes(0x22, 0x7f, 0x08, 0x05)],
    ["a part that ends within the next field", LinkFrameSchema, bytes(0x22, 0x01, 0x08, 0x05)],
    ["text that is not UTF-8", TextContentSchema, bytes(0x0a, 0x02, 0xc0, 0x80)],
    ["half a surrogate pair", TextContentSchema, bytes(0x0a, 0x03, 0xed, 0xa0, 0x80)],
    ["a cut number", LinkPingSchema, bytes(0x08, 0x85)],
    ["field number 0", LinkPingSchema, bytes(0x00, 0x05)],
    ["a group that never ends", LinkPingSchema, bytes(0x13, 0x13, 0x13, 0x13)],
  ])("%s is refused", (_, schema, input) => {
    expect(decodeMessage(schema, input, 100)).toEqual(malformed);
  });

  test("groups nested deeper than any message of ours are refused, also where unknown fields are kept", () => {
    // Group 2, opened and closed as often: without a limit it would be a field to keep.
    const nested = (depth: number) => concat(new Uint8Array(depth).fill(0x13), new Uint8Array(depth).fill(0x14));
    expect(decodeMessage(LinkPingSchema, nested(2), 100, "keep").ok).toBe(true);
    expect(decodeMessage(LinkPingSchema, nested(20), 100, "keep")).toEqual(malformed);
    expect(decodeMessage(LinkPingSchema, nested(30_000), 65_536, "keep")).toEqual(malformed);
  });

  test("a text that begins with a byte-order mark keeps it", () => {
    const input = bytes(0x0a, 0x04, 0xef, 0xbb, 0xbf, 0x61);
    expect(decodeMessage(TextContentSchema, input, 100)).toMatchObject({ value: { text: "\ufeffa" } });
  });
});

describe("a bound", () => {
  test("is the last length that is read", () => {
    expect(decodeMessage(LinkPingSchema, bytes(0x08, 0x05), 2).ok).toBe(true);
    expect(decodeMessage(LinkPingSchema, bytes(0x08, 0x05), 1)).toEqual(malformed);
  });

  test("holds before a byte is looked at", () => {
    const untouchable = new Proxy(new Uint8Array(200), {
      get: (target, name) => {
        if (name === "length") return target.length;
        throw new Error(`read ${String(name)}`);
      },
    });
    expect(decodeMessage(LinkPingSchema, untouchable, 199)).toEqual(malformed);
    expect(decodeVersioned(CredentialSchema, untouchable, 199, 1)).toEqual(malformed);
  });
});

describe("a version", () => {
  const credential = (version: number) => toBinary(CredentialSchema, create(CredentialSchema, { version }));

  test("that is known is read", () => {
    expect(decodeVersioned(CredentialSchema, credential(1), 100, 1)).toMatchObject({ value: { version: 1 } });
  });

  test("that is higher is named, whatever follows it", () => {
    const newer = { ok: false, error: "newer-version" };
    expect(decodeVersioned(CredentialSchema, credential(2), 100, 1)).toEqual(newer);
    expect(decodeVersioned(CredentialSchema, concat(credential(2), bytes(0xff, 0xff)), 100, 1)).toEqual(newer);
  });
});
