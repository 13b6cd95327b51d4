import fc from "fast-check";
import { expect, test } from "vitest";
import type { NodeUrl } from "../../../core/lang/brand.ts";
import { addressThrough, type Relay, relayOf, waysNamed } from "../../../core/network/link-address.ts";

const relayPeer = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";
const bob = "12D3KooWQNV9Gn8dQ6h5fKkD1uTzq9r3mVZJ9R9GmwdLh3xv2n7p";
const addressOf = (node: string) => {
  const relay = relayOf(node as NodeUrl, relayPeer);
  return relay.ok ? relay.value.address.replace(`/p2p/${relayPeer}`, "") : relay.error;
};

test.each([
  ["http://127.0.0.1:4180", "/ip4/127.0.0.1/tcp/4180/ws"],
  ["http://localhost:4180", "/dns4/localhost/tcp/4180/ws"],
  ["https://node.example", "/dns4/node.example/tcp/443/tls/ws"],
  ["https://node.example:8443", "/dns4/node.example/tcp/8443/tls/ws"],
  ["http://node.example", "/dns4/node.example/tcp/80/ws"],
  ["http://[::1]:4180", "/ip6/::1/tcp/4180/ws"],
])("finds the relay of %s at %s", (node, address) => {
  expect(addressOf(node)).toBe(address);
});

test.each(["ftp://node.example", "node.example", "", "http://"])("finds no relay at %j", (node) => {
  expect(addressOf(node)).toBe("not-an-address");
});

test("finds no relay under a name that is no PeerId", () => {
  for (const peer of ["", "x/p2p-circuit", "12D3KooW short", "0".repeat(52)]) {
    expect(relayOf("http://127.0.0.1:1" as NodeUrl, peer).ok).toBe(false);
  }
});

const own: Relay = { peer: relayPeer, address: `/ip4/127.0.0.1/tcp/4180/ws/p2p/${relayPeer}` };

const through = (relay: Relay, peer: string) => addressThrough(relay, peer, "direct");
const named = (addresses: readonly string[]) => waysNamed(addresses, bob, "direct", [own]);
const direct = { relay: own, privacy: "direct" };

test("takes from an address only which of our relays it names", () => {
  const elsewhere = `/dns4/mallory.example/tcp/22/ws/p2p/${relayPeer}/p2p-circuit/webrtc/p2p/${bob}`;
  expect(named([elsewhere, through(own, bob)])).toEqual([direct]);
});

test("says relay-only where the address or this side wants it so, and never the other way round", () => {
  const relayOnly = { relay: own, privacy: "relay-only" };
  const without = addressThrough(own, bob, "relay-only");
  expect(without).not.toContain("webrtc");
  expect(named([without])).toEqual([relayOnly]);
  expect(waysNamed([through(own, bob)], bob, "relay-only", [own])).toEqual([relayOnly]);
  expect(named([without, through(own, bob)]), "the first of two").toEqual([relayOnly]);
});

test.each([
  ["another peer", through(own, relayPeer)],
  ["another relay", through({ peer: bob, address: `/ip4/127.0.0.1/tcp/1/ws/p2p/${bob}` }, bob)],
  ["no circuit", `/ip4/127.0.0.1/tcp/4180/ws/p2p/${bob}`],
  ["another transport", `${own.address}/p2p-circuit/webrtc-direct/p2p/${bob}`],
  ["two circuits", `${through(own, relayPeer)}/p2p-circuit/webrtc/p2p/${bob}`],
  ["something after it", `${through(own, bob)}/ws`],
  ["more than its bound", `/dns4/${"a".repeat(300)}/tcp/1/ws/p2p/${relayPeer}/p2p-circuit/webrtc/p2p/${bob}`],
])("takes nothing from an address that names %s", (_what, address) => {
  expect(named([address])).toEqual([]);
});

test("looks at no more addresses than a signal may carry", () => {
  const padding = Array.from({ length: 4 }, () => "/ip4/10.0.0.1");
  expect(named([...padding, through(own, bob)])).toEqual([]);
});

test("never names a relay that is not ours, whatever the addresses say", () => {
  const part = fc.constantFrom(
    "/ip4/10.0.0.1",
    "/tcp/22",
    "/ws",
    "/p2p/",
    relayPeer,
    bob,
    "/p2p-circuit",
    "/webrtc",
    "\n",
    " ",
  );
  const text = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.array(text, { maxLength: 6 }), (addresses) => named(addresses).every(({ relay }) => relay === own)),
    { numRuns: 10_000 },
  );
});
