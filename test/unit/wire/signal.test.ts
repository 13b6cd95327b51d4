import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { idBytes } from "../../../core/lang/bytes.ts";
import { maxSignalBytes, signalPlainBytes } from "../../../core/wire/bounds.ts";
import { SignalSchema } from "../../../core/wire/gen/kith/signal_pb.js";
import { pad } from "../../../core/wire/padding.ts";
import {
  decodeSignal,
  encodeSignal,
  openSignal,
  type Signal,
  sealSignal,
  signalEpoch,
} from "../../../core/wire/signal.ts";
import { countUp, laptop, nonce, signals, valueIn } from "./samples.ts";

const malformed = { ok: false, error: "malformed" };
const notAuthentic = { ok: false, error: "not-authentic" };
const key = countUp(0x70, 32);

type Fields = MessageInitShape<typeof SignalSchema>;
function plainWith(kind: Fields["kind"], device = idBytes(laptop)): Uint8Array {
  const fields: Fields = kind === undefined ? { device } : { device, kind };
  return pad(toBinary(SignalSchema, create(SignalSchema, fields)), signalPlainBytes);
}
const presence = (value: object) =>
  plainWith({ case: "presence", value: { state: 1, peerId: "12D3", addresses: ["/ip4/127.0.0.1"], ...value } });

describe("a signal", () => {
  test.each<Signal>(Object.values(signals))("of $body.kind comes back", (signal) => {
    expect(decodeSignal(valueIn(encodeSignal(signal)))).toEqual({ ok: true, value: signal });
  });

  test("has one length, whatever it says, which a node accepts", () => {
    const lengths = Object.values<Signal>(signals).map(
      (signal) => sealSignal(key, 3, valueIn(encodeSignal(signal)), nonce).length,
    );
    expect(new Set(lengths)).toEqual(new Set([560]));
    expect(560).toBeLessThanOrEqual(maxSignalBytes);
  });

  test("with more addresses than fit is too large to be made", () => {
    const address = `/dns4/node.example/tcp/443/wss/p2p/${"a".repeat(52)}/p2p-circuit/webrtc`;
    const signalOf = (count: number): Signal => ({
      device: laptop,
      body: { ...signals.here.body, kind: "presence", state: "here", addresses: Array(count).fill(address) },
    });
    expect(encodeSignal(signalOf(3)).ok).toBe(true);
    expect(encodeSignal(signalOf(4))).toEqual({ ok: false, error: "too-large" });
  });

  test("names its epoch in clear, and opens under that epoch alone", () => {
    const plain = valueIn(encodeSignal(signals.typing));
    const sealed = sealSignal(key, 70_000, plain, nonce);
    expect(signalEpoch(sealed)).toEqual({ ok: true, value: 70_000 });
    expect(openSignal(key, sealed)).toEqual({ ok: true, value: plain });
    expect(openSignal(countUp(0x71, 32), sealed)).toEqual(notAuthentic);
    const moved = sealed.map((byte, index) => (index === 7 ? byte ^ 1 : byte));
    expect(openSignal(key, moved)).toEqual(notAuthentic);
  });

  test("of another length, or with an epoch beyond counting, is malformed", () => {
    const sealed = sealSignal(key, 1, valueIn(encodeSignal(signals.typing)), nonce);
    expect(signalEpoch(sealed.subarray(1))).toEqual(malformed);
    expect(openSignal(key, sealed.subarray(1))).toEqual(malformed);
    expect(signalEpoch(sealed.map((byte, index) => (index === 0 ? 0xff : byte)))).toEqual(malformed);
    expect(decodeSignal(new Uint8Array(511))).toEqual(malformed);
  });

  test("within the rules is read, whoever encoded it", () => {
    expect(decodeSignal(presence({})).ok).toBe(true);
  });

  test.each([
    ["no kind", plainWith(undefined)],
    ["a device of 15 bytes", plainWith({ case: "typing", value: { typing: true } }, countUp(0, 15))],
    ["no state", presence({ state: 0 })],
    ["a state that nobody gave", presence({ state: 3 })],
    ["a PeerId that is no text of base 58 or 32", presence({ peerId: "12D3/../x" })],
    ["a PeerId of 81 characters", presence({ peerId: "a".repeat(81) })],
    ["five addresses", presence({ addresses: Array(5).fill("/a") })],
    ["an address of 301 characters", presence({ addresses: [`/${"a".repeat(300)}`] })],
    ["an address that is no multiaddr", presence({ addresses: ["https://node.example"] })],
    ["an address with a line end", presence({ addresses: ["/ip4/1\n"] })],
    ["a byte in its padding", plainWith({ case: "typing", value: {} }).fill(1, 511)],
  ])("with %s is malformed", (_, plain) => {
    expect(decodeSignal(plain)).toEqual(malformed);
  });
});
