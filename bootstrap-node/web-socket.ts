/** What both kinds of WebSocket on the node's port have in common: bounds on what the library would gladly hold for a stranger. */
import type { ServerOptions } from "ws";

/**
 * Browsers cut a message into a few pieces, mallory into as many as it has bytes: each piece, and each read of a frame that
 * is not whole yet, costs an object of a hundred bytes beside its own.
 */
const maxFragments = 64;
/** A whole envelope byte by byte would be more; of the smaller sizes none is. */
const maxBufferedChunks = 20_000;

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
