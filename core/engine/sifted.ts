/**
 * Doing for as many of several as can be done at once, where one of them spoils it for all, or all are too many. Knows neither
 * what is done nor for whom.
 */

export type Tried<Made, Why> = Made | { readonly kind: "waits" } | { readonly kind: "cannot"; readonly why: Why };

export interface Sifted<One, Made, Why> {
  readonly made: Made | undefined;
  /** For these alone it cannot be done. Whoever is neither here nor in what was made was not tried alone, or waits. */
  readonly cannot: readonly One[];
  /** For the first of them. `undefined`: there is none. */
  readonly why: Why | undefined;
}

/** Halves what cannot be done until it can; at most twice as many tries as there are. */
export async function sifted<One, Made extends { readonly kind: "made" }, Why>(
  all: readonly One[],
  attempt: (some: readonly One[]) => Promise<Tried<Made, Why>>,
): Promise<Sifted<One, Made, Why>> {
  const one = await attempt(all);
  if (one.kind === "made") return { made: one, cannot: [], why: undefined };
  if (one.kind === "waits") return { made: undefined, cannot: [], why: undefined };
  if (all.length <= 1) return { made: undefined, cannot: all, why: one.why };
  const half = Math.ceil(all.length / 2);
  const first = await sifted(all.slice(0, half), attempt);
  if (first.made !== undefined) return first;
  const second = await sifted(all.slice(half), attempt);
  return { made: second.made, cannot: [...first.cannot, ...second.cannot], why: first.why ?? second.why };
}
