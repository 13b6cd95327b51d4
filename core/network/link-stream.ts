/**
 * A link over one stream of bytes: frames out with back-pressure, frames in with bounds, and one end. Knows the stream
 * only as far as `ByteStream` says, and nothing of who is at its other end.
 */
import { type LiveCell, liveCell } from "../lang/live.ts";
import { done, err } from "../lang/result.ts";
import type { LinkPath, LinkPrivacy, RawLink } from "../ports/links.ts";
import { maxFrameBytes } from "../wire/bounds.ts";
import { createFrameReader, frameBytes } from "./link-frames.ts";

/** What is needed of a stream; libp2p's `Stream` has this shape. */
export interface ByteStream {
  /** False when its buffers are full; a `drain` event says when they are no longer. Throws when it is closed. */
  send(bytes: Uint8Array): boolean;
  addEventListener(type: "message", listener: (event: { readonly data: Chunk }) => void): void;
  addEventListener(type: "drain" | "close" | "remoteCloseWrite", listener: () => void): void;
}

type Chunk = Uint8Array | { subarray(): Uint8Array };

export interface LinkEnds {
  readonly localPeer: string;
  readonly remotePeer: string;
  readonly role: RawLink["role"];
  readonly privacy: LinkPrivacy;
  readonly path: LinkPath;
}

export interface StreamLink extends RawLink {
  readonly path: LiveCell<LinkPath>;
}

/** `hangUp` closes what carries the stream and is called exactly once, at whatever ended the link. */
export function createStreamLink(stream: ByteStream, ends: LinkEnds, hangUp: () => void): StreamLink {
  const reader = createFrameReader();
  const path = liveCell(ends.path);
  let open = true;
  let handlers: Parameters<RawLink["receive"]>[0] | undefined;
  let waiting: (() => void)[] = [];

  const wake = () => {
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  };
  const end = () => {
    if (!open) return;
    open = false;
    hangUp();
    wake();
    handlers?.closed();
  };

  // The stream's own promise of a drain is resolved once and then never renewed, so its event is what counts.
  stream.addEventListener("drain", wake);
  stream.addEventListener("close", end);
  stream.addEventListener("remoteCloseWrite", end);

  const read = (chunk: Chunk) => {
    const frames = reader.read(chunk instanceof Uint8Array ? chunk : chunk.subarray());
    if (!frames.ok) return end();
    for (const frame of frames.value) if (open) handlers?.frame(frame);
  };

  return {
    localPeer: ends.localPeer,
    remotePeer: ends.remotePeer,
    role: ends.role,
    privacy: ends.privacy,
    path,
    async send(frame) {
      if (frame.length === 0 || frame.length > maxFrameBytes) throw new Error("a frame is out of its bounds");
      if (!open) return err("closed");
      try {
        if (!stream.send(frameBytes(frame))) await new Promise<void>((resume) => waiting.push(resume));
      } catch {
        end();
      }
      return open ? done : err("closed");
    },
    receive(given) {
      handlers = given;
      // Only now: until somebody listens the stream keeps what arrives, within its own bound.
      if (open) stream.addEventListener("message", (event) => read(event.data));
      else given.closed();
    },
    close: end,
  };
}
