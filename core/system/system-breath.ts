/**
 * Turns of the machine's event loop amid long work, so that a page paints and hears keys meanwhile. Does not know what the
 * work is.
 */

/**
 * Work between two turns: most of a frame at 60 Hz. Lower spends more time on turns; higher adds to the longest single step
 * (an encapsulation, some 4 ms) and is felt.
 */
const longestWorkMs = 12;

/**
 * Asked before each step: a promise that ends after one turn, if the last is long ago. A message to itself queues behind
 * everything that waits already, where a timer comes late and `scheduler.yield` goes first.
 */
export function systemBreath(): () => Promise<void> | undefined {
  const { port1, port2 } = new MessageChannel();
  port1.start();
  let turnedMs = performance.now();
  return () => {
    if (performance.now() - turnedMs < longestWorkMs) return undefined;
    return new Promise((resolve) => {
      const goOn = () => {
        turnedMs = performance.now();
        resolve();
      };
      port1.addEventListener("message", goOn, { once: true });
      port2.postMessage(0);
    });
  };
}
