// Waiting for a live value. Runs in Node and in a page.
import type { Live } from "../../core/lang/live.ts";
import type { ReachStatus } from "../../core/ports/links.ts";

/** The first value that fits. */
export function until<T, U extends T>(live: Live<T>, fits: (value: T) => value is U): Promise<U>;
export function until<T>(live: Live<T>, fits: (value: T) => boolean): Promise<T>;
export function until<T>(live: Live<T>, fits: (value: T) => boolean): Promise<T> {
  return new Promise((resolve) => {
    let done = false;
    const end = live.subscribe((value) => {
      if (done || !fits(value)) return;
      done = true;
      queueMicrotask(() => end());
      resolve(value);
    });
  });
}

export type Reachable = ReachStatus & { readonly kind: "reachable" };
export const isReachable = (status: ReachStatus): status is Reachable => status.kind === "reachable";
