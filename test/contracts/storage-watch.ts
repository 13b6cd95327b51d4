// Follows a live query in a test and waits for what it announces, without sleeping.
import type { Live } from "../../core/lang/live.ts";

export interface Watch<T> {
  /** Everything announced so far, in order. */
  readonly values: readonly T[];
  /** Resolves as soon as an announced value satisfies `wanted`. */
  until(wanted: (value: T) => boolean): Promise<T>;
  end(): void;
}

export function watch<T>(live: Live<T>): Watch<T> {
  const values: T[] = [];
  let look: (() => void) | undefined;
  const end = live.subscribe((value) => {
    values.push(value);
    look?.();
  });
  return {
    values,
    until: (wanted) =>
      new Promise((resolve) => {
        look = () => {
          const found = values.find(wanted);
          if (found !== undefined) resolve(found);
        };
        look();
      }),
    end,
  };
}
