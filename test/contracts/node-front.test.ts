/** What the node's port answers to browsers, and to those who are none. */
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";

let node: NodeProcess;
let app = "";
const script = "export const answer = 42;\n".repeat(200);

beforeAll(async () => {
  const outer = await mkdtemp(join(tmpdir(), "kith-app-"));
  app = join(outer, "dist");
  await mkdir(join(app, "assets"), { recursive: true });
  await writeFile(join(outer, "secret.txt"), "not yours");
  await writeFile(join(app, "index.html"), "<!doctype html><title>Kith</title>");
  await writeFile(join(app, "assets", "main-Ab3_xY9z.js"), script);
  await writeFile(join(app, "service-worker.js"), "self.a = 1;");
  await writeFile(join(app, "manifest.webmanifest"), "{}");
  node = await startNodeProcess("--app", app, "--relay-reservations", "0");
});
afterAll(async () => {
  await node.discard();
  await rm(join(app, ".."), { recursive: true });
});

/** As it is written: `fetch` would tidy the path up. */
function get(path: string, headers: Record<string, string> = {}, method = "GET") {
  return new Promise<{ status: number; headers: Record<string, string | string[] | undefined>; body: Buffer }>(
    (resolve, reject) => {
      const asked = request({ port: node.port, path, method, headers }, async (response) => {
        const parts: Buffer[] = [];
        for await (const part of response) parts.push(part as Buffer);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) });
      });
      asked.on("error", reject);
      asked.end();
    },
  );
}

describe("the node's files", () => {
  it("are served with their types; hashed names for ever, others asked for again", async () => {
    const page = await get("/");
    expect(page.body.toString()).toContain("Kith");
    expect(page.headers).toMatchObject({ "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" });
    const asset = await get("/assets/main-Ab3_xY9z.js?v=1");
    expect(asset.headers).toMatchObject({
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=31536000, immutable",
    });
    expect((await get("/service-worker.js")).headers["cache-control"]).toBe("no-cache");
    expect((await get("/manifest.webmanifest")).headers["content-type"]).toContain("application/manifest+json");
  });

  it("are packed for those who can unpack, and not sent twice to those who have them", async () => {
    const plain = await get("/assets/main-Ab3_xY9z.js");
    for (const encoding of ["br", "gzip"]) {
      const packed = await get("/assets/main-Ab3_xY9z.js", { "Accept-Encoding": encoding });
      expect(packed.headers["content-encoding"]).toBe(encoding);
      expect(packed.body.length).toBeLessThan(plain.body.length / 4);
      const unpacked = await fetch(`${node.url}/assets/main-Ab3_xY9z.js`, { headers: { "Accept-Encoding": encoding } });
      expect(await unpacked.text()).toBe(script);
    }
    const again = await get("/", { "If-None-Match": String((await get("/")).headers["etag"]) });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });

  it.each([
    "/../secret.txt",
    "/assets/../../secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e/secret.txt",
    "/..\\secret.txt",
    "//secret.txt",
    "/%00",
    "/%",
    "/index.html/",
    "/assets",
    "/assets/",
    "/.env",
  ])("lead nowhere by %s", async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(404);
    expect(answer.body.toString()).not.toContain("not yours");
  });

  it("are for reading only", async () => {
    expect((await get("/", {}, "POST")).status).toBe(405);
    const head = await get("/", {}, "HEAD");
    expect([head.status, head.body.length]).toEqual([200, 0]);
  });
});

