// How bad the network is.
import type { Faults } from "../support/sim-seat.ts";

/** The row F5 of the table of faults. */
export const mildFaults: Faults = {
  delayMs: [0, 2_000],
  loss: 0.01,
  duplication: 0.01,
  reordering: 0.05,
  reorderMs: 2_000,
  busy: 0.01,
};
export const harshFaults: Faults = {
  delayMs: [0, 300],
  loss: 0.1,
  duplication: 0.1,
  reordering: 0.3,
  reorderMs: 3_000,
  busy: 0.05,
};
export const calmFaults: Faults = { delayMs: [1, 20], loss: 0, duplication: 0, reordering: 0, reorderMs: 0, busy: 0 };
