/**
 * Texts that all members of a group agree on: its name, description and picture (§13.1). Whether one is acceptable must not
 * depend on which Unicode a browser knows, or two members would judge one commit differently. So what comes is judged by
 * the fixed sets of this file; what is typed is put in order first, by the richer rules for names and texts.
 */

import { err, ok, type Result } from "../lang/result.ts";
import { maxDescriptionCharacters, maxEmojiCharacters, maxNameCharacters } from "./bounds.ts";
import { checkName } from "./name.ts";
import { wellFormed } from "./text.ts";

type CodePoints = readonly (readonly [first: number, last: number])[];

/** Controls, and what is invisible and changes how its surroundings read. As in `checkName`. */
const unseen: CodePoints = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x61c, 0x61c],
  [0x180e, 0x180e],
  [0x200b, 0x200b],
  [0x200e, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0xe0001, 0xe0001],
];
/** Spaces of every width but the plain one, and both separators of lines. */
const oddSpaces: CodePoints = [
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
];
/** Space and characters without a shape (Unicode 16): a text of these alone looks like none. */
const shapeless: CodePoints = [
  [0x0a, 0x0a],
  [0x20, 0x20],
  [0x34f, 0x34f],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200c, 0x200d],
  [0x2800, 0x2800],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfff8],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff],
  ...oddSpaces,
];
/** Of what emoji are made: keycaps, symbols, joiner, variation selector 16, pictographs, and the tags of flags. */
const emojiParts: CodePoints = [
  [0x23, 0x23],
  [0x2a, 0x2a],
  [0x30, 0x39],
  [0xa9, 0xa9],
  [0xae, 0xae],
  [0x200d, 0x200d],
  [0x203c, 0x203c],
  [0x2049, 0x2049],
  [0x20e3, 0x20e3],
  [0x2122, 0x2bff],
  [0x3030, 0x303d],
  [0x3297, 0x3299],
  [0xfe0f, 0xfe0f],
  [0x1f000, 0x1ffff],
  [0xe0020, 0xe007f],
];

function isAmong(character: string, points: CodePoints): boolean {
  const code = character.codePointAt(0) ?? 0;
  return points.some(([first, last]) => first <= code && code <= last);
}

function isAllOf(text: string, points: CodePoints): boolean {
  return [...text].every((character) => isAmong(character, points));
}

function hasAnyOf(text: string, points: CodePoints): boolean {
  return [...text].some((character) => isAmong(character, points));
}

/** One line, 1 to 60 UTF-16 units. Everything that `checkName` leaves is one, but what is made of shapeless characters. */
export function isGroupName(text: string): boolean {
  if (text.length > maxNameCharacters || hasAnyOf(text, unseen) || hasAnyOf(text, oddSpaces)) return false;
  return !text.startsWith(" ") && !text.endsWith(" ") && !text.includes("  ") && !isAllOf(text, shapeless);
}

/** 0 to 500 UTF-16 units in several lines. */
export function isDescription(text: string): boolean {
  if (text.length > maxDescriptionCharacters || hasAnyOf(text.replaceAll("\n", ""), unseen)) return false;
  return text === "" || !isAllOf(text, shapeless);
}

/** None, or of what an emoji is made. Whether it is one emoji is for whoever shows it. */
export function isEmoji(text: string): boolean {
  return text.length <= maxEmojiCharacters && isAllOf(text, emojiParts);
}

/** The name as it is shown and sent. */
export function checkGroupName(text: string): Result<string, "empty" | "too-long"> {
  const name = checkName(text);
  if (!name.ok) return name;
  return isGroupName(name.value) ? name : err("empty");
}

/** The description as it is shown and sent; empty is none. */
export function checkDescription(text: string): Result<string, "too-long"> {
  // Before any work on it; what is removed may make up most of a text, but not of a page.
  if (text.length > maxDescriptionCharacters * 8) return err("too-long");
  const lines = wellFormed(text)
    .replace(/\r\n?|[\u2028\u2029]/gu, "\n")
    .replaceAll("\t", " ")
    .split("\n");
  const seen = lines.map((line) => [...line].filter((character) => !isAmong(character, unseen)).join(""));
  const kept = seen.join("\n").trim();
  if (isAllOf(kept, shapeless)) return ok("");
  return kept.length > maxDescriptionCharacters ? err("too-long") : ok(kept);
}
