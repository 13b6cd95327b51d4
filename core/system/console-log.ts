/** The log on the console. Faults always, events only where somebody looks for something. */
import type { Log } from "../ports/log.ts";

export function consoleLog({ events }: { readonly events: boolean }): Log {
  return {
    event(what, facts) {
      // biome-ignore lint/suspicious/noConsole: this is the log
      if (events) console.info(`kith: ${what}`, ...(facts === undefined ? [] : [facts]));
    },
    fault(what, error) {
      // The name alone: a message may quote what it choked on.
      // biome-ignore lint/suspicious/noConsole: this is the log
      console.error(`kith: ${what} (${error instanceof Error ? error.name : typeof error})`);
    },
  };
}