describe("the node's headers", () => {
  it.each(["/", "/assets/main-Ab3_xY9z.js", "/nothing", "/health", "/metrics"])(
    "guard the page at %s",
    async (path) => {
      const { headers } = await get(path);
      const policy = String(headers["content-security-policy"]).split("; ");
      for (const rule of [
        "default-src 'none'",
        "script-src 'self'",
        "require-trusted-types-for 'script'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ]) {
        expect(policy).toContain(rule);
      }
      expect(String(headers["content-security-policy"])).not.toMatch(/unsafe-|\*/);
      expect(headers).toMatchObject({
        "cross-origin-opener-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
      });
      expect(headers["permissions-policy"]).toContain("geolocation=()");
      expect(headers["strict-transport-security"]).toBeUndefined();
    },
  );

  it("let apps elsewhere ask for its health, which tells no secret", async () => {
    const { headers, body } = await get("/health");
    expect(headers["access-control-allow-origin"]).toBe("*");
    expect(JSON.parse(body.toString())).toEqual({
      ok: true,
      version: expect.any(String),
      relayPeerId: null,
    });
  });

  it("ask for TLS for good only behind a proxy that says it has it", async () => {
    const behind = await startNodeProcess("--app", app, "--relay-reservations", "0", "--trust-proxy", "1");
    onTestFinished(() => behind.discard());
    const tls = await fetch(behind.url, { headers: { "X-Forwarded-Proto": "https" } });
    expect(tls.headers.get("strict-transport-security")).toContain("max-age=");
    expect((await fetch(behind.url)).headers.get("strict-transport-security")).toBeNull();
    const claimed = await get("/", { "X-Forwarded-Proto": "https" });
    expect(claimed.headers["strict-transport-security"]).toBeUndefined();
  });
});

describe("the node's counters", () => {
  const started = async (...flags: string[]) => {
    const own = await startNodeProcess("--app", app, "--relay-reservations", "0", ...flags);
    onTestFinished(() => own.discard());
    return own;
  };
  const proxied = { "X-Forwarded-For": "1.2.3.4" };
  const statusAt = async (url: string, headers: Record<string, string> = {}) =>
    (await fetch(`${url}/metrics`, { headers })).status;
  /** An address of this machine that is not the loopback one, if it has any. */
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === "IPv4" && !address.internal)?.address;

  it("are for processes on its own machine, and not for whom a proxy brings", async () => {
    const own = await started("--host", "0.0.0.0");
    expect(await statusAt(own.url)).toBe(200);
    for (const name of ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"]) {
      expect(await statusAt(own.url, { [name]: "127.0.0.1" })).toBe(404);
    }
    if (outside !== undefined) expect(await statusAt(`http://${outside}:${own.port}`)).toBe(404);
  });

  it("are for everybody with --metrics public, for nobody with --metrics off", async () => {
    expect(await statusAt((await started("--metrics", "public")).url, proxied)).toBe(200);
    expect(await statusAt((await started("--metrics", "off")).url)).toBe(404);
  });
});

describe("the node's guard", () => {
  it("has a bounded number of connections for each address, by the proxy's word where there is one", async () => {
    const flags = [
      "--app",
      app,
      "--relay-reservations",
      "0",
      "--max-connections-per-address",
      "3",
      "--trust-proxy",
      "1",
    ];
    const own = await startNodeProcess(...flags);
    onTestFinished(() => own.discard());
    const dial = (forwardedFor: string) =>
      new Promise<string>((resolve) => {
        const headers = {
          Connection: "Upgrade",
          Upgrade: "websocket",
          "Sec-WebSocket-Version": "13",
          "Sec-WebSocket-Key": Buffer.alloc(16).toString("base64"),
          "Sec-WebSocket-Protocol": "kith.topics.1",
          "X-Forwarded-For": forwardedFor,
        };
        const asked = request({ port: own.port, path: "/topics", headers });
        asked.on("upgrade", (_, socket) => {
          onTestFinished(() => void socket.destroy());
          resolve("in");
        });
        asked.on("response", ({ statusCode }) => resolve(String(statusCode)));
        asked.end();
      });
    // What stands further left is the client's own claim.
    const mallory = await Promise.all(
      ["9.9.9.1, 1.2.3.4", "9.9.9.2, 1.2.3.4", "1.2.3.4", "9.9.9.3, 1.2.3.4"].map(dial),
    );
    expect(mallory.toSorted()).toEqual(["429", "in", "in", "in"]);
    expect(await dial("5.6.7.8")).toBe("in");
    expect((await own.metrics()).get("turned_away_total")).toBe(1);
  });

  it("upgrades only what it knows", async () => {
    for (const [path, protocol] of [
      ["/topics", undefined],
      ["/topics", "other"],
      ["/elsewhere", "kith.topics.1"],
      ["/", undefined],
    ] as const) {
      const socket = new WebSocket(
        `${node.url.replace("http", "ws")}${path}`,
        protocol === undefined ? [] : [protocol],
      );
      await once(socket as unknown as EventTarget, "error");
    }
    expect((await get("/health")).status).toBe(200);
  });
});
