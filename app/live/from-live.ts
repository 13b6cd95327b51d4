/** `Live<T>` of the engine as Solid signals and stores. Subscriptions end with their owner. */
import type { Live } from "@kith/core";
import { type Accessor, createComputed, createSignal, onCleanup, untrack } from "solid-js";
import { createStore, reconcile } from "solid-js/store";

/** Undefined until the first value. When `source` changes, the old value stays until the new one is there. */
export function fromLive<T>(source: () => Live<T>): Accessor<T | undefined> {
  const [value, setValue] = createSignal<T>();
  createComputed(() => {
    const live = source();
    onCleanup(untrack(() => live.subscribe((next) => setValue(() => next))));
  });
  return value;
}

/** Rows that keep their identity by `key` from one value to the next, so that only what changed is drawn again. */
export function rowsFromLive<T extends object>(
  source: () => Live<readonly T[]>,
  key: keyof T & string,
): Accessor<readonly T[] | undefined> {
  const [state, setState] = createStore<{ rows: T[] | undefined }>({ rows: undefined });
  createComputed(() => {
    const live = source();
    // A copy, because a store writes later changes into the objects that it was given; those belong to the engine.
    const show = (rows: readonly T[]) => setState("rows", reconcile(structuredClone(rows) as T[], { key }));
    onCleanup(untrack(() => live.subscribe(show)));
  });
  return () => state.rows;
}

/** The same for rows that are part of a larger value. */
export function rowsOf<T extends object>(
  source: Accessor<readonly T[]>,
  key: keyof T & string,
): Accessor<readonly T[]> {
  const [state, setState] = createStore<{ rows: T[] }>({ rows: [] });
  createComputed(() => setState("rows", reconcile(structuredClone(source()) as T[], { key })));
  return () => state.rows;
}
