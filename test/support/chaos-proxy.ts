/**
 * A wire that can go bad: a TCP proxy in front of one port of this machine. It knows nothing of what goes through, so
 * that pages, the mailbox's connection and the relay's all suffer alike (FAULTS F6, F7).
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { NodeUrl } from "../../core/lang/brand.ts";

/**
 * `clear`: everything passes. `trickle`: one byte a write. `stalled`: nothing moves, and all of it moves on later.
 * `deaf`: what is sent is lost for good and nobody is told; also whoever connects now hears nothing. `cut`: whoever
 * connects is reset.
 */
export type Weather = "clear" | "trickle" | "stalled" | "deaf" | "cut";

export interface ChaosProxy {
  readonly url: NodeUrl;
  readonly port: number;
  become(weather: Weather): void;
  /** Ends every connection by RST, as a router that has forgotten them does. */
  reset(): void;
  /** Connections of clients that are not closed on their side. */
  readonly open: number;
  /** Connections made so far that were not cut: those which reached the other side or believe that they did. */
  readonly made: number;
  /** Goes up with everything that moves. */
  readonly moves: number;
  /** Resolves when nothing has moved for `forMs`. Says nothing of somebody at the other end who is at work still. */
  quiet(forMs?: number): Promise<void>;
  stop(): Promise<void>;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  isDeaf: boolean;
}

export async function startChaosProxy(target: { readonly port: number }): Promise<ChaosProxy> {
  const pairs = new Set<Pair>();
  let weather: Weather = "clear";
  let made = 0;
  let open = 0;
  let moves = 0;
  let movedAtMs = 0;

  const moved = () => {
    moves += 1;
    movedAtMs = performance.now();
  };

  function carry(pair: Pair, from: Socket, to: Socket): void {
    from.setNoDelay(true);
    from.on("data", (chunk: Buffer) => {
      moved();
      if (pair.isDeaf || to.destroyed) return;
      const pieces = weather === "trickle" ? Array.from(chunk, (byte) => Buffer.of(byte)) : [chunk];
      const isRoomy = pieces.map((piece) => to.write(piece)).every(Boolean);
      if (isRoomy || from.isPaused()) return;
      from.pause();
      to.once("drain", () => {
        if (weather !== "stalled") from.resume();
      });
    });
    from.on("end", () => {
      if (!pair.isDeaf) to.end();
    });
    // Where one end was reset the other is.
    from.on("error", () => {
      if (!pair.isDeaf) to.resetAndDestroy();
    });
    from.on("close", () => {
      moved();
      if (to.destroyed) pairs.delete(pair);
    });
  }

  const server = createServer({ allowHalfOpen: true }, (near) => {
    moved();
    if (weather === "cut") {
      near.on("error", () => {});
      near.resetAndDestroy();
      return;
    }
    made += 1;
    open += 1;
    near.once("close", () => {
      open -= 1;
    });
    const far = connect({ port: target.port, host: "127.0.0.1", allowHalfOpen: true });
    const pair: Pair = { near, far, isDeaf: weather === "deaf" };
    pairs.add(pair);
    carry(pair, near, far);
    carry(pair, far, near);
    if (weather === "stalled") for (const socket of [near, far]) socket.pause();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://localhost:${port}` as NodeUrl,
    port,
    become(next) {
      weather = next;
      for (const pair of pairs) {
        if (next === "deaf") pair.isDeaf = true;
        for (const socket of [pair.near, pair.far]) next === "stalled" ? socket.pause() : socket.resume();
      }
    },
    reset() {
      for (const pair of pairs) {
        pair.isDeaf = true;
        pair.near.resetAndDestroy();
        pair.far.resetAndDestroy();
      }
      pairs.clear();
    },
    get open() {
      return open;
    },
    get made() {
      return made;
    },
    get moves() {
      return moves;
    },
    async quiet(forMs = 40) {
      movedAtMs = performance.now();
      await turns(8);
      for (let leftMs = forMs; leftMs > 0; leftMs = movedAtMs + forMs - performance.now()) {
        await new Promise((resolve) => setTimeout(resolve, leftMs));
        await turns(8);
      }
    },
    async stop() {
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
      server.close();
      await once(server, "close");
    },
  };
}

/**
 * Of the event loop, so that this process handles what has come to it. A timer says nothing of that: on a busy machine it
 * is late, and goes before what arrived in time.
 */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
