/**
 * libp2p over WebSockets that the node's own HTTP server has upgraded. libp2p's transport would listen on a port of its
 * own, without time limits before the upgrade; this one is handed finished sockets, so that one port and one guard serve
 * everything. It never dials. Does not know what runs over a connection.
 */
import {
  type Connection,
  type CreateListenerOptions,
  type Listener,
  type ListenerEvents,
  type Logger,
  serviceCapabilities,
  type Transport,
  TypedEventEmitter,
  transportSymbol,
} from "@libp2p/interface";
import { AbstractMultiaddrConnection, type SendResult } from "@libp2p/utils";
import type { Multiaddr } from "@multiformats/multiaddr";
import type { WebSocket } from "ws";

/** Bytes a slow client has not taken; beyond it the sender waits. Larger delays nobody, it only costs memory. */
const maxUnsentBytes = 1_024 * 1_024;

export interface ByteCount {
  in(bytes: number): void;
  out(bytes: number): void;
}

export interface HandOver {
  /** Makes a libp2p connection of an open WebSocket. */
  accept(socket: WebSocket): void;
  readonly transport: (components: { logger: { forComponent(name: string): Logger } }) => Transport;
}

export function createHandOver(count: ByteCount): HandOver {
  let listening: RelayListener | undefined;
  return {
    accept(socket) {
      if (listening === undefined) socket.terminate();
      else listening.accept(socket);
    },
    transport: ({ logger }) => ({
      [transportSymbol]: true,
      [Symbol.toStringTag]: "kith-relay-sockets",
      [serviceCapabilities]: ["@libp2p/transport"],
      dial: (): Promise<Connection> => Promise.reject(new Error("the relay does not dial")),
      createListener(options) {
        listening = new RelayListener(options, logger.forComponent("kith:relay"), count);
        return listening;
      },
      listenFilter: (addresses) => addresses,
      dialFilter: () => [],
    }),
  };
}

class RelayListener extends TypedEventEmitter<ListenerEvents> implements Listener {
  readonly #options: CreateListenerOptions;
  readonly #log: Logger;
  readonly #count: ByteCount;
  readonly #ended = new AbortController();
  #address: Multiaddr | undefined;

  constructor(options: CreateListenerOptions, log: Logger, count: ByteCount) {
    super();
    this.#options = options;
    this.#log = log;
    this.#count = count;
  }

  accept(socket: WebSocket): void {
    const address = this.#address;
    if (address === undefined) {
      socket.terminate();
      return;
    }
    // Every peer has the node's own address here: libp2p learns and keeps nobody's.
    const connection = new SocketConnection(socket, address, this.#log, this.#count);
    const signal = this.#ended.signal;
    this.#options.upgrader.upgradeInbound(connection, { signal }).catch(() => socket.terminate());
  }

  async listen(address: Multiaddr): Promise<void> {
    this.#address = address;
    this.safeDispatchEvent("listening");
  }
  getAddrs(): Multiaddr[] {
    return this.#address === undefined ? [] : [this.#address];
  }
  updateAnnounceAddrs(): void {}
  async close(): Promise<void> {
    this.#address = undefined;
    this.#ended.abort();
    this.safeDispatchEvent("close");
  }
}

class SocketConnection extends AbstractMultiaddrConnection {
  readonly #socket: WebSocket;
  readonly #count: ByteCount;
  #unsentBytes = 0;

  constructor(socket: WebSocket, remoteAddr: Multiaddr, log: Logger, count: ByteCount) {
    super({ remoteAddr, direction: "inbound", log });
    this.#socket = socket;
    this.#count = count;
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (!isBinary) return socket.terminate();
      count.in(data.length);
      this.onData(new Uint8Array(data.buffer, data.byteOffset, data.length));
    });
    socket.on("error", () => {});
    socket.once("close", (code) => {
      if (code === 1_000 || code === 1_001 || code === 1_005) this.onTransportClosed();
      else this.onRemoteReset();
    });
  }

  sendData(data: Parameters<AbstractMultiaddrConnection["sendData"]>[0]): SendResult {
    for (const bytes of data) {
      this.#unsentBytes += bytes.length;
      this.#count.out(bytes.length);
      this.#socket.send(bytes, () => this.#sent(bytes.length));
    }
    return { sentBytes: data.byteLength, canSendMore: this.#unsentBytes < maxUnsentBytes };
  }

  #sent(bytes: number): void {
    this.#unsentBytes -= bytes;
    if (this.writableNeedsDrain && this.#unsentBytes < maxUnsentBytes / 2) this.safeDispatchEvent("drain");
  }

  sendReset(): void {
    this.#socket.terminate();
  }
  async sendClose(): Promise<void> {
    this.#socket.close();
  }
  sendPause(): void {
    this.#socket.pause();
  }
  sendResume(): void {
    this.#socket.resume();
  }
}
