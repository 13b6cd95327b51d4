/**
 * A picture of an account key: a hue and a ring of 24 strokes, long or short. A hint for the eye that two screens show
 * the same person; the proof is the safety number.
 */

export interface KeySeal {
  /** 0 to 7, one of the calm hues of avatar.css. */
  readonly hue: number;
  /** SVG path in a 48 × 48 box. */
  readonly path: string;
}

const strokes = 24;
const centre = 24;
const outer = 22.5;

export function keySeal(account: string): KeySeal {
  let path = "";
  for (let i = 0; i < strokes; i++) {
    const nibble = nibbleAt(account, i + 2);
    const inner = outer - 1.6 - (nibble & 3) * 1.15;
    const turn = (i / strokes) * 2 * Math.PI;
    path += `M${point(inner, turn)}L${point(outer, turn)}`;
  }
  return { hue: nibbleAt(account, 0) & 7, path };
}

function nibbleAt(account: string, index: number): number {
  const value = Number.parseInt(account.charAt(index % Math.max(1, account.length)), 16);
  return Number.isNaN(value) ? 0 : value;
}

function point(radius: number, turn: number): string {
  return `${(centre + radius * Math.sin(turn)).toFixed(2)} ${(centre - radius * Math.cos(turn)).toFixed(2)}`;
}

/** First letter of a name, as people see it: a whole grapheme. */
export function initialOf(name: string): string {
  const first = new Intl.Segmenter(undefined, { granularity: "grapheme" })
    .segment(name.trim())
    [Symbol.iterator]()
    .next();
  return first.done ? "" : first.value.segment.toLocaleUpperCase();
}
