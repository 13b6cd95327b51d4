// The bare wire of a WebSocket (RFC 6455): a TCP socket after the upgrade, onto which a test writes what no library would.
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface RawWebSocket {
  readonly socket: Socket;
  /** False when the node takes no more for now, as `net.Socket.write`. */
  write(bytes: Uint8Array): boolean;
  readonly closed: Promise<void>;
}

export async function rawWebSocket(port: number, path: string, protocol?: string): Promise<RawWebSocket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await once(socket, "connect");
  const lines = [
    `GET ${path} HTTP/1.1`,
    "Host: kith",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  const [answer] = (await once(socket, "data")) as [Buffer];
  if (!answer.toString("latin1").startsWith("HTTP/1.1 101")) throw new Error("the upgrade was refused");
  return { socket, write: (bytes) => socket.write(bytes), closed };
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9 } as const;

/** A client's frame, masked with zeros. `claimed` is the length its header gives, whatever follows. */
export function frame(opcode: number, payload: Uint8Array, { last = true, claimed = payload.length } = {}): Uint8Array {
  const bytes = Buffer.alloc(14 + payload.length);
  bytes[0] = (last ? 0x80 : 0) | opcode;
  bytes[1] = 0x80 | 127;
  bytes.writeBigUInt64BE(BigInt(claimed), 2);
  bytes.set(payload, 14);
  return bytes;
}

/** The same with a length of one byte: pings must have it. */
export function shortFrame(opcode: number, payload: Uint8Array, { last = true } = {}): Uint8Array {
  return Uint8Array.from([(last ? 0x80 : 0) | opcode, 0x80 | payload.length, 0, 0, 0, 0, ...payload]);
}
