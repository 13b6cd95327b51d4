/** Whether a message is a few emoji and nothing else; those are shown larger. */

const fewEmoji = 5;
const emoji = /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3)/u;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

export function isEmojiOnly(text: string): boolean {
  const compact = text.replace(/\s+/g, "");
  if (compact === "" || compact.length > 80) return false;
  const parts = [...graphemes.segment(compact)];
  return parts.length <= fewEmoji && parts.every((part) => emoji.test(part.segment));
}
