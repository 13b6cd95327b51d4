/**
 * Requests to the relay are short, and each connection has only so many at a time. The library would hold four megabytes
 * of a request that claims to be longer than that, for half a minute, in as many streams as it is opened.
 */
import type { CircuitRelayServerComponents } from "@libp2p/circuit-relay-v2";
import type { Stream } from "@libp2p/interface";

/** A PeerId and a few addresses. */
const maxRequestBytes = 4_096;
/** More than anybody's links at a time: each relayed link is a request that stays. */
export const maxRequestsOfConnection = 128;

/** The components of libp2p, where what `handle` is given sees only streams whose first message is within the bound. */
export function withBoundedRequests(components: CircuitRelayServerComponents): CircuitRelayServerComponents {
  const { registrar } = components;
  const handle: typeof registrar.handle = (protocol, handler, options) =>
    registrar.handle(
      protocol,
      (stream, connection) => {
        boundFirstMessage(stream);
        return handler(stream, connection);
      },
      options,
    );
  const bounded = Object.create(registrar, { handle: { value: handle } }) as typeof registrar;
  return Object.create(components, { registrar: { value: bounded } }) as CircuitRelayServerComponents;
}

/** Listens beside the reader. What is piped through the stream after its request is not looked at. */
function boundFirstMessage(stream: Stream): void {
  let lengthBytes = 0;
  let length = 0;
  stream.addEventListener("message", function look({ data }) {
    // Its lists of bytes throw where they are asked for more than they have.
    for (const byte of data.subarray(0, Math.min(4 - lengthBytes, data.byteLength))) {
      length += (byte & 0x7f) * 2 ** (7 * lengthBytes);
      lengthBytes += 1;
      const isWhole = byte < 0x80;
      if (!isWhole && lengthBytes < 4) continue;
      stream.removeEventListener("message", look);
      // Not at once: the reader is told of the same bytes after this.
      if (!isWhole || length > maxRequestBytes)
        queueMicrotask(() => stream.abort(new Error("the request is too long")));
      return;
    }
  });
}
