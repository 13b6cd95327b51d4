/** Finds in the palette: every word of the query begins a word of the label or lies inside it, without regard to accents. */

const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();

export function matches(label: string, query: string): boolean {
  const found = plain(label);
  return plain(query)
    .split(/\s+/)
    .every((word) => found.includes(word));
}
