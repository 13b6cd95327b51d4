/**
 * The node's key: signs custody and is the relay's PeerId, so clients know a node again. Made at first start and kept;
 * a damaged file is never replaced in silence, because promises were made under the old key.
 *
 * Signing is WebCrypto's Ed25519 over the frame of core/crypto: the same bytes as there, off the event loop
 * (0.1 ms against 0.4 ms on it; checking a proof 0.2 ms against 1.6 ms).
 */
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Label, labelled, labels } from "@kith/core/crypto/labels.ts";
import { publicKeyOf } from "@kith/core/crypto/signature.ts";
import type { TopicId } from "@kith/core/lang/brand.ts";
import { idBytes, toBase64Url } from "@kith/core/lang/bytes.ts";
import { err, ok, type Result } from "@kith/core/lang/result.ts";
import { custodyMessage, nodeAccessMessage } from "@kith/core/wire/node-protocol.ts";

const seedBytes = 32;

export interface NodeIdentity {
  readonly seed: Uint8Array;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  signCustody(topic: TopicId, hash: Uint8Array, sequence: number, expiresAtMs: number): Promise<Uint8Array>;
  /** Whether `signature` shows the right to the topic on the connection with this nonce (§6.2). */
  isProof(topic: TopicId, nonce: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/** The error is a sentence for the operator. */
export async function loadNodeIdentity(folder: string): Promise<Result<NodeIdentity, string>> {
  const path = join(folder, "node.key");
  const made = crypto.getRandomValues(new Uint8Array(seedBytes));
  try {
    // "wx" fails where the file is there: whoever comes second reads what the first one wrote.
    const file = await open(path, "wx", 0o600);
    await file.writeFile(made);
    await file.sync();
    await file.close();
    return ok(await identityOf(made));
  } catch (error) {
    if (!isCode(error, "EEXIST")) return err(`The node's key cannot be written to ${path} (${codeOf(error)}).`);
  }
  const kept = await readFile(path).catch((error: unknown) => codeOf(error));
  if (typeof kept === "string") return err(`The node's key cannot be read from ${path} (${kept}).`);
  if (kept.length !== seedBytes) {
    return err(
      `The node's key in ${path} is damaged (${kept.length} bytes instead of ${seedBytes}). ` +
        "Restore it from a backup, or move it away to begin as a new node.",
    );
  }
  return ok(await identityOf(Uint8Array.from(kept)));
}

async function identityOf(seed: Uint8Array): Promise<NodeIdentity> {
  const publicKey = publicKeyOf(seed);
  const jwk = { kty: "OKP", crv: "Ed25519", d: toBase64Url(seed), x: toBase64Url(publicKey) };
  const key = await crypto.subtle.importKey("jwk", jwk, "Ed25519", false, ["sign"]);
  const framed = (label: Label, message: Uint8Array) => Uint8Array.from(labelled(label, message));
  return {
    seed,
    publicKey,
    async signCustody(topic, hash, sequence, expiresAtMs) {
      const message = custodyMessage(topic, hash, sequence, expiresAtMs);
      return new Uint8Array(await crypto.subtle.sign("Ed25519", key, framed(labels.custody, message)));
    },
    async isProof(topic, nonce, signature) {
      try {
        const topicKey = await crypto.subtle.importKey("raw", Uint8Array.from(idBytes(topic)), "Ed25519", false, [
          "verify",
        ]);
        const message = framed(labels.nodeAccess, nodeAccessMessage(nonce, publicKey, topic));
        return await crypto.subtle.verify("Ed25519", topicKey, Uint8Array.from(signature), message);
      } catch {
        // The topic is no point on the curve.
        return false;
      }
    },
  };
}

export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
function isCode(error: unknown, code: string): boolean {
  return codeOf(error) === code;
}
