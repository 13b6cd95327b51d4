/**
 * The name a person shows (§8). Comes from others as well as from the keyboard, and stands in the middle of the
 * interface's own sentences, so it must not break out of its line or turn the reading direction of what surrounds it.
 */

import { err, ok, type Result } from "../lang/result.ts";
import { maxNameCharacters } from "./bounds.ts";
import { isBlank, wellFormed } from "./text.ts";

/**
 * Invisible characters that change how their surroundings read: controls, bidirectional marks, overrides and isolates,
 * soft hyphen, zero-width space, word joiner, byte-order mark, deprecated format characters and the language tag. Kept
 * are the joiners (Persian, emoji) and variation selectors.
 */
const unseen = /[\p{Cc}\p{Bidi_Control}\u00ad\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\u{e0001}]/gu;

/** The name as it is shown and sent: composed (NFC), one line, single spaces. Lengths are in UTF-16 units. */
export function checkName(name: string): Result<string, "empty" | "too-long"> {
  // Before any work on it. What is removed may make up most of a name's characters, but not of a page's.
  if (name.length > maxNameCharacters * 8) return err("too-long");
  const clean = oneLine(oneLine(wellFormed(name)).replace(unseen, "").normalize("NFC"));
  if (isBlank(clean)) return err("empty");
  return clean.length > maxNameCharacters ? err("too-long") : ok(clean);
}

function oneLine(text: string): string {
  return text.replace(/\s+/gu, " ").trim();
}
