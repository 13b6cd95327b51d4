import type { NodeUrl } from "@kith/core";
import { describe, expect, test } from "vitest";
import { type HostReach, leastReach, reachOf } from "../../../app/views/nodes/host-reach.ts";
import { readNodeAddress } from "../../../app/views/nodes/node-address.ts";
import { node } from "./message.ts";

const fault = (text: string, page = "http:") => {
  const read = readNodeAddress(text, [node], page);
  return read.ok ? read.node : read.fault;
};

describe("the address of a node", () => {
  test("is read as people type it", () => {
    expect(fault("kith.example")).toBe("https://kith.example");
    expect(fault("  HTTPS://Kith.Example:443/ ")).toBe("https://kith.example");
    expect(fault("http://192.168.1.5:8790")).toBe("http://192.168.1.5:8790");
  });
  test.each(["localhost:8098", "127.0.0.1:8098", "[::1]:8098"])(
    "without a scheme is one of http on this computer: %s",
    (text) => {
      expect(fault(text)).toBe(`http://${text}`);
      expect(fault(text, "https:")).toBe(`http://${text}`);
    },
  );
  test.each(["", "not a node", "https://kith.example/path", "ftp://kith.example", "https://a@kith.example"])(
    "is refused when it is none: %s",
    (text) => {
      expect(fault(text)).toBe("malformed");
    },
  );
  test("is refused a second time, however it is written", () => {
    expect(fault("NODE.example/")).toBe("twice");
  });
  test("over http is refused on a page of https, where no browser would connect", () => {
    expect(fault("http://kith.example", "https:")).toBe("insecure");
    expect(fault("http://localhost:8790", "https:")).toBe("http://localhost:8790");
    expect(fault("https://kith.example", "https:")).toBe("https://kith.example");
  });
});

describe("from where an address can be reached", () => {
  test.each<[string, HostReach]>([
    ["localhost", "computer"],
    ["127.0.0.1", "computer"],
    ["[::1]", "computer"],
    ["kith.localhost", "computer"],
    ["10.1.2.3", "network"],
    ["192.168.0.7", "network"],
    ["172.16.0.1", "network"],
    ["172.32.0.1", "everywhere"],
    ["169.254.1.1", "network"],
    ["100.64.0.1", "network"],
    ["100.128.0.1", "everywhere"],
    ["[fd12:3456::1]", "network"],
    ["[fe80::1]", "network"],
    ["[2001:db8::1]", "everywhere"],
    ["nas.local", "network"],
    ["nas", "network"],
    ["kith.example", "everywhere"],
    ["203.0.113.7", "everywhere"],
    ["10.kith.example", "everywhere"],
    ["localhost.kith.example", "everywhere"],
  ])("%s: %s", (host, reach) => {
    expect(reachOf(host)).toBe(reach);
  });

  test("is told by the nearer of the two that are needed", () => {
    expect(leastReach(["https://kith.example/#/i/x", "http://192.168.1.5:8790"])).toEqual({
      reach: "network",
      host: "192.168.1.5",
    });
    expect(leastReach(["https://kith.example/#/i/x", node]).reach).toBe("everywhere");
    expect(leastReach([] as NodeUrl[]).reach).toBe("everywhere");
  });
});
