// What a browser tells the other end of its network addresses: all that arrives there is read. PROTOCOL.md §7.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { LinkPrivacy } from "../../core/ports/links.ts";
import { addressesIn, type Eavesdropper, startEavesdropper } from "../support/eavesdropper.ts";
import { type LinksPages, type OpenPage, serveLinksPages } from "../support/links-page/open.ts";
import { startNodeProcess } from "../support/node-process.ts";
import { startRelay, type TestRelay } from "../support/relay.ts";

let pages: LinksPages;
let relay: TestRelay;
let mallory: Eavesdropper;
beforeAll(async () => {
  pages = await serveLinksPages();
  relay = await startRelay();
  mallory = await startEavesdropper(relay);
});
afterAll(async () => {
  await mallory?.stop();
  await pages.stop();
  await relay.stop();
});
afterEach(() => pages.close());

/** A page that knows its relay by a name, so that no address of this machine has a reason to be told. */
async function alice(answer: LinkPrivacy | "refuse", before: () => void = () => {}) {
  const page: OpenPage = await pages.open();
  await page.page.evaluate(before);
  await page.run((links, given) => links.admit(given), answer);
  await page.run((links, at) => links.start(at.node, at.relayPeerId), {
    node: `http://localhost:${relay.port}`,
    relayPeerId: relay.relayPeerId,
  });
  const { peer, addresses, relayed } = await page.run((links) => links.reachable(), 0);
  // Mallory reaches the relay by its number.
  const at = (address: string | undefined) => address?.replace("/dns4/localhost", "/ip4/127.0.0.1") ?? "";
  return { page, peer, announced: { addresses, relayed }, direct: at(addresses[0]), relayed: at(relayed[0]) };
}

/** libp2p takes the browser's constructor when it is loaded, which is later. */
function countPeerConnections(): void {
  const Original = RTCPeerConnection;
  const counter = Object.assign(globalThis, { made: 0 });
  globalThis.RTCPeerConnection = class extends Original {
    constructor(...given: ConstructorParameters<typeof RTCPeerConnection>) {
      super(...given);
      counter.made++;
    }
  };
}

function dialMallory(page: OpenPage, privacy: LinkPrivacy) {
  const { peer, address } = mallory;
  return page.run((links, at) => links.dial(at.peer, [at.address], at.privacy), { peer, address, privacy });
}

test("a page that dials relay-only tells no address, and one that dials directly does", async () => {
  const { page, peer, announced } = await alice("refuse");
  expect(await dialMallory(page, "relay-only")).toBeTypeOf("number");
  expect(await page.run((links) => links.path(), 0)).toEqual(["relay-only", "relayed"]);
  const heard = mallory.heardFrom(peer);
  expect(heard.length).toBeGreaterThan(20);
  expect(addressesIn(heard)).toEqual([]);
  expect(addressesIn(new TextEncoder().encode(JSON.stringify(announced)))).toEqual([]);
  await page.run((links) => links.close(), 0);

  expect(await dialMallory(page, "direct")).toBeTypeOf("number");
  expect(await page.run((links) => links.path(), 0)).toEqual(["direct", "direct"]);
  expect(addressesIn(mallory.heardFrom(peer))).toContain("typ host");
});

test("a page that is dialled tells no address to who is to be linked with relay-only, whatever it tries", async () => {
  const { page, peer, direct, relayed } = await alice("relay-only");
  await mallory.dial(relayed);
  await page.run((links) => links.hadLinks(1), 0);
  await expect(mallory.dial(direct)).rejects.toThrow();
  const heard = mallory.heardFrom(peer);
  expect(heard.length).toBeGreaterThan(20);
  expect(addressesIn(heard)).toEqual([]);

  await page.run((links) => links.admit("direct"), 0);
  // Whether the link comes about is no matter here, only what was told for it.
  const dialled = mallory.dial(direct).catch(() => {});
  await expect.poll(() => addressesIn(mallory.heardFrom(peer)), { timeout: 15_000 }).toContain("typ host");
  await dialled;
});

test("a page says nothing at all to a stranger", async () => {
  const { peer, direct, relayed } = await alice("refuse");
  for (const address of [direct, relayed]) await expect(mallory.dial(address)).rejects.toThrow();
  expect(mallory.heardFrom(peer)).toHaveLength(0);
});

test("a page makes no WebRTC connection of any kind for a relay-only link", async () => {
  const { page } = await alice("refuse", countPeerConnections);
  const made = () => page.page.evaluate(() => (globalThis as unknown as { made: number }).made);
  await dialMallory(page, "relay-only");
  expect(await made()).toBe(0);
  await dialMallory(page, "direct");
  expect(await made()).toBeGreaterThan(0);
});

test("a page counts what it can be reached by, and names no address", async () => {
  const { page } = await alice("refuse");
  const survey = await page.run((links) => links.probe(), 0);
  expect(survey?.webrtc).toBe(true);
  expect(survey?.gathered).toMatchObject({ srflx: 0, relay: 0, stun: "none" });
  expect(survey?.gathered?.host).toBeGreaterThan(0);
  expect(addressesIn(new TextEncoder().encode(JSON.stringify(survey)))).toEqual([]);
});

test("a page tells a STUN server that answers from one that does not", async () => {
  const node = await startNodeProcess();
  const silence = createSocket("udp4").bind(0, "127.0.0.1");
  try {
    await once(silence, "listening");
    const { page } = await alice("refuse");
    const probe = (port: number) =>
      page.run(
        (links, at) => {
          links.start(at.node, at.relayPeerId, [{ urls: [at.stun] }]);
          return links.probe();
        },
        { node: relay.node, relayPeerId: relay.relayPeerId, stun: `stun:127.0.0.1:${port}` },
      );
    expect((await probe(node.port))?.gathered?.stun).toBe("answered");
    expect((await probe(silence.address().port))?.gathered?.stun).toBe("silent");
  } finally {
    silence.close();
    await node.discard();
  }
});
