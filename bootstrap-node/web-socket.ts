/** What both kinds of WebSocket on the node's port have in common: bounds on what the library would gladly hold for a stranger. */
import type { Duplex } from "node:stream";
import type { ServerOptions, WebSocket } from "ws";

/** Browsers cut a message into a few pieces, mallory into as many as it has bytes: each costs an object beside its own. */
const maxFragments = 64;
/** Reads that a message may take as they come. The largest envelope comes in some fifty, where each is a packet. */
const maxReadsAtOnce = 256;
/** Lower keeps more objects of a trickle in memory, higher makes whoever trickles wait. */
const gatherMs = 5;
/**
 * Of a message that is not whole. The library ends the connection beyond; `gatherTrickle` stays below for as long as a
 * client waits for its answer (26 s for the largest envelope, a read each 5 ms).
 */
const maxBufferedChunks = 8_000;

export function socketOptions(maxMessageBytes: number): ServerOptions {
  return {
    noServer: true,
    clientTracking: false,
    maxPayload: maxMessageBytes,
    maxFragments,
    maxBufferedChunks,
    // What passes here is random bytes: compressing it costs memory for each connection and saves nothing.
    perMessageDeflate: false,
  };
}

/**
 * A message that comes byte by byte is as good as any other, but each read of it costs an object a hundred times its
 * size until it is whole. So after many reads its bytes are let come together for a moment, and taken as one.
 * `raw` is what `socket` was made of. Knows nothing of messages but their end.
 */
export function gatherTrickle(socket: WebSocket, raw: Duplex): void {
  let reads = 0;
  let gathering: NodeJS.Timeout | undefined;

  function take(): void {
    gathering = undefined;
    // Whoever paused it resumes it.
    if (socket.isPaused) return;
    // Paused, it gives all that came as one, to the library too; that comes back to `count`.
    raw.read();
    if (gathering === undefined) socket.resume();
  }
  function count(): void {
    reads += 1;
    if (reads <= maxReadsAtOnce) return;
    raw.pause();
    gathering ??= setTimeout(take, gatherMs);
  }
  socket.on("message", () => {
    reads = 0;
  });
  raw.on("data", count);
  for (const end of ["error", "close"]) {
    socket.once(end, () => {
      raw.off("data", count);
      clearTimeout(gathering);
    });
  }
}
