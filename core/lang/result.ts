/** Outcomes as values. A `Result` is returned wherever the outside world can be wrong; only bugs and dead disks throw. */

export type Ok<T> = { readonly ok: true; readonly value: T };
export type Err<E> = { readonly ok: false; readonly error: E };
export type Result<T, E> = Ok<T> | Err<E>;

export const ok = <T>(value: T): Ok<T> => ({ ok: true, value });
export const err = <E>(error: E): Err<E> => ({ ok: false, error });
export const done: Ok<void> = { ok: true, value: undefined };

/** Ends a `switch` over a closed union: the compiler refuses a case that was forgotten. */
export function assertNever(value: never): never {
  throw new Error(`unreachable case: ${JSON.stringify(value)}`);
}
