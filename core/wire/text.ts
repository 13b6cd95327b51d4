/** The text of a message (§8): what may be sent, and what is accepted from others. */

import { err, ok, type Result } from "../lang/result.ts";
import { maxTextCharacters } from "./bounds.ts";

/** Whitespace and characters without a shape: nobody would see that something was said. */
const blank = /^[\s\u2800\p{Default_Ignorable_Code_Point}]*$/u;

export function isBlank(text: string): boolean {
  return blank.test(text);
}

/** A lone surrogate cannot be written in UTF-8; it becomes U+FFFD here, before it silently does on the way. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}

/**
 * The text as it is kept and sent: line ends as `\n`, blank lines around it and spaces at its end gone; indentation of
 * its first line and everything within stays. 1 to 8,000 UTF-16 units, which are at most 24,000 bytes.
 */
export function checkText(text: string): Result<string, "empty" | "too-long"> {
  const kept = wellFormed(text)
    .replace(/\r\n?/gu, "\n")
    .replace(/^(?:[^\S\n]*\n)+/u, "")
    .trimEnd();
  if (isBlank(kept)) return err("empty");
  return kept.length > maxTextCharacters ? err("too-long") : ok(kept);
}
