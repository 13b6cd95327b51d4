/**
 * MLS (RFC 9420) by the working group's own vectors, through the public face of ts-mls. They exist for the
 * standard suites only: what they prove of key schedule, ratchet tree and transcript holds for Kith's suite because
 * the code is the same; its primitives have tests of their own beside this one.
 */

import { bytesToHex } from "@noble/hashes/utils.js";
import {
  bytesToBase64,
  type CiphersuiteImpl,
  type CiphersuiteName,
  type ClientState,
  decode,
  getCiphersuiteImpl,
  joinGroup,
  type MlsContext,
  type MlsFramedMessage,
  type MlsMessage,
  mlsExporter,
  mlsMessageDecoder,
  processMessage,
  unsafeTestingAuthenticationService,
  wireformats,
} from "ts-mls";
import { expect, test } from "vitest";
import { hex, readVectors } from "./read-vectors.ts";

type Export = {
  number: number;
  suite: number;
  exporterSecret: string;
  label: string;
  context: string;
  lengthBytes: number;
  expected: string;
};

type Passive = {
  number: number;
  keyPackage: string;
  signatureKey: string;
  leafKey: string;
  initKey: string;
  welcome: string;
  psks: readonly (readonly [id: string, secret: string])[];
  authenticator: string;
  epochs: readonly (readonly [proposals: readonly string[], commit: string, authenticator: string])[];
};

const suites: Readonly<Record<number, CiphersuiteName>> = {
  1: "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
  5: "MLS_256_DHKEMP521_AES256GCM_SHA512_P521",
};

function message(text: string): MlsMessage {
  const read = decode(mlsMessageDecoder, hex(text));
  if (read === undefined) throw new Error("not an MLS message");
  return read;
}

function framed(text: string): MlsFramedMessage {
  const read = message(text);
  const isFramed =
    read.wireformat === wireformats.mls_private_message || read.wireformat === wireformats.mls_public_message;
  if (!isFramed) throw new Error("not a framed message");
  return read as MlsFramedMessage;
}

async function join(given: Passive, context: MlsContext): Promise<ClientState> {
  const welcome = message(given.welcome);
  const keyPackage = message(given.keyPackage);
  if (welcome.wireformat !== wireformats.mls_welcome) throw new Error("not a welcome");
  if (keyPackage.wireformat !== wireformats.mls_key_package) throw new Error("not a key package");
  return joinGroup({
    context,
    welcome: welcome.welcome,
    keyPackage: keyPackage.keyPackage,
    privateKeys: {
      initPrivateKey: hex(given.initKey),
      hpkePrivateKey: hex(given.leafKey),
      signaturePrivateKey: hex(given.signatureKey),
    },
  });
}

test("MLS exports the secrets of the working group's key schedule, with SHA-256 and SHA-512", async () => {
  const loaded = new Map<number, CiphersuiteImpl>();
  for (const id of [1, 5]) loaded.set(id, await getCiphersuiteImpl(suites[id]!));
  for (const given of readVectors<Export>("mls-exporter", 10)) {
    const suite = loaded.get(given.suite)!;
    const secret = await mlsExporter(
      hex(given.exporterSecret),
      given.label,
      hex(given.context),
      given.lengthBytes,
      suite,
    );
    expect(secret, `case ${given.number}`).toEqual(hex(given.expected));
  }
});

test("a member who only listens reaches the same epochs as everybody else", async () => {
  const cipherSuite = await getCiphersuiteImpl(suites[1]!);
  let epochs = 0;
  for (const given of readVectors<Passive>("mls-passive-client", 17)) {
    const externalPsks = Object.fromEntries(given.psks.map(([id, secret]) => [bytesToBase64(hex(id)), hex(secret)]));
    const context = { cipherSuite, authService: unsafeTestingAuthenticationService, externalPsks };
    let state = await join(given, context);
    expect(bytesToHex(state.keySchedule.epochAuthenticator), `case ${given.number} joined`).toBe(given.authenticator);
    for (const [proposals, commit, authenticator] of given.epochs) {
      for (const text of [...proposals, commit]) {
        state = (await processMessage({ context, state, message: framed(text) })).newState;
      }
      epochs += 1;
      expect(bytesToHex(state.keySchedule.epochAuthenticator), `case ${given.number}, ${epochs}`).toBe(authenticator);
    }
  }
  expect(epochs).toBe(26);
});

test("a member who listens to an altered commit refuses it and keeps its epoch", async () => {
  const cipherSuite = await getCiphersuiteImpl(suites[1]!);
  const given = readVectors<Passive>("mls-passive-client", 17).find(({ epochs }) => epochs[0]?.[0].length === 0)!;
  const externalPsks = Object.fromEntries(given.psks.map(([id, secret]) => [bytesToBase64(hex(id)), hex(secret)]));
  const context = { cipherSuite, authService: unsafeTestingAuthenticationService, externalPsks };
  const state = await join(given, context);
  const [, commit] = given.epochs[0]!;
  const altered = hex(commit);
  altered[altered.length - 1]! ^= 1;
  await expect(processMessage({ context, state, message: framed(bytesToHex(altered)) })).rejects.toThrow();
  expect(bytesToHex(state.keySchedule.epochAuthenticator)).toBe(given.authenticator);
});
