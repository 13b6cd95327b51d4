/**
 * The recovery phrase: BIP39, 12 English words for 16 bytes of entropy and 4 bits of checksum. Does not know what is
 * derived from the entropy (and uses none of BIP39's own seed derivation).
 *
 * The word list is large: nothing else in this folder imports this file, so that who needs no phrase carries no words.
 */

import { entropyToMnemonic, mnemonicToEntropy, validateMnemonic } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { err, ok, type Result } from "../lang/result.ts";

export const phraseEntropyBytes = 16;
export const phraseWords = 12;
/** Twelve words of at most eight letters take 107 characters; the rest is room for odd spacing. */
const maxPhraseCharacters = 1000;

/** Twelve lower-case words, one space between. Throws where the entropy is not 16 bytes. */
export function phraseFromEntropy(entropy: Uint8Array): string {
  if (entropy.length !== phraseEntropyBytes) throw new Error("a recovery phrase is made of 16 bytes");
  return entropyToMnemonic(entropy, wordlist);
}

/** 16 bytes. Forgives what typing and pasting do: case, spaces and line ends, composed or full-width letters. */
export function entropyFromPhrase(text: string): Result<Uint8Array, "word-count" | "unknown-word" | "checksum"> {
  if (text.length > maxPhraseCharacters) return err("word-count");
  const words = text
    .normalize("NFKD")
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length !== phraseWords) return err("word-count");
  if (!words.every((word) => wordlist.includes(word))) return err("unknown-word");
  const phrase = words.join(" ");
  return validateMnemonic(phrase, wordlist) ? ok(mnemonicToEntropy(phrase, wordlist)) : err("checksum");
}
