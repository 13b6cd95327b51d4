/**
 * Whether nodes that a commit or a Welcome brings into a tree leave everybody able to go on (§13.2): every later commit is sealed
 * to their keys, checked against what they claim to support, and sent whole to whoever joins. MLS asks for none of it, and one
 * member with a leaf like that could keep all others from changing the group. Knows nodes, not whose they are.
 */

import { type LeafNode, nodeTypes, type RatchetTree } from "ts-mls";
import { toHex } from "../lang/bytes.ts";
import { capabilities } from "./suite.ts";

/** X-Wing: 1,184 bytes of ML-KEM-768 and 32 of X25519. */
const keyBytes = 1_216;
const latticeBytes = 1_184;
/** FIPS 203 §7.2: 768 numbers of 12 bits below this, then 32 bytes of seed. A key with another one is sealed to by nobody. */
const modulus = 3_329;
const numbersEnd = 1_152;
/** Of Curve25519, those of small order, also written otherwise (RFC 7748 §6.1): sealing to them fails. The highest bit does not count. */
const smallOrder: ReadonlySet<string> = new Set([
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
]);
/** Of each kind of capability. A newer Kith may name more than this one does; each is two bytes in every tree. */
const maxCapabilities = 16;

/**
 * What every leaf of ours is: without extensions, and able to do what the group needs. A capability that Kith names one day must
 * not be asked of leaves that were made before.
 */
export function isSoundLeaf({ hpkePublicKey, extensions, capabilities: its }: LeafNode): boolean {
  const kinds = ["versions", "ciphersuites", "extensions", "proposals", "credentials"] as const;
  const isAble = kinds.every((kind) => {
    const named: readonly number[] = its[kind];
    return named.length <= maxCapabilities && capabilities[kind].every((one) => named.includes(one));
  });
  return isAble && extensions.length === 0 && isSoundKey(hpkePublicKey);
}

/** All that are not the very same in `before`. */
export function areSoundNodes(tree: RatchetTree, before: RatchetTree = []): boolean {
  return tree.every((node, at) => {
    if (node === undefined || node === before[at]) return true;
    return node.nodeType === nodeTypes.leaf ? isSoundLeaf(node.leaf) : isSoundKey(node.parent.hpkePublicKey);
  });
}

/** Whether something can be sealed to it. */
function isSoundKey(key: Uint8Array): boolean {
  if (key.length !== keyBytes) return false;
  const byte = (at: number) => key[at] ?? 0;
  for (let at = 0; at < numbersEnd; at += 3) {
    const first = byte(at) | ((byte(at + 1) & 0x0f) << 8);
    const second = (byte(at + 1) >> 4) | (byte(at + 2) << 4);
    if (first >= modulus || second >= modulus) return false;
  }
  const point = key.slice(latticeBytes);
  point[31] = (point[31] ?? 0) & 0x7f;
  return !smallOrder.has(toHex(point));
}
