import { describe, expect, it } from "vitest";
import { createAdmission } from "../../../bootstrap-node/admission.ts";
import { clientAddress, isFromThisMachine } from "../../../bootstrap-node/client-address.ts";
import { tokenBucket } from "../../../bootstrap-node/token-bucket.ts";

describe("a client's address", () => {
  it("is the socket's where no proxy is trusted, whatever the client claims", () => {
    expect(clientAddress("1.2.3.4", "6.6.6.6", 0)).toBe("1.2.3.4");
    expect(clientAddress("::ffff:1.2.3.4", undefined, 0)).toBe("1.2.3.4");
  });

  it("is what the outermost trusted proxy saw", () => {
    expect(clientAddress("10.0.0.1", "6.6.6.6, 1.2.3.4", 1)).toBe("1.2.3.4");
    expect(clientAddress("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", 2)).toBe("1.2.3.4");
  });

  it("is the proxy's where the proxy says nothing", () => {
    expect(clientAddress("10.0.0.1", undefined, 1)).toBe("10.0.0.1");
    expect(clientAddress("10.0.0.1", "1.2.3.4", 2)).toBe("10.0.0.1");
  });

  it.each([
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:db8::9", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ])("of IPv6 is its network: %s", (address, network) => {
    expect(clientAddress(address, undefined, 0)).toBe(network);
  });
});

describe("this machine", () => {
  it.each(["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])("is who comes from %s directly", (address) => {
    expect(isFromThisMachine(address, { host: "localhost" })).toBe(true);
    expect(isFromThisMachine(address, { "x-forwarded-for": "" })).toBe(false);
  });

  it.each([undefined, "", "10.0.0.1", "1.2.3.127", "::", "::2", "::ffff:10.0.0.1", "fe80::1%lo"])(
    "is not who comes from %s",
    (address) => {
      expect(isFromThisMachine(address, {})).toBe(false);
    },
  );
});

describe("a rate limit", () => {
  it("gives four seconds' worth at once, then as much as comes in, and says when", () => {
    const bucket = tokenBucket(10);
    for (let n = 0; n < 40; n++) expect(bucket.take(1, 1_000_000)).toBe(0);
    expect(bucket.take(1, 1_000_000)).toBe(100);
    expect(bucket.take(1, 1_000_099)).toBeGreaterThan(0);
    expect(bucket.take(1, 1_000_100)).toBe(0);
    expect(bucket.take(1, 1_000_100)).toBeGreaterThan(0);
  });

  it("gives what is larger than it can ever hold when it is full", () => {
    const bucket = tokenBucket(10);
    expect(bucket.take(1_000, 5_000)).toBe(0);
    expect(bucket.take(1, 5_000)).toBe(100);
  });

  it("does not fill when the clock jumps back", () => {
    const bucket = tokenBucket(10);
    expect(bucket.take(40, 1_000_000)).toBe(0);
    expect(bucket.take(1, 0)).toBe(100);
    expect(bucket.take(1, 100)).toBe(0);
  });
});

describe("admission", () => {
  const limits = { maxConnectionsPerAddress: 2, framesPerSecond: 10, bytesPerSecond: 1_000, newTopicsPerMinute: 6 };

  it("bounds the connections of an address and frees them once each", () => {
    const admission = createAdmission(limits);
    const first = admission.admit("a");
    admission.admit("a");
    expect(admission.admit("a")).toBeUndefined();
    expect(admission.admit("b")).toBeDefined();
    first?.release();
    first?.release();
    expect(admission.admit("a")).toBeDefined();
    expect(admission.admit("a")).toBeUndefined();
  });

  it("counts what all connections of an address do together, coming again included", () => {
    const admission = createAdmission({ ...limits, maxConnectionsPerAddress: 100 });
    let granted = 0;
    for (let n = 0; n < 10; n++) {
      const allowance = admission.admit("a");
      for (let m = 0; m < 40; m++) if (allowance?.take(1, 9_000_000) === 0) granted += 1;
      allowance?.release();
    }
    expect(granted).toBe(160);
    expect(admission.admit("b")?.take(1, 9_000_000)).toBe(0);
  });

  it("bounds bytes as well as frames", () => {
    const allowance = createAdmission(limits).admit("a");
    expect(allowance?.take(3_900, 9_000_000)).toBe(0);
    expect(allowance?.take(1_100, 9_000_000)).toBe(1_000);
  });

  it("bounds the topics that an address begins, a minute's worth at once, and counts only those that came of it", () => {
    const admission = createAdmission(limits);
    const [first, second] = [admission.admit("a"), admission.admit("a")];
    for (let n = 0; n < 3; n++) {
      expect(first?.takeNewTopic(9_000_000)).toBe(0);
      expect(second?.takeNewTopic(9_000_000)).toBe(0);
    }
    expect(second?.takeNewTopic(9_000_000)).toBe(10_000);
    first?.giveBackNewTopic();
    expect(second?.takeNewTopic(9_000_000)).toBe(0);
    expect(second?.takeNewTopic(9_010_000)).toBe(0);
    expect(second?.takeNewTopic(9_010_000)).toBe(10_000);
    expect(admission.admit("b")?.takeNewTopic(9_010_000)).toBe(0);
  });

  it("has as many refusals for an address as a quarter of what one connection may ask", () => {
    const admission = createAdmission(limits);
    const [first, second] = [admission.admit("a"), admission.admit("a")];
    for (let n = 0; n < 5; n++) {
      expect(first?.takeRefusal(9_000_000)).toBe(true);
      expect(second?.takeRefusal(9_000_000)).toBe(true);
    }
    expect(first?.takeRefusal(9_000_000)).toBe(false);
    expect(second?.takeRefusal(9_000_400)).toBe(true);
    expect(admission.admit("b")?.takeRefusal(9_000_000)).toBe(true);
  });

  it("forgets an address without connections when asked to, and no other", () => {
    const admission = createAdmission({ ...limits, maxConnectionsPerAddress: 1 });
    admission.admit("a");
    admission.forgetIdle();
    expect(admission.admit("a")).toBeUndefined();
  });
});
