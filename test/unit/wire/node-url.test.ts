import { describe, expect, test } from "vitest";
import { parseNodeUrl } from "../../../core/wire/node-url.ts";

describe("a node's address", () => {
  test.each([
    ["https://node.example", "https://node.example"],
    [" https://node.example/ \n", "https://node.example"],
    ["HTTPS://Node.EXAMPLE", "https://node.example"],
    ["https://node.example:443", "https://node.example"],
    ["http://node.example:80/", "http://node.example"],
    ["http://node.example:443", "http://node.example:443"],
    ["http://localhost:8080", "http://localhost:8080"],
    ["http://192.168.0.1:65535", "http://192.168.0.1:65535"],
    ["https://xn--bcher-kva.example", "https://xn--bcher-kva.example"],
    ["https://3com.example", "https://3com.example"],
    ["http://[::1]:8080", "http://[::1]:8080"],
    ["http://[2001:DB8:0:0:1:0:0:1]", "http://[2001:db8::1:0:0:1]"],
    ["http://[1:0:0:2:0:0:0:3]", "http://[1:0:0:2::3]"],
    ["http://[0:0:0:0:0:0:0:0]", "http://[::]"],
    ["http://[1:2:3:4:5:6:7:0]", "http://[1:2:3:4:5:6:7:0]"],
    ["http://[fe80::]", "http://[fe80::]"],
    ["http://[::ffff:7f00:1]", "http://[::ffff:7f00:1]"],
  ])("%j is %j, as every browser reads it", (text, normal) => {
    expect(parseNodeUrl(text)).toEqual({ ok: true, value: normal });
    expect(new URL(text).origin).toBe(normal);
    expect(new URL(normal).origin).toBe(normal);
  });

  test.each([
    "",
    "node.example",
    "//node.example",
    "ws://node.example",
    "ftp://node.example",
    "javascript:alert(1)",
    "https:node.example",
    "https:///node.example",
    "https://",
    "https://:8080",
    "https://node.example/path",
    "https://node.example//",
    "https://node.example?q",
    "https://node.example#f",
    "https://alice@node.example",
    "https://alice:secret@node.example",
    "https://node.example:",
    "https://node.example:0",
    "https://node.example:080",
    "https://node.example:65536",
    "https://node.example:99999999",
    "https://node..example",
    "https://.example",
    "https://node.example.",
    "https://-node.example",
    "https://node-.example",
    "https://no_de.example",
    "https://bücher.example",
    "https://node.example\\@other.example",
    "https://node example",
    "https://node.example\u202e",
    "https://node%2eexample",
    "https://127.1",
    "https://2130706433",
    "https://0x7f.0.0.1",
    "https://0177.0.0.1",
    "https://256.0.0.1",
    "https://1.2.3.4.5",
    "https://example.0x1",
    "https://[::1",
    "https://[1::2::3]",
    "https://[1:2:3:4:5:6:7:8:9]",
    "https://[1:2:3:4:5:6:7:8::]",
    "https://[1:2:3]",
    "https://[12345::]",
    "https://[:1::]",
    "https://[::127.0.0.1]",
    "https://[fe80::1%25eth0]",
    "https://[]",
    `https://${"a".repeat(64)}.example`,
    `https://${"a.".repeat(130)}example`,
  ])("%j is refused", (text) => {
    expect(parseNodeUrl(text)).toEqual({ ok: false, error: "malformed" });
  });

  test("longer than 200 characters is refused", () => {
    const long = (length: number) => `https://${"abcdefghi.".repeat(30)}`.slice(0, length - 1).concat("a");
    expect(parseNodeUrl(long(200)).ok).toBe(true);
    expect(parseNodeUrl(long(201)).ok).toBe(false);
  });
});
