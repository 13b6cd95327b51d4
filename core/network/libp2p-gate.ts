/**
 * Which streams of others reach libp2p's own handlers. Its transports answer everybody: whoever is connected can ask for
 * WebRTC, and is sent this device's addresses, or can play the relay. (libp2p has middleware for streams, but runs a
 * handler once more with every stream that came before.) PROTOCOL.md §7.
 */
import type { Connection, Stream, StreamHandler, Transport } from "@libp2p/interface";

export const signallingProtocol = "/webrtc-signaling/0.0.1";
export const relayedProtocol = "/libp2p/circuit/relay/0.2.0/stop";

/** Whether this peer may open such a stream. */
export type Doorman = (peer: string) => Promise<boolean>;

/** What of libp2p's components is taken hold of; a transport finds everything else unchanged. */
interface Components {
  readonly registrar: { handle: Handle };
}
type Handle = (protocol: string, handler: StreamHandler, options?: object) => Promise<void>;

/** The same transport; streams of others for `protocol` only where the doorman says so. */
export function gated<C extends object>(
  transport: (components: C) => Transport,
  protocol: string,
  doorman: Doorman,
): (components: C) => Transport {
  return (components) => {
    const { registrar } = components as unknown as Components;
    const handle: Handle = (name, handler, options) => {
      if (name !== protocol) return registrar.handle(name, handler, options);
      return registrar.handle(name, (stream, connection) => admit(handler, stream, connection), options);
    };
    const guarded = Object.create(registrar, { handle: { value: handle } });
    return transport(Object.create(components, { registrar: { value: guarded } }));
  };

  async function admit(handler: StreamHandler, stream: Stream, connection: Connection): Promise<void> {
    if (await doorman(connection.remotePeer.toString())) await handler(stream, connection);
    else stream.abort(new Error("not for this peer"));
  }
}
