import { createHash } from "node:crypto";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seal, sealOverheadBytes } from "../../../core/crypto/seal.ts";
import type { ConversationId } from "../../../core/lang/brand.ts";
import { concat, idBytes, toHex, uint32 } from "../../../core/lang/bytes.ts";
import { envelopeSizesBytes } from "../../../core/wire/bounds.ts";
import { envelopeHash, healRequestMessage, openEnvelope, sealEnvelope } from "../../../core/wire/envelope.ts";
import { PayloadSchema } from "../../../core/wire/gen/kith/envelope_pb.js";
import { deriveTopic } from "../../../core/wire/topic.ts";
import { countUp, keys, node, nonce, payloads, sealed, valueIn } from "./samples.ts";

const malformed = { ok: false, error: "malformed" };
const notAuthentic = { ok: false, error: "not-authentic" };
const open = (envelope: Uint8Array) => openEnvelope(keys.envelopeKey, keys.topic, envelope);
const message = (length: number) => ({ kind: "mls", message: countUp(1, length).fill(7), generation: 0 }) as const;

/** An envelope made by a member who breaks the rules: any bytes inside, rightly sealed. */
function sealPadded(padded: Uint8Array, size: number = envelopeSizesBytes[0]): Uint8Array {
  const whole = concat(padded, new Uint8Array(size - sealOverheadBytes - padded.length));
  return seal(keys.envelopeKey, nonce, whole, idBytes(keys.topic));
}
function sealPayload(payload: MessageInitShape<typeof PayloadSchema>["payload"], generation = 0): Uint8Array {
  const bytes = toBinary(PayloadSchema, create(PayloadSchema, { generation, ...(payload && { payload }) }));
  const size = envelopeSizesBytes.find((one) => one >= bytes.length + 4 + sealOverheadBytes);
  return sealPadded(concat(uint32(bytes.length), bytes), size);
}

describe("an envelope", () => {
  test.each(Object.values(payloads))("opens to the $kind payload it was made of", (payload) => {
    expect(open(sealed(payload))).toEqual({ ok: true, value: payload });
  });

  test("leaks of its length only which of four sizes it fits", () => {
    const lengths = fc.integer({ min: 1, max: 65_480 });
    fc.assert(
      fc.property(lengths, (length) => {
        const { length: size } = sealed(message(length));
        const smaller = envelopeSizesBytes[envelopeSizesBytes.indexOf(size as never) - 1] ?? 0;
        expect(envelopeSizesBytes).toContain(size);
        expect(size).toBeGreaterThan(length);
        // Nonce, tag, length and the message's field header: at most 48 bytes.
        expect(length + 48).toBeGreaterThan(smaller);
      }),
      { numRuns: 300 },
    );
  });

  test("fills its size to the last byte, and takes the next one after it", () => {
    // 24 nonce, 16 tag, 4 length, 1 tag of the field, 2 or 3 its length.
    for (const [size, overhead] of [
      [1_024, 47],
      [4_096, 47],
      [16_384, 47],
      [65_536, 48],
    ] as const) {
      const full = message(size - overhead);
      expect(sealed(full).length).toBe(size);
      expect(open(sealed(full))).toEqual({ ok: true, value: full });
      const next = sealEnvelope(keys.envelopeKey, keys.topic, message(size - overhead + 1), nonce);
      expect(next.ok ? next.value.length : next.error).toBe(size === 65_536 ? "too-large" : size * 4);
    }
  });

  test("of another topic, or of another key, is not authentic", () => {
    const other = deriveTopic(countUp(0x51, 32));
    expect(openEnvelope(other.envelopeKey, keys.topic, sealed(payloads.mls))).toEqual(notAuthentic);
    expect(openEnvelope(keys.envelopeKey, other.topic, sealed(payloads.mls))).toEqual(notAuthentic);
  });

  test("with any byte changed is not authentic", () => {
    const envelope = sealed(payloads.mls);
    for (const at of [0, 23, 24, 100, 1_007, 1_008, 1_023]) {
      expect(open(envelope.map((byte, index) => (index === at ? byte ^ 1 : byte)))).toEqual(notAuthentic);
    }
  });

  test("of any other length is nobody's", () => {
    const notAuthentic = { ok: false, error: "not-authentic" };
    const envelope = sealed(payloads.mls);
    for (const length of [0, 1, 43, 1_023]) expect(open(envelope.subarray(0, length))).toEqual(notAuthentic);
    expect(open(concat(envelope, Uint8Array.of(0)))).toEqual(notAuthentic);
    expect(open(new Uint8Array(65_537))).toEqual(notAuthentic);
  });

  test("is named by the SHA-256 of all its bytes", () => {
    const envelope = sealed(payloads.mls);
    expect(envelopeHash(envelope)).toBe(createHash("sha256").update(envelope).digest("hex"));
  });

  test("gives copies, which do not hold the bytes they came in", () => {
    for (const payload of Object.values(payloads)) {
      const parts = Object.values(valueIn(open(sealed(payload)))).flat();
      const copies = parts.filter((part) => part instanceof Uint8Array);
      expect(copies.length).toBeGreaterThan(0);
      for (const bytes of copies) expect(bytes.buffer.byteLength, payload.kind).toBe(bytes.length);
    }
  });
});

