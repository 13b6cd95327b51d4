/**
 * What happened, for whoever debugs. An event is a fixed sentence and numbers: never a key, a text, a name, an address
 * or an id of anybody (house rule; the type allows only numbers and closed words on purpose).
 */
export interface Log {
  event(what: string, facts?: Readonly<Record<string, number | boolean>>): void;
  /** Something that should not have happened. The error's name is logged, never its message. */
  fault(what: string, error: unknown): void;
}
