/** Binding requests and answers as bytes (PROTOCOL.md §6.8). RFC 5769's samples are in test/vectors; over UDP: test/contracts. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressBytes } from "../../../bootstrap-node/client-address.ts";
import { answerBinding, maxRequestBytes, readBindingRequest } from "../../../bootstrap-node/stun-message.ts";
import { concat } from "../../../core/lang/bytes.ts";
import { hostileBytes } from "../wire/hostile.ts";
import { countUp } from "../wire/samples.ts";

const id = countUp(0x40, 12);
const address = addressBytes("192.0.2.7")!;

/** A Binding request with these attributes; `type` and `length` may lie. */
function request(attributes: Uint8Array = new Uint8Array(), type = 1, length = attributes.length): Uint8Array {
  return concat(Uint8Array.of(type >> 8, type, length >> 8, length, 0x21, 0x12, 0xa4, 0x42), id, attributes);
}
function attribute(type: number, value: Uint8Array): Uint8Array {
  const padding = new Uint8Array((4 - (value.length % 4)) % 4);
  return concat(Uint8Array.of(type >> 8, type, value.length >> 8, value.length), value, padding);
}
const software = attribute(0x8022, Buffer.from("a browser"));
/** Message type, error code and unknown attribute types. */
function refusalOf(answer: Uint8Array) {
  const bytes = Buffer.from(answer);
  const count = bytes.readUInt16BE(30) / 2;
  return {
    type: bytes.readUInt16BE(0),
    code: bytes.readUInt8(26) * 100 + bytes.readUInt8(27),
    unknown: Array.from({ length: count }, (_, index) => bytes.readUInt16BE(32 + 2 * index)),
  };
}

describe("a Binding request", () => {
  it("of 20 bytes is answered with 32, as browsers send and read it", () => {
    const asked = readBindingRequest(request())!;
    const answer = answerBinding(asked, address, 50_000);
    expect(Buffer.from(answer).toString("hex")).toBe(
      `0101000c2112a442${"404142434445464748494a4b"}002000080001e242e112a645`,
    );
  });

  it("may say which program asks", () => {
    expect(readBindingRequest(request(software))?.unknown).toEqual([]);
  });

  it("with what must be understood and is not is told so", () => {
    const changeRequest = attribute(0x0003, Uint8Array.of(0, 0, 0, 6));
    const answer = answerBinding(readBindingRequest(request(concat(software, changeRequest)))!, address, 50_000);
    expect(refusalOf(answer)).toEqual({ type: 0x0111, code: 420, unknown: [0x0003] });
    expect(answer.length % 4).toBe(0);
  });

  it("may carry what follows its integrity, which nobody looks at", () => {
    const integrity = attribute(0x0008, new Uint8Array(20));
    expect(readBindingRequest(request(concat(integrity, attribute(0x0003, id))))?.unknown).toEqual([]);
  });

  it("is never answered with much more than it brought", () => {
    const attributes = fc.array(fc.tuple(fc.nat(0xffff), fc.uint8Array({ maxLength: 9 })), { maxLength: 40 });
    const anywhere = fc.constantFrom(address, addressBytes("2001:db8::9")!);
    fc.assert(
      fc.property(attributes, anywhere, fc.nat(0xffff), (list, from, port) => {
        const bytes = request(concat(...list.map(([type, value]) => attribute(type, value))));
        const asked = readBindingRequest(bytes);
        if (asked === undefined) return;
        const answer = answerBinding(asked, from, port);
        expect(answer.length - bytes.length).toBeLessThanOrEqual(24);
        expect(Buffer.from(answer).readUInt16BE(2)).toBe(answer.length - 20);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("what is no Binding request is not answered", () => {
  it.each([
    ["nothing", new Uint8Array()],
    ["a header cut short", request().subarray(0, 19)],
    ["another cookie", request().with(4, 0x22)],
    ["an answer, so that two servers cannot be set to talk for ever", request(undefined, 0x0101)],
    ["an indication", request(undefined, 0x0011)],
    ["a request for a relay", request(undefined, 0x0003)],
    ["a length that is less than what came", request(software, 1, 0)],
    ["a length that is more than what came", request(undefined, 1, 4)],
    ["an attribute cut short", request(software.subarray(0, 12))],
    ["half the header of an attribute", request(software.subarray(0, 2))],
    ["a wrong fingerprint", request(attribute(0x8028, Uint8Array.of(1, 2, 3, 4)))],
    ["more than a small packet holds", request(attribute(0x8022, new Uint8Array(maxRequestBytes)))],
  ])("%s", (_, bytes) => {
    expect(readBindingRequest(bytes)).toBeUndefined();
  });

  it("nor does anything anybody can send make it throw", () => {
    const samples = [request(), request(software), request(concat(software, attribute(0x0003, id)))];
    let read = 0;
    fc.assert(
      fc.property(hostileBytes(samples), (bytes) => {
        if (readBindingRequest(bytes) !== undefined) read += 1;
      }),
      { numRuns: 100_000 },
    );
    expect(read).toBeGreaterThan(1_000);
  });
});

describe("the bytes of an address", () => {
  it.each([
    ["203.0.113.9", "cb007109"],
    ["::ffff:203.0.113.9", "cb007109"],
    ["2001:db8::7", "20010db8000000000000000000000007"],
    ["fe80::1%eth0", "fe800000000000000000000000000001"],
    ["::1", "00000000000000000000000000000001"],
    ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
  ])("of %s", (text, hex) => {
    expect(Buffer.from(addressBytes(text)!).toString("hex")).toBe(hex);
  });

  it("are nothing where there is no address", () => {
    expect(addressBytes("nonsense")).toBeUndefined();
  });
});