describe("a heal request", () => {
  const keyPackage = countUp(0xa0, 40);

  const conversation = toHex(countUp(0x80, 16)) as ConversationId;
  const within = { conversation, topic: keys.topic };

  test("is signed over its conversation, its topic, its generation as eight bytes and the hash of its KeyPackage", () => {
    const hashed = createHash("sha256").update(keyPackage).digest();
    const generation = Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 2);
    expect(healRequestMessage(within, 258, keyPackage)).toEqual(
      concat(idBytes(conversation), idBytes(keys.topic), generation, new Uint8Array(hashed)),
    );
  });

  test("is signed over other bytes when anything in it differs, so that no signature serves another request", () => {
    const other = deriveTopic(countUp(0x51, 32)).topic;
    const messages = [
      healRequestMessage(within, 2, keyPackage),
      healRequestMessage({ ...within, conversation: toHex(countUp(0x81, 16)) as ConversationId }, 2, keyPackage),
      healRequestMessage({ ...within, topic: other }, 2, keyPackage),
      healRequestMessage(within, 3, keyPackage),
      healRequestMessage(within, 2, countUp(0xa1, 40)),
    ];
    expect(new Set(messages.map(toHex)).size).toBe(messages.length);
  });
});

describe("an envelope that a member sealed against the rules is malformed", () => {
  const mls = toBinary(PayloadSchema, create(PayloadSchema, { payload: { case: "mls", value: countUp(0, 10) } }));

  test("the rules themselves pass", () => {
    expect(open(sealPadded(concat(uint32(mls.length), mls))).ok).toBe(true);
  });

  test.each([
    ["with a length beyond its end", concat(uint32(0xffffffff), mls)],
    ["with a length one beyond its end", uint32(1_024 - sealOverheadBytes - 4 + 1)],
    ["with a byte in its padding", concat(uint32(mls.length), mls, Uint8Array.of(0, 0, 1))],
    ["with nothing inside", uint32(0)],
  ])("%s", (_, padded) => {
    expect(open(sealPadded(padded))).toEqual(malformed);
  });

  test("with its last byte set", () => {
    const padded = new Uint8Array(1_024 - sealOverheadBytes);
    padded.set(concat(uint32(mls.length), mls));
    padded[padded.length - 1] = 1;
    expect(open(sealPadded(padded))).toEqual(malformed);
  });

  test("in a larger size than it needs", () => {
    expect(open(sealPadded(concat(uint32(mls.length), mls), 4_096))).toEqual(malformed);
  });

  const deviceList = countUp(0, 50);
  const keyPackage = countUp(0, 50);
  const keyPackages = [keyPackage];
  const welcome = countUp(0, 9);
  const signature = countUp(0, 64);
  const fourNodes = ["http://a.example", "http://b.example", "http://c.example", "http://d.example"];
  test.each<[string, MessageInitShape<typeof PayloadSchema>["payload"]]>([
    ["without a payload", undefined],
    ["with an empty message", { case: "mls", value: new Uint8Array(0) }],
    ["with a bundle without a device list", { case: "inviteBundle", value: { keyPackages, name: "Alice" } }],
    ["with a bundle without a KeyPackage", { case: "inviteBundle", value: { deviceList, name: "Alice" } }],
    [
      "with more KeyPackages than a person has devices",
      { case: "inviteBundle", value: { deviceList, keyPackages: Array(17).fill(countUp(0, 9)), name: "Alice" } },
    ],
    [
      "with a KeyPackage beyond 8 KiB",
      { case: "inviteBundle", value: { deviceList, keyPackages: [new Uint8Array(8_193)], name: "Alice" } },
    ],
    [
      "with a device list beyond 8 KiB",
      { case: "inviteBundle", value: { deviceList: new Uint8Array(8_193), keyPackages, name: "Alice" } },
    ],
    ["with a bundle without a name", { case: "inviteBundle", value: { deviceList, keyPackages, name: " \u202e" } }],
    ["with a name too long", { case: "inviteBundle", value: { deviceList, keyPackages, name: "a".repeat(61) } }],
    [
      "with a bundle for four nodes",
      { case: "inviteBundle", value: { deviceList, keyPackages, name: "Alice", nodes: fourNodes } },
    ],
    [
      "with a bundle for a node not in its normal form",
      { case: "inviteBundle", value: { deviceList, keyPackages, name: "Alice", nodes: [`${node}/`] } },
    ],
    ["with a reply without a device list", { case: "inviteReply", value: { welcome: countUp(0, 9) } }],
    ["with a reply without a welcome", { case: "inviteReply", value: { deviceList } }],
    ["with a heal request without a device list", { case: "healRequest", value: { keyPackage, signature } }],
    [
      "with a heal request whose device list is beyond 8 KiB",
      { case: "healRequest", value: { deviceList: new Uint8Array(8_193), keyPackage, signature } },
    ],
    ["with a heal request without a KeyPackage", { case: "healRequest", value: { deviceList, signature } }],
    [
      "with a heal request whose KeyPackage is beyond 8 KiB",
      { case: "healRequest", value: { deviceList, keyPackage: new Uint8Array(8_193), signature } },
    ],
    ["with a heal request without a signature", { case: "healRequest", value: { deviceList, keyPackage } }],
    [
      "with a heal request signed in 63 bytes",
      { case: "healRequest", value: { deviceList, keyPackage, signature: countUp(0, 63) } },
    ],
    [
      "with a heal request of a generation beyond counting",
      { case: "healRequest", value: { deviceList, keyPackage, signature, generation: 65_536 } },
    ],
    [
      "with a heal request whose numbers are no runs",
      {
        case: "healRequest",
        value: { deviceList, keyPackage, signature, have: [{ device: countUp(0, 16), ranges: [3n, 2n] }] },
      },
    ],
    [
      "with a successor that names a device twice",
      {
        case: "successor",
        value: { deviceList, welcome, generation: 1, have: [{ device: countUp(0, 16) }, { device: countUp(0, 16) }] },
      },
    ],
    ["with a successor without a device list", { case: "successor", value: { welcome, generation: 1 } }],
    [
      "with a successor whose device list is beyond 8 KiB",
      { case: "successor", value: { deviceList: new Uint8Array(8_193), welcome, generation: 1 } },
    ],
    ["with a successor without a welcome", { case: "successor", value: { deviceList, generation: 1 } }],
    ["with a successor of nothing", { case: "successor", value: { deviceList, welcome, generation: 0 } }],
    [
      "with a successor of a generation beyond counting",
      { case: "successor", value: { deviceList, welcome, generation: 65_536 } },
    ],
  ])("%s", (_, payload) => {
    expect(open(sealPayload(payload))).toEqual(malformed);
  });

  test.each<[string, MessageInitShape<typeof PayloadSchema>["payload"]]>([
    ["nothing", undefined],
    ["a bundle", { case: "inviteBundle", value: { deviceList, keyPackages, name: "Alice" } }],
    ["a reply", { case: "inviteReply", value: { deviceList, welcome } }],
    ["a heal request", { case: "healRequest", value: { deviceList, keyPackage, signature, generation: 1 } }],
    ["a successor", { case: "successor", value: { deviceList, welcome, generation: 1 } }],
  ])("with a group's generation beside %s, which is no message", (_, payload) => {
    if (payload !== undefined) expect(open(sealPayload(payload)).ok, "without it").toBe(true);
    expect(open(sealPayload(payload, 1))).toEqual(malformed);
  });

  test("with a message of a generation beyond counting", () => {
    const payload = { case: "mls" as const, value: countUp(0, 10) };
    expect(open(sealPayload(payload, 65_535))).toMatchObject({ value: { generation: 65_535 } });
    expect(open(sealPayload(payload, 65_536))).toEqual(malformed);
  });

  test("but a name is put in order, as one's own is", () => {
    const value = { deviceList, keyPackages, name: "Al\u202eice\n" };
    expect(open(sealPayload({ case: "inviteBundle", value }))).toMatchObject({ value: { name: "Alice" } });
  });
});
