import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { labels } from "../../../core/crypto/labels.ts";
import { publicKeyOf, sign } from "../../../core/crypto/signature.ts";
import { idBytes } from "../../../core/lang/bytes.ts";
import {
  encodeDeviceList,
  readKeptDeviceList,
  readSignedDeviceList,
  signDeviceList,
} from "../../../core/wire/device-list.ts";
import { DeviceListSchema, SignedDeviceListSchema } from "../../../core/wire/gen/kith/identity_pb.js";
import { account, accountSeed, countUp, deviceLists, signed, valueIn } from "./samples.ts";

const malformed = { ok: false, error: "malformed" };
const notSigned = { ok: false, error: "not-signed" };
const device = (first: number) => ({ device: countUp(first, 16), signatureKey: countUp(first, 32), addedAtMs: 1n });

const valid = {
  version: 1,
  accountKey: idBytes(account),
  sequence: 2n,
  previousHash: countUp(0, 32),
  devices: [device(1), device(2)],
  revoked: [countUp(3, 16)],
};

/** Signed by the account's own key: only the rule in question can refuse it. */
function listWith(fields: MessageInitShape<typeof DeviceListSchema>): Uint8Array {
  return signDeviceList(toBinary(DeviceListSchema, create(DeviceListSchema, { ...valid, ...fields })), accountSeed);
}

describe("a signed device list", () => {
  test("is read as what was signed, with the bytes that were signed", () => {
    for (const list of Object.values(deviceLists)) {
      expect(readSignedDeviceList(signed(list))).toEqual({
        ok: true,
        value: { list, listBytes: encodeDeviceList(list) },
      });
    }
  });

  test("within all rules is accepted, whoever encoded it", () => {
    expect(readSignedDeviceList(listWith({})).ok).toBe(true);
  });

  test("that was accepted is accepted again, and never with another signature", () => {
    const list = toBinary(DeviceListSchema, create(DeviceListSchema, valid));
    const whole = listWith({});
    for (let n = 0; n < 2; n++) expect(readSignedDeviceList(whole).ok).toBe(true);
    const forged = sign(labels.deviceList, list, countUp(99, 32));
    const signedBy = (signature: Uint8Array) =>
      toBinary(SignedDeviceListSchema, create(SignedDeviceListSchema, { list, signature }));
    expect(signedBy(sign(labels.deviceList, list, accountSeed))).toEqual(whole);
    for (let n = 0; n < 2; n++) expect(readSignedDeviceList(signedBy(forged))).toEqual(notSigned);
  });

  test.each<[string, MessageInitShape<typeof DeviceListSchema>]>([
    ["version 0", { version: 0 }],
    ["a short account key", { accountKey: countUp(0, 31) }],
    ["sequence 0", { sequence: 0n }],
    ["sequence 0 and nothing before it", { sequence: 0n, previousHash: new Uint8Array(0) }],
    ["a sequence that cannot be counted exactly", { sequence: 2n ** 53n }],
    ["a first list that follows another", { sequence: 1n }],
    ["a later list that follows none", { previousHash: new Uint8Array(0) }],
    ["a hash of another length", { previousHash: countUp(0, 31) }],
    ["no device", { devices: [] }],
    ["17 devices", { devices: Array.from({ length: 17 }, (_, index) => device(index + 50)) }],
    ["a device id of another length", { devices: [{ ...device(1), device: countUp(1, 15) }] }],
    ["a device key of another length", { devices: [{ ...device(1), signatureKey: countUp(1, 33) }] }],
    ["one device twice", { devices: [device(1), { ...device(2), device: countUp(1, 16) }] }],
    ["one key for two devices", { devices: [device(1), { ...device(2), signatureKey: countUp(1, 32) }] }],
    ["a device both listed and revoked", { revoked: [countUp(1, 16)] }],
    ["a device revoked twice", { revoked: [countUp(3, 16), countUp(3, 16)] }],
    ["a revoked id of another length", { revoked: [countUp(3, 17)] }],
  ])("with %s is malformed, though its signature holds", (_, fields) => {
    expect(readSignedDeviceList(listWith(fields))).toEqual(malformed);
  });

  test("with 16 devices is accepted", () => {
    const devices = Array.from({ length: 16 }, (_, index) => device(index + 50));
    expect(readSignedDeviceList(listWith({ devices })).ok).toBe(true);
  });

  test("beyond 8 KiB is malformed", () => {
    const revoked = Array.from({ length: 460 }, (_, index) =>
      countUp(0, 16)
        .fill(index & 255, 0, 8)
        .fill(index >> 8, 8),
    );
    expect(listWith({ revoked }).length).toBeGreaterThan(8_192);
    expect(readSignedDeviceList(listWith({ revoked }))).toEqual(malformed);
    expect(readSignedDeviceList(listWith({ revoked: revoked.slice(0, 430) })).ok).toBe(true);
  });

  test("of a newer version says so before anything else, signature included", () => {
    const newer = { ok: false, error: "newer-version" };
    expect(readSignedDeviceList(listWith({ version: 2 }))).toEqual(newer);
    expect(readSignedDeviceList(listWith({ version: 2, devices: [] }))).toEqual(newer);
  });

  test("signed by mallory's key is not signed", () => {
    const list = encodeDeviceList(deviceLists.first);
    expect(readSignedDeviceList(signDeviceList(list, countUp(0x99, 32)))).toEqual(notSigned);
  });

  test("signed for another purpose is not signed", () => {
    const list = encodeDeviceList(deviceLists.first);
    const signature = sign(labels.nodeAccess, list, accountSeed);
    const bytes = toBinary(SignedDeviceListSchema, create(SignedDeviceListSchema, { list, signature }));
    expect(readSignedDeviceList(bytes)).toEqual(notSigned);
  });

  test("with another list's signature, or none, is not signed", () => {
    const list = encodeDeviceList(deviceLists.third);
    const signature = sign(labels.deviceList, encodeDeviceList(deviceLists.first), accountSeed);
    for (const one of [signature, new Uint8Array(0), new Uint8Array(64)]) {
      const bytes = toBinary(SignedDeviceListSchema, create(SignedDeviceListSchema, { list, signature: one }));
      expect(readSignedDeviceList(bytes)).toEqual(notSigned);
    }
  });

  test("changed in any bit of the list does not hold", () => {
    const bytes = signed(deviceLists.first);
    const key = idBytes(account);
    expect(publicKeyOf(accountSeed)).toEqual(key);
    for (let at = 2; at < bytes.length - 66; at++) {
      const changed = bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
      expect(readSignedDeviceList(changed).ok).toBe(false);
    }
  });

  test("that was kept is read without asking its signature again, by every other rule", () => {
    const byMallory = signDeviceList(encodeDeviceList(deviceLists.third), countUp(0x99, 32));
    expect(readKeptDeviceList(byMallory)).toEqual(deviceLists.third);
    expect(() => readKeptDeviceList(listWith({ devices: [] }))).toThrow();
  });

  test("gives copies, which do not hold the bytes they came in", () => {
    const { list, listBytes } = valueIn(readSignedDeviceList(signed(deviceLists.third)));
    for (const bytes of [listBytes, list.previousHash, list.devices[0]!.signatureKey]) {
      expect(bytes.buffer.byteLength).toBe(bytes.length);
    }
  });
});
