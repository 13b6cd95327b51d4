// Runs in the browser: the link network of one page, driven by a test. What it offers is on `globalThis.links`.
import type { NodeUrl } from "../../../core/lang/brand.ts";
import { valueNow } from "../../../core/lang/live.ts";
import { createLinkNetwork } from "../../../core/network/link-network.ts";
import type { LinkPrivacy, LinkSurvey, RawLink } from "../../../core/ports/links.ts";
import { systemClock } from "../../../core/system/system-clock.ts";
import { systemRandom } from "../../../core/system/system-random.ts";
import type { IceServer } from "../../../core/wire/node-protocol.ts";
import { isReachable, type Reachable, until } from "../until.ts";

const network = createLinkNetwork({ clock: systemClock, random: systemRandom });

/** The newest link in either role. */
let link: RawLink | undefined;
let links = 0;
let onLinks = () => {};
let closed = Promise.resolve();
let onFrame = (_frame: Uint8Array) => {};
let answer: LinkPrivacy | "refuse" = "direct";

function take(taken: RawLink): void {
  link = taken;
  closed = new Promise((resolve) => {
    taken.receive({ frame: (bytes) => onFrame(bytes), closed: resolve });
  });
  links++;
  onLinks();
}
network.listen({ link: take, admit: async () => answer });

function nextFrame(): Promise<Uint8Array> {
  return new Promise((resolve) => {
    onFrame = resolve;
  });
}

const page = {
  start: (node: string, relayPeerId: string, iceServers: readonly IceServer[] = []) =>
    network.start([{ node: node as NodeUrl, relayPeerId, iceServers }]),
  reachable: (): Promise<Reachable> => until(network.reach, isReachable),
  /** Resolves when there have been so many links. */
  async hadLinks(wanted: number): Promise<void> {
    while (links < wanted) {
      await new Promise<void>((resolve) => {
        onLinks = resolve;
      });
    }
  },
  /** What is said of whoever dials from now on. */
  admit(given: LinkPrivacy | "refuse"): void {
    answer = given;
  },
  leave: (peer: string) => network.leave(peer),
  path: () => (link === undefined ? undefined : ([link.privacy, valueNow(link.path)] as const)),
  async probe(): Promise<LinkSurvey | undefined> {
    await network.probe();
    return valueNow(network.survey);
  },
  closed: () => closed,
  close: () => link?.close(),
  /** Milliseconds a dial took, or its fault. */
  async dial(peer: string, addresses: readonly string[], privacy: LinkPrivacy = "direct"): Promise<number | string> {
    const from = performance.now();
    const dialled = await network.dial(peer, addresses, privacy);
    if (!dialled.ok) return dialled.error;
    take(dialled.value);
    return performance.now() - from;
  },
  /** From now on every frame is sent back. */
  echo(): void {
    onFrame = (frame) => void link?.send(frame);
  },
  /** From now on every frame is answered with the number of bytes that came so far. */
  count(): void {
    let bytes = 0;
    onFrame = (frame) => {
      bytes += frame.length;
      void link?.send(new TextEncoder().encode(`${bytes}`));
    };
  },
  /** Milliseconds of each round trip of a frame of `size`, to a page that echoes. */
  async roundTrips(count: number, size: number): Promise<readonly number[]> {
    const times: number[] = [];
    for (let i = 0; i < count; i++) {
      const from = performance.now();
      const back = nextFrame();
      await link?.send(new Uint8Array(size));
      await back;
      times.push(performance.now() - from);
    }
    return times;
  },
  /** Sends this many frames of 64 KiB to a page that counts, until all have come; the most bytes that were under way. */
  async flood(count: number): Promise<number> {
    let sent = 0;
    let come = 0;
    let most = 0;
    let onCome = () => {};
    onFrame = (frame) => {
      come = Number(new TextDecoder().decode(frame));
      onCome();
    };
    for (let i = 0; i < count; i++) {
      await link?.send(new Uint8Array(65_536));
      sent += 65_536;
      most = Math.max(most, sent - come);
    }
    while (come < sent) {
      await new Promise<void>((resolve) => {
        onCome = resolve;
      });
    }
    return most;
  },
};
export type LinksPage = typeof page;
Object.assign(globalThis, { links: page });
