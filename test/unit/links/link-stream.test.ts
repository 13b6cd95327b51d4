import { expect, test } from "vitest";
import { frameBytes } from "../../../core/network/link-frames.ts";
import { type ByteStream, createStreamLink } from "../../../core/network/link-stream.ts";

/** A stream whose buffers are full when the test says so. */
function fakeStream() {
  const listeners = new Map<string, ((event: { readonly data: Uint8Array }) => void)[]>();
  const sent: Uint8Array[] = [];
  const state = { full: false, broken: false, hungUp: 0 };
  const stream: ByteStream = {
    send(bytes) {
      if (state.broken) throw new Error("closed");
      sent.push(bytes);
      return !state.full;
    },
    addEventListener(type: string, listener: (event: never) => void) {
      listeners.set(type, [...(listeners.get(type) ?? []), listener as () => void]);
    },
  };
  const say = (type: string, data = new Uint8Array()) => {
    for (const listener of listeners.get(type) ?? []) listener({ data });
  };
  const ends = { localPeer: "alice", remotePeer: "bob", role: "dialler", privacy: "direct", path: "direct" } as const;
  const link = createStreamLink(stream, ends, () => state.hungUp++);
  return { link, sent, state, say };
}

function follow(link: ReturnType<typeof fakeStream>["link"]) {
  const seen = { frames: [] as Uint8Array[], closed: 0 };
  link.receive({ frame: (bytes) => seen.frames.push(bytes), closed: () => seen.closed++ });
  return seen;
}

/** Whether the promise is kept without anything else happening. */
async function isKept(promise: Promise<unknown>): Promise<boolean> {
  let kept = false;
  void promise.then(() => {
    kept = true;
  });
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  return kept;
}

test("waits after every full buffer until it is drained, not only after the first", async () => {
  const { link, state, say } = fakeStream();
  for (let round = 0; round < 3; round++) {
    state.full = true;
    const sending = link.send(Uint8Array.of(1));
    expect(await isKept(sending)).toBe(false);
    state.full = false;
    say("drain");
    expect(await sending).toEqual({ ok: true, value: undefined });
  }
});

test("answers `closed` to a sender who waits when the link ends", async () => {
  const { link, state, say } = fakeStream();
  state.full = true;
  const sending = link.send(Uint8Array.of(1));
  say("close");
  expect(await sending).toEqual({ ok: false, error: "closed" });
});

test.each(["close", "remoteCloseWrite"])("ends once, and hangs up, at %s of the stream", (event) => {
  const { link, state, say } = fakeStream();
  const seen = follow(link);
  say(event);
  expect([seen.closed, state.hungUp]).toEqual([1, 1]);
  say("close");
  link.close();
  expect([seen.closed, state.hungUp]).toEqual([1, 1]);
});

test("ends when the stream throws at a frame", async () => {
  const { link, state } = fakeStream();
  const seen = follow(link);
  state.broken = true;
  expect(await link.send(Uint8Array.of(1))).toEqual({ ok: false, error: "closed" });
  expect(seen.closed).toBe(1);
});

test("tells who asks for frames too late that the link has ended", () => {
  const { link } = fakeStream();
  link.close();
  expect(follow(link).closed).toBe(1);
});

test("delivers no frame after it was closed, not even of the same bytes", () => {
  const { link, say } = fakeStream();
  const frames: Uint8Array[] = [];
  link.receive({
    frame(bytes) {
      frames.push(bytes);
      link.close();
    },
    closed: () => {},
  });
  say("message", new Uint8Array([...frameBytes(Uint8Array.of(1)), ...frameBytes(Uint8Array.of(2))]));
  expect(frames).toEqual([Uint8Array.of(1)]);
});

test("ends at a frame out of its bounds", () => {
  const { link, state, say } = fakeStream();
  const seen = follow(link);
  say("message", Uint8Array.of(255, 0, 0, 0));
  expect([seen.frames.length, seen.closed, state.hungUp]).toEqual([0, 1, 1]);
});

test("throws at a frame of ours that is out of its bounds: that is a bug", async () => {
  const { link } = fakeStream();
  await expect(link.send(new Uint8Array())).rejects.toThrow("bounds");
  await expect(link.send(new Uint8Array(72 * 1_024 + 1))).rejects.toThrow("bounds");
});
