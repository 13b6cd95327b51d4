import { decode, encode, keyPackageDecoder, keyPackageEncoder, type LeafNode } from "ts-mls";
import { describe, expect, it } from "vitest";
import { readKeyPackage } from "../../../core/group/key-package.ts";
import { areSoundNodes, isSoundLeaf } from "../../../core/group/sound-nodes.ts";
import { cipherSuite } from "../../../core/group/suite.ts";
import { idBytes, noBytes } from "../../../core/lang/bytes.ts";
import { packageOf } from "./party.ts";

const packageHere = async () => decode(keyPackageDecoder, (await packageOf("a")).publicPackage)!;
const leafHere = async () => (await packageHere()).leafNode;

async function canBeSealedTo(key: Uint8Array): Promise<boolean> {
  const { hpke } = await cipherSuite();
  const sealed = hpke.importPublicKey(key).then((imported) => hpke.seal(imported, noBytes, noBytes, noBytes));
  return await sealed.then(
    () => true,
    () => false,
  );
}

const withPoint = (key: Uint8Array, hex: string) => Uint8Array.of(...key.subarray(0, 1_184), ...idBytes(hex));
/** The number at `index`, of those with 12 bits each. */
function withNumber(key: Uint8Array, index: number, value: number): Uint8Array {
  const changed = key.slice();
  const at = Math.floor(index / 2) * 3;
  if (index % 2 === 0) changed.set([value & 0xff, (changed[at + 1]! & 0xf0) | (value >> 8)], at);
  else changed.set([(changed[at + 1]! & 0x0f) | ((value & 0x0f) << 4), value >> 4], at + 1);
  return changed;
}

describe("a leaf", () => {
  it("is sound only with a key that something can be sealed to", async () => {
    const leaf = await leafHere();
    const key = leaf.hpkePublicKey;
    const isSound = (hpkePublicKey: Uint8Array) => isSoundLeaf({ ...leaf, hpkePublicKey } as LeafNode);
    const ff = "ff".repeat(30);
    const keys: readonly (readonly [string, Uint8Array, boolean])[] = [
      ["as made", key, true],
      ["the highest number", withNumber(key, 767, 3_328), true],
      ["a number too high, first", withNumber(key, 0, 3_329), false],
      ["a number too high, last", withNumber(key, 767, 3_329), false],
      ["the highest of a pair", withNumber(key, 400, 4_095), false],
      [
        "another seed",
        Uint8Array.of(...key.subarray(0, 1_152), ...new Uint8Array(32).fill(255), ...key.subarray(1_184)),
        true,
      ],
      ["base point", withPoint(key, `09${"00".repeat(31)}`), true],
      ...[
        "00".repeat(32),
        `01${"00".repeat(31)}`,
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        `ec${ff}7f`,
        `ed${ff}7f`,
        `ee${ff}7f`,
        `${"00".repeat(31)}80`,
        `ee${ff}ff`,
      ].map((point) => [point, withPoint(key, point), false] as const),
      ["short", key.subarray(1), false],
      ["long", Uint8Array.of(...key, 0), false],
      ["none", noBytes, false],
    ];
    for (const [name, one, sound] of keys) {
      expect(isSound(one), name).toBe(sound);
      expect(await canBeSealedTo(one), `${name}, sealed to`).toBe(sound);
    }
  });

  it("of a key package is looked at before anybody is added with it", async () => {
    const { publicPackage } = await packageOf("a");
    expect(readKeyPackage(publicPackage).ok).toBe(true);
    const keyPackage = await packageHere();
    const capabilities = { ...keyPackage.leafNode.capabilities, credentials: [] };
    const leafNode = { ...keyPackage.leafNode, capabilities };
    expect(readKeyPackage(encode(keyPackageEncoder, { ...keyPackage, leafNode }))).toEqual({
      ok: false,
      error: "malformed",
    });
  });
});

it("nodes of a tree are looked at where they are others than before, parents by their keys", async () => {
  const leaf = await leafHere();
  const sound = { nodeType: 1 as const, leaf: leaf as never };
  const parent = (hpkePublicKey: Uint8Array) => ({
    nodeType: 2 as const,
    parent: { hpkePublicKey, parentHash: noBytes, unmergedLeaves: [] },
  });
  const bad = parent(noBytes);
  expect(areSoundNodes([sound, parent(leaf.hpkePublicKey), undefined])).toBe(true);
  expect(areSoundNodes([sound, bad])).toBe(false);
  expect(areSoundNodes([sound, bad], [undefined, bad])).toBe(true);
});
