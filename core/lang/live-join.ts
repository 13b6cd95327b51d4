/** Several `Live`s seen as one. */

import type { Live } from "./live.ts";

/** Announces once both have spoken, and then on every change of either. */
export function joinLive<A, B, C>(first: Live<A>, second: Live<B>, view: (a: A, b: B) => C): Live<C> {
  return {
    subscribe(listener) {
      let a: { readonly value: A } | undefined;
      let b: { readonly value: B } | undefined;
      const tell = () => {
        if (a !== undefined && b !== undefined) listener(view(a.value, b.value));
      };
      const endFirst = first.subscribe((value) => {
        a = { value };
        tell();
      });
      const endSecond = second.subscribe((value) => {
        b = { value };
        tell();
      });
      return () => {
        endFirst();
        endSecond();
      };
    },
  };
}
