import { expect, test } from "vitest";
import { entropyFromPhrase, phraseFromEntropy } from "../../core/crypto/phrase.ts";
import { hex, readVectors } from "./read-vectors.ts";

type Case = { number: number; entropy: string; phrase: string };

test("recovery phrases are those of BIP39, both ways", () => {
  for (const { number, entropy, phrase } of readVectors<Case>("bip39-trezor", 8)) {
    expect(phraseFromEntropy(hex(entropy)), `case ${number}`).toBe(phrase);
    expect(entropyFromPhrase(phrase), `case ${number}`).toEqual({ ok: true, value: hex(entropy) });
  }
});
