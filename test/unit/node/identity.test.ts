import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadNodeIdentity } from "../../../bootstrap-node/node-identity.ts";
import { labels } from "../../../core/crypto/labels.ts";
import { publicKeyOf, sign, verify } from "../../../core/crypto/signature.ts";
import type { TopicId } from "../../../core/lang/brand.ts";
import { toHex } from "../../../core/lang/bytes.ts";
import { custodyMessage, nodeAccessMessage } from "../../../core/wire/node-protocol.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kith-key-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function identity() {
  const loaded = await loadNodeIdentity(folder);
  if (!loaded.ok) throw new Error(loaded.error);
  return loaded.value;
}
const seed = new Uint8Array(32).fill(3);
const topic = toHex(publicKeyOf(seed)) as TopicId;

it("is made once, for its owner's eyes, and kept", async () => {
  const first = await identity();
  expect((await stat(join(folder, "node.key"))).mode & 0o777).toBe(0o600);
  expect((await identity()).publicKey).toEqual(first.publicKey);
});

it.each([0, 31, 33])("is refused in words when its file has %d bytes, and the file is left as it is", async (bytes) => {
  await writeFile(join(folder, "node.key"), new Uint8Array(bytes));
  const loaded = await loadNodeIdentity(folder);
  expect(loaded.ok ? "" : loaded.error).toContain("damaged");
  expect(await readFile(join(folder, "node.key"))).toHaveLength(bytes);
});

it("signs custody with the bytes that core/crypto would", async () => {
  const node = await identity();
  const hash = new Uint8Array(32).fill(9);
  const signature = await node.signCustody(topic, hash, 7, 1_000);
  expect(signature).toEqual(sign(labels.custody, custodyMessage(topic, hash, 7, 1_000), node.seed));
  expect(verify(labels.custody, custodyMessage(topic, hash, 7, 1_000), signature, node.publicKey)).toBe(true);
});

it("takes a proof for its topic, nonce and node only", async () => {
  const node = await identity();
  const nonce = new Uint8Array(32).fill(1);
  const signature = sign(labels.nodeAccess, nodeAccessMessage(nonce, node.publicKey, topic), seed);
  expect(await node.isProof(topic, nonce, signature)).toBe(true);
  expect(await node.isProof(topic, new Uint8Array(32), signature)).toBe(false);
  expect(await node.isProof("f".repeat(64) as TopicId, nonce, signature)).toBe(false);
  const other = toHex(publicKeyOf(new Uint8Array(32).fill(4))) as TopicId;
  expect(await node.isProof(other, nonce, signature)).toBe(false);
  const elsewhere = sign(labels.nodeAccess, nodeAccessMessage(nonce, publicKeyOf(seed), topic), seed);
  expect(await node.isProof(topic, nonce, elsewhere)).toBe(false);
});
