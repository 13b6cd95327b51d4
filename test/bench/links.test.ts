// Links between two Chromium processes against a bare RTCDataChannel between the same two, in one run. Prints figures
// and judges none: they are ratios of one machine.
import { gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LinksPages, type OpenPage, serveLinksPages } from "../support/links-page/open.ts";
import { startRelay, type TestRelay } from "../support/relay.ts";

const dials = 100;
const sizes = [100, 1_024, 65_536];
const roundTrips = 300;

let pages: LinksPages;
let relay: TestRelay;
beforeAll(async () => {
  pages = await serveLinksPages();
  relay = await startRelay();
});
afterAll(async () => {
  await pages.stop();
  await relay.stop();
});

async function reachable(): Promise<{
  page: OpenPage;
  at: { peer: string; addresses: readonly string[] };
  ms: number;
}> {
  const page = await pages.open();
  const from = performance.now();
  await page.run((links, at) => links.start(at.node, at.relayPeerId), {
    node: relay.node,
    relayPeerId: relay.relayPeerId,
  });
  const at = await page.run((links) => links.reachable(), 0);
  return { page, at, ms: performance.now() - from };
}

function quantiles(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms`;
}

test("links and bare channels, dialled and measured", async () => {
  for (const [name, bytes] of pages.sizes)
    console.log(`${name}: ${(gzipSync(bytes).length / 1_000).toFixed(0)} KB gzip`);
  const [alice, bob] = await Promise.all([reachable(), reachable()]);
  console.log(`from start to reachable, libp2p loaded meanwhile: ${alice.ms.toFixed(0)} and ${bob.ms.toFixed(0)} ms`);

  const times: number[] = [];
  for (let count = 1; count <= dials; count++) {
    const ms = await alice.page.run((links, { peer, addresses }) => links.dial(peer, addresses), bob.at);
    expect(ms).toBeTypeOf("number");
    times.push(Number(ms));
    await bob.page.run((links, wanted) => links.hadLinks(wanted), count);
    if (count === dials) break;
    await alice.page.run((links) => links.close(), 0);
    await bob.page.run((links) => links.closed(), 0);
  }
  console.log(
    `${dials} dials through the relay: ${quantiles(times)}, ${times.filter((ms) => ms > 2_000).length} retried`,
  );

  await bob.page.run((links) => links.echo(), 0);
  await connectBare(alice.page.page, bob.page.page);
  for (const size of sizes) {
    const linked = await alice.page.run((links, given) => links.roundTrips(given.roundTrips, given.size), {
      roundTrips,
      size,
    });
    const bare = await bareRoundTrips(alice.page.page, size);
    console.log(`round trip of ${size} bytes: link ${quantiles(linked)}; bare channel ${quantiles(bare)}`);
  }
}, 600_000);

/** A data channel between two pages, without trickling; the far one echoes. */
async function connectBare(near: Page, far: Page): Promise<void> {
  const gathered = `(pc) => new Promise((resolve) => {
    const look = () => pc.iceGatheringState === "complete" && resolve(pc.localDescription.toJSON());
    pc.addEventListener("icegatheringstatechange", look);
    look();
  })`;
  const offer = await near.evaluate(`(async () => {
    const pc = (globalThis.bare = new RTCPeerConnection());
    globalThis.channel = pc.createDataChannel("bare");
    channel.binaryType = "arraybuffer";
    await pc.setLocalDescription();
    return (${gathered})(pc);
  })()`);
  const answer = await far.evaluate(`(async () => {
    const pc = (globalThis.bare = new RTCPeerConnection());
    pc.ondatachannel = ({ channel }) => (channel.onmessage = ({ data }) => channel.send(data));
    await pc.setRemoteDescription(${JSON.stringify(offer)});
    await pc.setLocalDescription();
    return (${gathered})(pc);
  })()`);
  await near.evaluate(`(async () => {
    await bare.setRemoteDescription(${JSON.stringify(answer)});
    if (channel.readyState !== "open") await new Promise((resolve) => (channel.onopen = resolve));
  })()`);
}

async function bareRoundTrips(near: Page, size: number): Promise<readonly number[]> {
  return near.evaluate(`(async () => {
    const times = [];
    for (let i = 0; i < ${roundTrips}; i++) {
      const from = performance.now();
      await new Promise((resolve) => { channel.onmessage = resolve; channel.send(new Uint8Array(${size})); });
      times.push(performance.now() - from);
    }
    return times;
  })()`);
}
