/**
 * A value that changes. `subscribe` calls the listener with the current value as soon as it is known and then once per
 * committed change, in order; the returned function ends it. Nothing else of an engine is observable.
 */
export interface Live<T> {
  subscribe(listener: (value: T) => void): () => void;
}

/** A `Live` with its value at hand. */
export interface LiveCell<T> extends Live<T> {
  readonly value: T;
  set(value: T): void;
}

/** Equal values (`Object.is`) are not announced twice. */
export function liveCell<T>(initial: T): LiveCell<T> {
  let value = initial;
  const listeners = new Set<(value: T) => void>();
  return {
    get value() {
      return value;
    },
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener(next);
    },
    subscribe(listener) {
      // Wrapped, so that the same function can subscribe twice and each subscription ends alone.
      const own = (next: T) => listener(next);
      listeners.add(own);
      listener(value);
      return () => listeners.delete(own);
    },
  };
}

/** The value now, or `undefined` where it is not known yet. */
export function valueNow<T>(live: Live<T>): T | undefined {
  let value: T | undefined;
  live.subscribe((now) => {
    value = now;
  })();
  return value;
}

/** What `from` announces, seen through `view`. */
export function mapLive<A, B>(from: Live<A>, view: (value: A) => B): Live<B> {
  return { subscribe: (listener) => from.subscribe((value) => listener(view(value))) };
}
