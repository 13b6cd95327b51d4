/**
 * Closing libp2p connections so that they are gone. `abort` alone is not enough: on a WebSocket it asks for close code
 * 1006, which every runtime refuses, and the socket stays open.
 */
import type { Connection } from "@libp2p/interface";
import type { Clock } from "../ports/clock.ts";

/** What is still in the buffers has this long to leave. */
const flushMs = 1_000;

export interface HangUp {
  close(connection: Connection): Promise<void>;
  /** Resolves when everything that was to be closed is. */
  settled(): Promise<void>;
}

export function createHangUp(clock: Clock): HangUp {
  const closing = new Set<Promise<void>>();

  const close = async (connection: Connection) => {
    const patience = new AbortController();
    const cancel = clock.after(flushMs, () => patience.abort());
    try {
      await connection.close({ signal: patience.signal });
    } catch {
      connection.abort(new Error("closed")); // the other side no longer answers
    } finally {
      cancel();
    }
  };

  return {
    close(connection) {
      const closed = close(connection).finally(() => closing.delete(closed));
      closing.add(closed);
      return closed;
    },
    async settled() {
      while (closing.size > 0) await Promise.all(closing);
    },
  };
}
