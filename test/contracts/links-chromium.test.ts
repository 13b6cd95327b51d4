// Links between Chromium processes, where WebRTC is the browser's own. PROTOCOL.md §7; what is the same in Node is in
// links.test.ts.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type LinksPages, type OpenPage, serveLinksPages } from "../support/links-page/open.ts";
import { startRelay, type TestRelay } from "../support/relay.ts";

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
afterEach(() => pages.close());

async function reachable() {
  const page = await pages.open();
  await page.run((links, at) => links.start(at.node, at.relayPeerId), {
    node: relay.node,
    relayPeerId: relay.relayPeerId,
  });
  return { page, at: await page.run((links) => links.reachable(), 0) };
}

async function dial(from: OpenPage, at: { readonly peer: string; readonly addresses: readonly string[] }) {
  return from.run((links, { peer, addresses }) => links.dial(peer, addresses), at);
}

test("dials forty times in a row without a failure, and each side hears the other close", async () => {
  const [alice, bob] = await Promise.all([reachable(), reachable()]);
  for (let count = 1; count <= 40; count++) {
    expect(await dial(alice.page, bob.at)).toBeTypeOf("number");
    await bob.page.run((links, wanted) => links.hadLinks(wanted), count);
    await (count % 2 === 0 ? alice : bob).page.run((links) => links.close(), 0);
    await Promise.all([alice, bob].map(({ page }) => page.run((links) => links.closed(), 0)));
  }
});

test("carries 20 MB while never more than a few are under way", async () => {
  const [alice, bob] = await Promise.all([reachable(), reachable()]);
  await dial(alice.page, bob.at);
  await bob.page.run((links) => links.hadLinks(1), 0);
  await bob.page.run((links) => links.count(), 0);
  const most = await alice.page.run((links) => links.flood(320), 0);
  expect(most).toBeGreaterThan(65_536);
  expect(most).toBeLessThan(4 * 1_024 * 1_024);
});

test("hears that a page was left, and is met again by the page that was loaded anew", async () => {
  const [alice, bob] = await Promise.all([reachable(), reachable()]);
  await dial(alice.page, bob.at);
  await bob.page.run((links) => links.hadLinks(1), 0);
  await bob.page.page.reload();
  await alice.page.run((links) => links.closed(), 0);
  await bob.page.run((links, at) => links.start(at.node, at.relayPeerId), {
    node: relay.node,
    relayPeerId: relay.relayPeerId,
  });
  const again = await bob.page.run((links) => links.reachable(), 0);
  expect(again.peer).not.toBe(bob.at.peer);
  expect(await dial(alice.page, again)).toBeTypeOf("number");
});

test("hears that a browser died", async () => {
  const [alice, bob] = await Promise.all([reachable(), reachable()]);
  await dial(alice.page, bob.at);
  await bob.page.run((links) => links.hadLinks(1), 0);
  await bob.page.kill();
  await alice.page.run((links) => links.closed(), 0);
});
