/** Time and timers. Virtual in simulations, the machine's in use. */
export interface Clock {
  /** Milliseconds since the Unix epoch. May jump in either direction. */
  now(): number;
  /** Runs `task` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void;
}
