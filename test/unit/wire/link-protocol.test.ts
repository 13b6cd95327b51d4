import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { concat, idBytes, toHex, uint32, utf8 } from "../../../core/lang/bytes.ts";
import { LinkFrameSchema } from "../../../core/wire/gen/kith/link_pb.js";
import {
  decodeLinkFrame,
  encodeLinkFrame,
  type LinkFrame,
  linkMac,
  linkMacInput,
} from "../../../core/wire/link-protocol.ts";
import { countUp, epochSecret, keys, laptop, linkFrames, phone, prover } from "./samples.ts";

type Fields = MessageInitShape<typeof LinkFrameSchema>["frame"];
const frameWith = (frame: Fields) =>
  toBinary(LinkFrameSchema, create(LinkFrameSchema, frame === undefined ? {} : { frame }));
const topic = idBytes(keys.topic);
const keep = { topic, devices: [idBytes(laptop)], envelope: new Uint8Array(1_024) };
const kept = { envelopeHash: countUp(0, 32), untilMs: 5n, signature: countUp(0, 64) };
const devices = (count: number) => Array.from({ length: count }, (_, n) => countUp(n, 16));
const proof = { topic, epoch: 7n, device: idBytes(laptop), mac: countUp(0, 32), signature: countUp(0, 64) };

describe("a link frame", () => {
  test.each<LinkFrame>(Object.values(linkFrames))("of kind $kind comes back", (frame) => {
    expect(decodeLinkFrame(encodeLinkFrame(frame))).toEqual({ ok: true, value: frame });
  });

  test("carries the largest envelope within its bound", () => {
    const frame: LinkFrame = { kind: "deliver", topic: keys.topic, envelope: new Uint8Array(65_536) };
    expect(decodeLinkFrame(encodeLinkFrame(frame)).ok).toBe(true);
  });

  test("asks to keep the largest envelope for sixteen devices within its bound", () => {
    const frame = frameWith({ case: "keep", value: { topic, devices: devices(16), envelope: new Uint8Array(65_536) } });
    expect(decodeLinkFrame(frame).ok).toBe(true);
  });

  test.each<[string, Fields]>([
    ["of no kind", undefined],
    ["proving a topic of 31 bytes", { case: "proof", value: { ...proof, topic: countUp(0, 31) } }],
    ["proving a device of 17 bytes", { case: "proof", value: { ...proof, device: countUp(0, 17) } }],
    ["proving an epoch beyond counting", { case: "proof", value: { ...proof, epoch: 2n ** 53n } }],
    ["with a MAC of 31 bytes", { case: "proof", value: { ...proof, mac: countUp(0, 31) } }],
    ["with a signature of 65 bytes", { case: "proof", value: { ...proof, signature: countUp(0, 65) } }],
    ["delivering to no topic", { case: "deliver", value: { envelope: new Uint8Array(1_024) } }],
    ["delivering what has no envelope's size", { case: "deliver", value: { topic, envelope: new Uint8Array(1_025) } }],
    ["asking to keep for no topic", { case: "keep", value: { ...keep, topic: countUp(0, 31) } }],
    ["asking to keep for nobody", { case: "keep", value: { ...keep, devices: [] } }],
    ["asking to keep for seventeen devices", { case: "keep", value: { ...keep, devices: devices(17) } }],
    [
      "asking to keep for a device twice",
      { case: "keep", value: { ...keep, devices: [countUp(0, 16), countUp(0, 16)] } },
    ],
    ["asking to keep for a device of 15 bytes", { case: "keep", value: { ...keep, devices: [countUp(0, 15)] } }],
    [
      "asking to keep what has no envelope's size",
      { case: "keep", value: { ...keep, envelope: new Uint8Array(1_023) } },
    ],
    ["keeping a hash of 31 bytes", { case: "kept", value: { ...kept, envelopeHash: countUp(0, 31) } }],
    ["keeping until beyond the last date", { case: "kept", value: { ...kept, untilMs: 8_640_000_000_000_001n } }],
    ["keeping with a signature of 63 bytes", { case: "kept", value: { ...kept, signature: countUp(0, 63) } }],
    ["having got a hash of 16 bytes", { case: "got", value: { envelopeHash: countUp(0, 16) } }],
  ])("%s is malformed", (_, frame) => {
    expect(decodeLinkFrame(frameWith(frame))).toEqual({ ok: false, error: "malformed" });
  });

  test("beyond 72 KiB is malformed", () => {
    expect(decodeLinkFrame(new Uint8Array(72 * 1_024 + 1))).toEqual({ ok: false, error: "malformed" });
  });
});

describe("the proof of a link", () => {
  test("is over role, both PeerIds with their lengths, topic and device", () => {
    const peers = [prover.ownPeer, prover.otherPeer].map(utf8);
    const framed = peers.map((peer) => concat(uint32(peer.length), peer));
    expect(linkMacInput(prover)).toEqual(concat(Uint8Array.of(0), ...framed, topic, idBytes(laptop)));
    expect(linkMacInput({ ...prover, role: "listener" })[0]).toBe(1);
  });

  test("differs when anything in it does, so that no proof serves another link", () => {
    const proofs = [
      linkMac(epochSecret, prover),
      linkMac(countUp(0x71, 32), prover),
      linkMac(epochSecret, { ...prover, role: "listener" }),
      linkMac(epochSecret, { ...prover, ownPeer: prover.otherPeer, otherPeer: prover.ownPeer }),
      linkMac(epochSecret, { ...prover, ownPeer: `${prover.ownPeer}1`, otherPeer: prover.otherPeer.slice(1) }),
      linkMac(epochSecret, { ...prover, device: phone }),
      linkMac(epochSecret, { ...prover, topic: toHex(countUp(0, 32)) as typeof prover.topic }),
    ];
    expect(new Set(proofs.map(toHex)).size).toBe(proofs.length);
  });
});
