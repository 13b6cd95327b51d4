/** What a node names for the way through NATs (§6.8). It comes from strangers' nodes and goes to a browser that throws at nonsense. */
import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { fromHex } from "../../../core/lang/bytes.ts";
import { NodeFrameSchema } from "../../../core/wire/gen/kith/node_pb.js";
import { parseIceUrl } from "../../../core/wire/ice-url.ts";
import { decodeNodeFrame, encodeNodeFrame } from "../../../core/wire/node-frame.ts";
import type { IceServer, NodeIce } from "../../../core/wire/node-protocol.ts";
import { nodeFrames, valueIn } from "./samples.ts";

const turn = { urls: ["turn:turn.example.org:3478"], username: "1795000000", credential: "c2VjcmV0" };

/** As a node might write it, whatever our own encoder would. */
function received(servers: readonly (Partial<IceServer> & { urls: readonly string[] })[], stunPort = 0) {
  const value = { stunPort, servers: servers.map((server) => ({ ...server, urls: [...server.urls] })) };
  return decodeNodeFrame(toBinary(NodeFrameSchema, create(NodeFrameSchema, { frame: { case: "ice", value } })));
}
const refused = { ok: false, error: "malformed" };

describe("the servers that a node names", () => {
  it("are read as they were written", () => {
    const ice: NodeIce = { stunPort: 3_478, servers: [{ urls: ["stun:stun.example.org"] }, turn] };
    expect(decodeNodeFrame(encodeNodeFrame({ kind: "ice", ice }))).toEqual({ ok: true, value: { kind: "ice", ice } });
  });

  it("are none in the hello of a node of version 1, as its bytes were", () => {
    const hello =
      "0a6108011220606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f1a206162636465666768696a6b6c6d6e6f" +
      "707172737475767778797a7b7c7d7e7f80220d313244334b6f6f5772656c61792880800430809a9e0138e807";
    const ice: NodeIce = { stunPort: undefined, servers: [] };
    expect(decodeNodeFrame(valueIn(fromHex(hello)))).toEqual({
      ok: true,
      value: { ...nodeFrames.hello, version: 1, ice },
    });
  });

  it.each([
    ["TURN without a name", [{ ...turn, username: "" }]],
    ["TURN without a secret", [{ ...turn, credential: "" }]],
    ["a secret with a line break", [{ ...turn, credential: "a\nb" }]],
    ["a secret that is too long", [{ ...turn, credential: "a".repeat(201) }]],
    ["STUN with a secret", [{ ...turn, urls: ["stun:stun.example.org"] }]],
    ["STUN and TURN in one", [{ ...turn, urls: [...turn.urls, "stun:stun.example.org"] }]],
    ["no address", [{ ...turn, urls: [] }]],
    ["five addresses", [{ ...turn, urls: Array.from({ length: 5 }, (_, n) => `turn:turn${n}.example.org`) }]],
    ["five servers", [turn, turn, turn, turn, turn]],
    ["an address not in its one form", [{ ...turn, urls: ["turn:TURN.example.org"] }]],
    ["an address of something else", [{ ...turn, urls: ["https://turn.example.org"] }]],
  ])("are refused with %s", (_, servers) => {
    expect(received(servers)).toEqual(refused);
  });

  it("are refused with a port that is none", () => {
    expect(received([turn], 65_535)).toMatchObject({ ok: true });
    expect(received([turn], 65_536)).toEqual(refused);
  });
});

describe("the address of such a server", () => {
  it.each([
    ["stun:stun.example.org", "stun", "stun:stun.example.org"],
    ["STUN:Stun.Example.org:3478", "stun", "stun:stun.example.org:3478"],
    ["stuns:192.0.2.1:5349", "stun", "stuns:192.0.2.1:5349"],
    ["turn:[2001:DB8:0:0:0:0:0:1]:3478?transport=udp", "turn", "turn:[2001:db8::1]:3478?transport=udp"],
    ["turns:turn.example.org?transport=tcp", "turn", "turns:turn.example.org?transport=tcp"],
  ])("%s", (text, kind, url) => {
    expect(parseIceUrl(text)).toEqual({ kind, url });
  });

  it.each([
    "",
    "stun:",
    "stun:host:0",
    "stun:host:65536",
    "stun:host:03478",
    "stun:host?transport=udp",
    "turn:host?transport=tls",
    "turn:host?transport=udp&x=1",
    "turn:user@host",
    "turn://host",
    "turn:host/path",
    "turn:ho st",
    "turn:0x7f000001",
    "turn:[::1",
    "http:host",
    `turn:${"a.".repeat(120)}org`,
  ])("is not %j", (text) => {
    expect(parseIceUrl(text)).toBeUndefined();
  });
});
