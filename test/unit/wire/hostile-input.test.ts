/** Every decoder of the wire against 100,000 hostile inputs (PROTOCOL.md §1). */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { open, seal, sealOverheadBytes } from "../../../core/crypto/seal.ts";
import { concat, fromBase64Url, idBytes, toBase64Url } from "../../../core/lang/bytes.ts";
import { err, ok, type Result } from "../../../core/lang/result.ts";
import { envelopeSizesBytes, signalPlainBytes } from "../../../core/wire/bounds.ts";
import { decodeClientFrame, encodeClientFrame } from "../../../core/wire/client-frame.ts";
import { decodeCommitNote, encodeCommitNote } from "../../../core/wire/commit-note.ts";
import { decodeContent, encodeContent } from "../../../core/wire/content.ts";
import { decodeConversationContext, encodeConversationContext } from "../../../core/wire/conversation-context.ts";
import { decodeCredential, encodeCredential } from "../../../core/wire/credential.ts";
import { encodeDeviceList, readSignedDeviceList } from "../../../core/wire/device-list.ts";
import { openEnvelope } from "../../../core/wire/envelope.ts";
import { decodeGroupCard, encodeGroupCard } from "../../../core/wire/group-card.ts";
import { checkGroupName, isGroupName } from "../../../core/wire/group-text.ts";
import {
  decodeHistoryCapsule,
  decodeHistoryPiece,
  encodeHistoryCapsule,
  encodeHistoryPiece,
} from "../../../core/wire/history.ts";
import { parseInviteLink } from "../../../core/wire/invite-link.ts";
import { decodeLinkFrame, encodeLinkFrame } from "../../../core/wire/link-protocol.ts";
import { decodeLinkShown, encodeLinkShown } from "../../../core/wire/link-shown.ts";
import { checkName } from "../../../core/wire/name.ts";
import { decodeNodeFrame, encodeNodeFrame } from "../../../core/wire/node-frame.ts";
import { parseNodeUrl } from "../../../core/wire/node-url.ts";
import { pad, paddingHeaderBytes, unpad } from "../../../core/wire/padding.ts";
import { decodeSignal, openSignal, signalEpoch } from "../../../core/wire/signal.ts";
import { checkText } from "../../../core/wire/text.ts";
import { hostileBytes, sizeOf } from "./hostile.ts";
import { account, encoded, epochSecret, type Format, keys, nonce, valueIn } from "./samples.ts";

const casesOfEach = 100_000;
const timeoutMs = 120_000;

/**
 * Runs the cases and counts both outcomes: a decoder that refuses all, or takes all, was not tried. What it keeps of
 * an input is in proportion to the input.
 */
function tryAll<Input, Value, Fault>(
  inputs: fc.Arbitrary<Input>,
  decode: (input: Input) => Result<Value, Fault>,
  faults: readonly Fault[],
  accepted: (value: Value, input: Input) => void = () => {},
): void {
  const count = { taken: 0, refused: 0 };
  fc.assert(
    fc.property(inputs, (input) => {
      const result = decode(input);
      if (result.ok) {
        count.taken++;
        if (sizeOf(result.value) > 3 * sizeOf(input) + 500) throw new Error("a small input became a large value");
        accepted(result.value, input);
      } else {
        count.refused++;
        if (!faults.some((fault) => sameFault(fault, result.error))) throw new Error("an error outside its union");
      }
    }),
    { numRuns: casesOfEach },
  );
  expect(count.taken + count.refused).toBeGreaterThanOrEqual(casesOfEach);
  expect(count.taken).toBeGreaterThan(casesOfEach / 200);
  expect(count.refused).toBeGreaterThan(casesOfEach / 200);
}

/** By its reason where a fault is more than a word. */
function sameFault(one: unknown, other: unknown): boolean {
  const word = (fault: unknown) => (typeof fault === "object" && fault !== null && "why" in fault ? fault.why : fault);
  return word(one) === word(other);
}

/** Accepted bytes are the only bytes of their value. */
function sameBytes(again: Uint8Array, bytes: Uint8Array): void {
  if (Buffer.compare(again, bytes) !== 0) throw new Error("two byte strings for one value");
}

const samplesOf = (format: Format): Uint8Array[] => Object.values<Uint8Array>(encoded[format]);

