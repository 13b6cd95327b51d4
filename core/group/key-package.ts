/** Key packages: what a device leaves behind so that others can add it to a group while it is away (RFC 9420 §10). */

import {
  decode,
  defaultCredentialTypes,
  encode,
  generateKeyPackageWithKey,
  isDefaultCredential,
  type KeyPackage,
  keyPackageDecoder,
  keyPackageEncoder,
  type PrivateKeyPackage,
  privateKeyPackageDecoder,
  privateKeyPackageEncoder,
} from "ts-mls";
import { publicKeyOf } from "../crypto/signature.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { maxKeyPackageBytes } from "../wire/bounds.ts";
import { type Credential, decodeCredential, encodeCredential } from "../wire/credential.ts";
import { isSoundLeaf } from "./sound-nodes.ts";
import { capabilities, cipherSuite } from "./suite.ts";

/** `publicPackage` may be given away; `privatePackage` opens one Welcome and is then deleted. */
export interface KeyPackagePair {
  readonly publicPackage: Uint8Array;
  readonly privatePackage: Uint8Array;
}

export async function makeKeyPackage(credential: Credential, deviceSeed: Uint8Array): Promise<KeyPackagePair> {
  const made = await generateKeyPackageWithKey({
    credential: { credentialType: defaultCredentialTypes.basic, identity: encodeCredential(credential) },
    capabilities,
    lifetime: { notBefore: 0n, notAfter: 2n ** 62n },
    // None: left out, the library puts in some at random, by the dice of the machine.
    extensions: [],
    signatureKeyPair: { signKey: deviceSeed, publicKey: publicKeyOf(deviceSeed) },
    cipherSuite: await cipherSuite(),
  });
  return {
    publicPackage: encode(keyPackageEncoder, made.publicPackage),
    privatePackage: encode(privateKeyPackageEncoder, made.privatePackage),
  };
}

/** Whose device a key package claims to be. Its signature is checked by MLS when it is added. */
export function readKeyPackage(
  bytes: Uint8Array,
): Result<
  { readonly keyPackage: KeyPackage; readonly credential: Credential; readonly signatureKey: Uint8Array },
  "malformed"
> {
  if (bytes.length > maxKeyPackageBytes) return err("malformed");
  const keyPackage = decodeWhole(() => decode(keyPackageDecoder, bytes));
  if (keyPackage === undefined || !isSoundLeaf(keyPackage.leafNode)) return err("malformed");
  const { credential } = keyPackage.leafNode;
  if (!isDefaultCredential(credential) || credential.credentialType !== defaultCredentialTypes.basic)
    return err("malformed");
  const decoded = decodeCredential(credential.identity);
  if (!decoded.ok) return err("malformed");
  return ok({ keyPackage, credential: decoded.value, signatureKey: keyPackage.leafNode.signaturePublicKey });
}

/** Throws on bytes that this engine did not write: a damaged disk. */
export function readOwnKeyPackage(pair: KeyPackagePair): {
  publicPackage: KeyPackage;
  privatePackage: PrivateKeyPackage;
} {
  const publicPackage = decode(keyPackageDecoder, pair.publicPackage);
  const privatePackage = decode(privateKeyPackageDecoder, pair.privatePackage);
  if (publicPackage === undefined || privatePackage === undefined)
    throw new Error("a stored key package cannot be read");
  return { publicPackage, privatePackage };
}

/** The library's decoders answer `undefined` for most broken bytes and throw for some. */
export function decodeWhole<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
