import { describe, expect, it } from "vitest";
import { sha256 } from "../../../core/crypto/hash.ts";
import { publicKeyOf } from "../../../core/crypto/signature.ts";
import { accountOf, accountSeed } from "../../../core/identity/account.ts";
import { leafIsListed, succeedList } from "../../../core/identity/leaf-trust.ts";
import type { DeviceId } from "../../../core/lang/brand.ts";
import { noBytes } from "../../../core/lang/bytes.ts";
import { type DeviceList, encodeDeviceList, signDeviceList } from "../../../core/wire/device-list.ts";

const alice = new Uint8Array(16).fill(1);
const mallory = new Uint8Array(16).fill(2);
const phone = "aa".repeat(16) as DeviceId;
const laptop = "bb".repeat(16) as DeviceId;
const keyOf = (device: DeviceId) => publicKeyOf(new Uint8Array(32).fill(Number.parseInt(device.slice(0, 2), 16)));

interface Choice {
  readonly sequence?: number;
  readonly previous?: Uint8Array;
  readonly devices?: readonly DeviceId[];
  readonly revoked?: readonly DeviceId[];
  readonly entropy?: Uint8Array;
  readonly signer?: Uint8Array;
}

/** The list's bytes, for the next one's hash, and the signed list. */
function list({ sequence = 1, previous, devices = [phone], revoked = [], entropy = alice, signer = entropy }: Choice) {
  const bytes = encodeDeviceList({
    account: accountOf(entropy),
    sequence,
    previousHash: sequence === 1 ? noBytes : sha256(previous ?? noBytes),
    devices: devices.map((device) => ({ device, signatureKey: keyOf(device), addedAtMs: sequence })),
    revoked,
  });
  return { bytes, signed: signDeviceList(bytes, accountSeed(signer)) };
}

const first = list({});
const second = list({ sequence: 2, previous: first.bytes, devices: [phone, laptop] });
const faultOf = (known: Uint8Array | undefined, incoming: Uint8Array) => {
  const result = succeedList(known, incoming);
  return result.ok ? `list ${result.value.sequence}` : result.error;
};

describe("a device list", () => {
  it("is taken when it is the first, the same, or the next in the chain", () => {
    expect(faultOf(undefined, first.signed)).toBe("list 1");
    expect(faultOf(first.signed, first.signed)).toBe("list 1");
    expect(faultOf(first.signed, second.signed)).toBe("list 2");
  });

  it("is taken when lists between were not seen, whatever they were", () => {
    const fourth = list({ sequence: 4, previous: noBytes });
    expect(faultOf(first.signed, fourth.signed)).toBe("list 4");
    expect(faultOf(undefined, fourth.signed)).toBe("list 4");
  });

  it("is an alarm when it is older, or when it is another one of the same number", () => {
    expect(faultOf(second.signed, first.signed)).toBe("rolled-back");
    expect(faultOf(first.signed, list({ devices: [laptop] }).signed)).toBe("forked");
  });

  it("is an alarm when it is the next but follows another history", () => {
    const other = list({ devices: [laptop] });
    expect(faultOf(first.signed, list({ sequence: 2, previous: other.bytes }).signed)).toBe("forked");
  });

  it("is refused from another account, with another's signature, or damaged", () => {
    expect(faultOf(first.signed, list({ entropy: mallory }).signed)).toBe("other-account");
    expect(faultOf(first.signed, list({ sequence: 2, previous: first.bytes, signer: mallory }).signed)).toBe(
      "not-signed",
    );
    expect(faultOf(undefined, first.signed.subarray(1))).toBe("malformed");
    expect(faultOf(undefined, noBytes)).toBe("malformed");
  });
});

describe("a leaf", () => {
  const known = succeedList(undefined, list({ sequence: 2, previous: first.bytes, revoked: [laptop] }).signed);
  const { value } = known as { value: DeviceList };
  const credential = { account: accountOf(alice), device: phone, listSequence: 1 };

  it("is a listed device with exactly its listed key", () => {
    expect(leafIsListed(value, credential, keyOf(phone))).toBe(true);
    expect(leafIsListed(value, credential, keyOf(laptop))).toBe(false);
    expect(leafIsListed(value, credential, keyOf(phone).subarray(1))).toBe(false);
  });

  it("is not a revoked or unknown device, nor one of another account", () => {
    expect(leafIsListed(value, { ...credential, device: laptop }, keyOf(laptop))).toBe(false);
    expect(leafIsListed(value, { ...credential, device: "cc".repeat(16) as DeviceId }, keyOf(phone))).toBe(false);
    expect(leafIsListed(value, { ...credential, account: accountOf(mallory) }, keyOf(phone))).toBe(false);
  });
});
