/** One at a time for each key: whoever changes a conversation's keys or marks waits for the one before. */

export type Turns = <T>(key: string, task: () => Promise<T>) => Promise<T>;

export function createTurns(): Turns {
  const tails = new Map<string, Promise<unknown>>();
  return (key, task) => {
    const before = tails.get(key) ?? Promise.resolve();
    // A failed task fails for its own caller only; the next one starts all the same.
    const mine = before.then(task, task);
    const tail = mine.then(
      () => undefined,
      () => undefined,
    );
    tails.set(key, tail);
    void tail.then(() => {
      if (tails.get(key) === tail) tails.delete(key);
    });
    return mine;
  };
}

/** Runs `task` in the turn of every key. Whoever holds several turns must ask for them in one order: here, the keys' own. */
export function inTurns<T>(turns: Turns, keys: readonly string[], task: () => Promise<T>): Promise<T> {
  const [first, ...rest] = [...keys].sort();
  return first === undefined ? task() : turns(first, () => inTurns(turns, rest, task));
}