describe("hostile input is answered with a value, never thrown, never grown", () => {
  test("device lists", { timeout: timeoutMs }, () => {
    const samples = samplesOf("device-list");
    // A key that is no point of the curve: refused without the arithmetic of a signature, which would take a minute.
    const noKey = (bytes: Uint8Array) => valueIn(swapped(bytes, idBytes(account), new Uint8Array(32).fill(0xff)));
    const inputs = fc.oneof(
      { arbitrary: hostileBytes(samples), weight: 1 },
      { arbitrary: hostileBytes(samples.map(noKey)), weight: 19 },
    );
    tryAll(inputs, readSignedDeviceList, ["malformed", "newer-version", "not-signed"], ({ list, listBytes }) =>
      sameBytes(encodeDeviceList(list), listBytes),
    );
  });

  test("credentials", { timeout: timeoutMs }, () => {
    tryAll(hostileBytes(samplesOf("credential")), decodeCredential, ["malformed", "newer-version"], (value, bytes) =>
      sameBytes(encodeCredential(value), bytes),
    );
  });

  test("conversation contexts", { timeout: timeoutMs }, () => {
    tryAll(
      hostileBytes(samplesOf("conversation-context")),
      decodeConversationContext,
      ["malformed", "newer-version"],
      // Version 1 is written as version 2 now; all else about it is the same.
      (value, [tag = 0, version = 0, ...rest]) =>
        sameBytes(encodeConversationContext(value), Uint8Array.of(tag, version === 1 ? 2 : version, ...rest)),
    );
  });

  test("notes of commits", { timeout: timeoutMs }, () => {
    tryAll(hostileBytes(samplesOf("commit-note")), decodeCommitNote, ["malformed", "newer-version"], (value, bytes) =>
      sameBytes(valueIn(encodeCommitNote(value)), bytes),
    );
  });

  test("cards of groups", { timeout: timeoutMs }, () => {
    tryAll(hostileBytes(samplesOf("group-card")), decodeGroupCard, ["malformed", "newer-version"], (value, bytes) =>
      sameBytes(encodeGroupCard(value), bytes),
    );
  });

  test("what links show", { timeout: timeoutMs }, () => {
    tryAll(hostileBytes(samplesOf("link-shown")), decodeLinkShown, ["malformed"], (value) =>
      expect(decodeLinkShown(encodeLinkShown(value))).toEqual({ ok: true, value }),
    );
  });

  test("capsules of history", { timeout: timeoutMs }, () => {
    tryAll(
      hostileBytes(samplesOf("history-capsule")),
      decodeHistoryCapsule,
      ["malformed", "newer-version"],
      (value, bytes) => sameBytes(valueIn(encodeHistoryCapsule(value)), bytes),
    );
  });

  test("pieces of history", { timeout: timeoutMs }, () => {
    tryAll(hostileBytes(samplesOf("history-piece")), decodeHistoryPiece, ["malformed"], (value) =>
      expect(decodeHistoryPiece(encodeHistoryPiece(value))).toEqual({ ok: true, value }),
    );
  });

  test("content", { timeout: timeoutMs }, () => {
    tryAll(hostileBytes(samplesOf("content")), decodeContent, ["malformed"], (value) =>
      // Text and names are put in order on the way in; once is enough.
      expect(decodeContent(encodeContent(value))).toEqual({ ok: true, value }),
    );
  });

  test("envelopes as they travel", { timeout: timeoutMs }, () => {
    tryAll(hostileBytes(samplesOf("envelope")), (bytes) => openEnvelope(keys.envelopeKey, keys.topic, bytes), [
      "not-authentic",
      "malformed",
    ]);
  });

  test("payloads in an envelope that a member sealed", { timeout: timeoutMs }, () => {
    const payloads = samplesOf("envelope").map((bytes) => plaintextOf(bytes));
    tryAll(hostileBytes(payloads), (bytes) => openEnvelope(keys.envelopeKey, keys.topic, sealAnything(bytes)), [
      "malformed",
      "not-authentic",
    ]);
  });

  test("paddings", { timeout: timeoutMs }, () => {
    const padded = samplesOf("envelope").map((bytes) => pad(plaintextOf(bytes), 600));
    tryAll(hostileBytes(padded), unpad, ["malformed"], (value, bytes) => sameBytes(pad(value, bytes.length), bytes));
  });

  test("signals as they travel", { timeout: timeoutMs }, () => {
    tryAll(
      hostileBytes(samplesOf("signal")),
      (bytes) => {
        const epoch = signalEpoch(bytes);
        return epoch.ok ? openSignal(epochSecret, bytes) : epoch;
      },
      ["malformed", "not-authentic"],
    );
  });

  test("signals that a member sealed", { timeout: timeoutMs }, () => {
    const plain = samplesOf("signal").map((bytes) => valueIn(openSignal(epochSecret, bytes)));
    const messages = plain.map((bytes) => bytes.slice(paddingHeaderBytes, paddingHeaderBytes + (bytes[3] ?? 0)));
    const longest = signalPlainBytes - paddingHeaderBytes;
    tryAll(hostileBytes(messages), (bytes) => decodeSignal(pad(bytes.subarray(0, longest), signalPlainBytes)), [
      "malformed",
    ]);
  });

  test("link frames", { timeout: timeoutMs }, () => {
    tryAll(hostileBytes(samplesOf("link-frame")), decodeLinkFrame, ["malformed"], (value, bytes) =>
      sameBytes(encodeLinkFrame(value), bytes),
    );
  });

  test("frames of a client", { timeout: timeoutMs }, () => {
    tryAll(
      hostileBytes(samplesOf("client-frame")),
      decodeClientFrame,
      [
        { requestId: 0, why: "malformed" },
        { requestId: 0, why: "too-large" },
      ],
      (value, bytes) => sameBytes(encodeClientFrame(value), bytes),
    );
  });

  test("frames of a node", { timeout: timeoutMs }, () => {
    tryAll(hostileBytes(samplesOf("node-frame")), decodeNodeFrame, ["malformed"], (value, bytes) => {
      expect(decodeNodeFrame(encodeNodeFrame(value))).toEqual(decodeNodeFrame(bytes));
    });
  });

  test("invite links: their text, and the bytes in it", { timeout: timeoutMs }, () => {
    const [link = new Uint8Array(0)] = samplesOf("invite-link");
    const code = Buffer.from(link).toString().split("#/i/")[1] ?? "";
    const text = hostileBytes([link]).map((bytes) => Buffer.from(bytes).toString("latin1"));
    const inside = hostileBytes([valueIn(fromBase64Url(code))]).map((bytes) => `#/i/${toBase64Url(bytes)}`);
    tryAll(fc.oneof(text, inside), parseInviteLink, ["malformed", "damaged", "newer-version"]);
  });

  test("invites whose maker knows the checksum", { timeout: timeoutMs }, () => {
    const [link = new Uint8Array(0)] = samplesOf("invite-link");
    const code = Buffer.from(link).toString().split("#/i/")[1] ?? "";
    const invite = valueIn(fromBase64Url(code)).slice(0, -4);
    tryAll(hostileBytes([invite]), (bytes) => parseInviteLink(`#/i/${toBase64Url(withChecksum(bytes))}`), [
      "malformed",
      "damaged",
      "newer-version",
    ]);
  });

  test("node addresses", { timeout: timeoutMs }, () => {
    const addresses = ["https://node.example:8443", "http://127.0.0.1:80/", "https://[2001:db8::1]"];
    const texts = hostileBytes(addresses.map((text) => Buffer.from(text))).map((bytes) =>
      Buffer.from(bytes).toString("latin1"),
    );
    tryAll(texts, parseNodeUrl, ["malformed"], (value) => {
      expect(parseNodeUrl(value)).toEqual({ ok: true, value });
      // What our grammar lets through, every URL parser reads as the same origin.
      expect(new URL(value).origin).toBe(value);
    });
  });

  test("names and texts", { timeout: timeoutMs }, () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 70 }),
      fc.string({ unit: fc.constantFrom(" ", "\n", "\r", "\t", "a", "\u202e", "\u200d", "\u0301", "\ud800", "🦊") }),
    );
    tryAll(text, checkName, ["empty", "too-long"], (value) => {
      if (checkName(value).ok !== true || valueIn(checkName(value)) !== value) throw new Error("not settled");
      if (/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(value)) throw new Error("a control came through");
    });
    tryAll(text, checkText, ["empty", "too-long"], (value) => {
      if (valueIn(checkText(value)) !== value) throw new Error("not settled");
    });
    tryAll(text, checkGroupName, ["empty", "too-long"], (value) => {
      if (valueIn(checkName(value)) !== value || !isGroupName(value)) throw new Error("not a name for every member");
    });
  });
});

/** `bytes` with one part of them replaced by another of the same length. */
function swapped(bytes: Uint8Array, part: Uint8Array, by: Uint8Array): Result<Uint8Array, "no such part"> {
  const at = Buffer.from(bytes).indexOf(part);
  if (at < 0) return err("no such part");
  return ok(concat(bytes.subarray(0, at), by, bytes.subarray(at + part.length)));
}

function plaintextOf(envelope: Uint8Array): Uint8Array {
  return valueIn(unpad(valueIn(open(keys.envelopeKey, envelope, idBytes(keys.topic)))));
}

/** An envelope that keeps every rule but those of its payload. */
function sealAnything(payload: Uint8Array): Uint8Array {
  const needed = payload.length + paddingHeaderBytes + sealOverheadBytes;
  const size = envelopeSizesBytes.find((bytes) => bytes >= needed) ?? 0;
  return seal(keys.envelopeKey, nonce, pad(payload, size - sealOverheadBytes), idBytes(keys.topic));
}

function withChecksum(bytes: Uint8Array): Uint8Array {
  const sum = createHash("sha256").update("kith/v1/invite checksum").update(bytes).digest();
  return concat(bytes, sum.subarray(0, 4));
}
