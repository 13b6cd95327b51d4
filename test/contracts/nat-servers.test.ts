/** Which STUN and TURN servers a browser is given for a link (PROTOCOL.md §6.8). Whether they help: test/e2e/nat.test.ts. */
import { afterAll, beforeAll, expect, test } from "vitest";
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

// Addresses of documentation (RFC 5737): nothing answers there.
const stun = { urls: ["stun:192.0.2.1:3478"] };
const turn = { urls: ["turn:192.0.2.1:3478"], username: "1795000000", credential: "old" };

async function startWith(page: OpenPage, iceServers: readonly (typeof stun | typeof turn)[]) {
  const given = { node: relay.node, relayPeerId: relay.relayPeerId, iceServers };
  await page.run((links, at) => links.start(at.node, at.relayPeerId, at.iceServers), given);
  return page.run((links) => links.reachable(), 0);
}

/** The servers of each RTCPeerConnection that the page has made since it was asked last. */
function serversGiven({ page }: OpenPage) {
  return page.evaluate(() => {
    const seen = globalThis as unknown as { given?: unknown[] };
    if (seen.given === undefined) {
      const Original = RTCPeerConnection;
      globalThis.RTCPeerConnection = class extends Original {
        constructor(configuration?: RTCConfiguration) {
          super(configuration);
          seen.given?.push(configuration?.iceServers);
        }
      };
    }
    const given = seen.given ?? [];
    seen.given = [];
    return given;
  });
}

test("a link is made with the servers of the relays' nodes: none, then those they name, without a new start", async () => {
  const [alice, bob] = await Promise.all([pages.open(), pages.open()]);
  await Promise.all([alice, bob].map(serversGiven));
  const [, at] = [await startWith(alice, []), await startWith(bob, [stun])];
  const dial = () => alice.run((links, to) => links.dial(to.peer, to.addresses), at);
  expect(await dial()).toBeTypeOf("number");
  expect(new Set((await serversGiven(alice)).map((given) => JSON.stringify(given)))).toEqual(new Set(["[]"]));
  const bobs = new Set((await serversGiven(bob)).map((given) => JSON.stringify(given)));
  expect(bobs).toEqual(new Set([JSON.stringify([stun])]));

  await startWith(alice, [stun, stun, turn]);
  expect(await dial()).toBeTypeOf("number");
  const alices = new Set((await serversGiven(alice)).map((given) => JSON.stringify(given)));
  expect(alices).toEqual(new Set([JSON.stringify([stun, turn])]));
});
