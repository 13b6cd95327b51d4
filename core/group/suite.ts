/**
 * The MLS cipher suite and limits of every Kith group (§4, §10). Knows ts-mls; knows neither persons nor conversations,
 * only a question to ask about each leaf.
 */

import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha512 } from "@noble/hashes/sha2.js";
import {
  type Capabilities,
  type CiphersuiteImpl,
  type ClientConfig,
  ciphersuites,
  defaultCredentialTypes,
  defaultKeyPackageEqualityConfig,
  getCiphersuiteImpl,
  isDefaultCredential,
  type MlsContext,
  protocolVersions,
} from "ts-mls";
import { type Credential, decodeCredential } from "../wire/credential.ts";

/** X25519 with ML-KEM-768 for the key exchange; AES-256-GCM because every browser has it natively. */
const suiteName = "MLS_256_XWING_AES256GCM_SHA512_Ed25519";
export const suiteId = ciphersuites[suiteName];

/** Group context extension that holds the ConversationContext (§3.3); "K" in the private range of RFC 9420 §17.3. */
export const conversationExtension = 0xff4b;

/** GroupInfo extension that holds the card a newcomer gets with the Welcome (§13.6). */
export const groupCardExtension = 0xff4d;

/**
 * Skipped message keys kept for one sender. Messages overtake each other when a link and the topic carry them at the same
 * time, by as many as were waiting. Lower loses late messages; each kept key is 64 bytes of state and of lost forward secrecy.
 */
const skippedGenerations = 1_000;
/** How far ahead of the last message a sender may be: bounds the hashing that one hostile message can cause (1,000: about 50 ms). */
const forwardSteps = 1_000;
/** Epochs whose late messages are still opened (§10). */
export const keptEpochs = 4;

const config: ClientConfig = {
  keyRetentionConfig: {
    retainKeysForGenerations: skippedGenerations,
    maximumForwardRatchetSteps: forwardSteps,
    retainKeysForEpochs: keptEpochs,
  },
  // Key packages end with the invite that carries them, by our own clock; MLS lifetimes would ask the machine's.
  lifetimeConfig: { maximumTotalLifetime: 2n ** 63n, validateLifetimeOnReceive: false },
  keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
  // The envelope pads outside of MLS and inside of its own seal (§4).
  paddingConfig: { kind: "padUntilLength", padUntilLength: 0 },
};

/** Names what Kith uses and nothing else, so that no group can be made to need more. */
export const capabilities: Capabilities = {
  versions: [protocolVersions.mls10],
  ciphersuites: [suiteId],
  extensions: [conversationExtension],
  proposals: [],
  credentials: [defaultCredentialTypes.basic],
};

/** Whether a leaf with this credential and signature key (Ed25519, 32 bytes) may be in the group. */
export type LeafCheck = (credential: Credential, signatureKey: Uint8Array) => boolean;

let suite: Promise<CiphersuiteImpl> | undefined;

export function cipherSuite(): Promise<CiphersuiteImpl> {
  suite ??= getCiphersuiteImpl(suiteName).then(derivingAtOnce).then(inTurn);
  return suite;
}

/**
 * HKDF-SHA-512 in place of the library's, which asks WebCrypto twice for each derivation: eleven of the seventeen times that a
 * browser waits for its crypto thread when it opens a message, each longer than the hashing itself.
 */
function derivingAtOnce(plain: CiphersuiteImpl): CiphersuiteImpl {
  return {
    ...plain,
    kdf: {
      size: sha512.outputLen,
      extract: async (salt, secret) => extract(sha512, secret, salt),
      expand: async (key, info, lengthBytes) => expand(sha512, key, info, lengthBytes),
    },
  };
}

/** Asked before each costly step: a promise that ends after a turn of whatever else waits for the thread, if one is due. */
export type Breath = () => Promise<void> | undefined;

let breath: Breath = () => undefined;

/** Whoever composes the machine gives the turns: this layer has neither time nor timers. Without it no step waits. */
export function breatheBy(turnIfDue: Breath): void {
  breath = turnIfDue;
}

/** The same for costly steps that are not of this layer. */
export function breathe(): Promise<void> | undefined {
  return breath();
}

/**
 * What a commit for many devices costs most, one step after another with a breath before each. The library starts all key
 * encapsulations of a commit at once, and a browser answers WebCrypto without a turn for anything else: those for 255
 * devices would be one task. The steps call none of each other, so that none waits for itself.
 */
function inTurn(plain: CiphersuiteImpl): CiphersuiteImpl {
  const { hash, hpke, signature } = plain;
  let last: Promise<unknown> = Promise.resolve();
  const turned =
    <Of extends unknown[], T>(step: (...of: Of) => Promise<T>) =>
    (...of: Of): Promise<T> => {
      const done = last.then(() => breath()).then(() => step(...of));
      last = done.catch(() => undefined);
      return done;
    };
  return {
    ...plain,
    hash: { ...hash, digest: turned((data) => hash.digest(data)) },
    hpke: {
      ...hpke,
      seal: turned((...of) => hpke.seal(...of)),
      open: turned((...of) => hpke.open(...of)),
      deriveKeyPair: turned((seed) => hpke.deriveKeyPair(seed)),
      generateKeyPair: turned(() => hpke.generateKeyPair()),
      importPrivateKey: turned((bytes) => hpke.importPrivateKey(bytes)),
      importPublicKey: turned((bytes) => hpke.importPublicKey(bytes)),
    },
    signature: {
      ...signature,
      sign: turned((...of) => signature.sign(...of)),
      verify: turned((...of) => signature.verify(...of)),
    },
  };
}

export async function mlsContext(check: LeafCheck): Promise<MlsContext> {
  return {
    cipherSuite: await cipherSuite(),
    clientConfig: config,
    authService: {
      async validateCredential(credential, signatureKey) {
        if (!isDefaultCredential(credential) || credential.credentialType !== defaultCredentialTypes.basic)
          return false;
        const decoded = decodeCredential(credential.identity);
        return decoded.ok && check(decoded.value, signatureKey);
      },
    },
  };
}
