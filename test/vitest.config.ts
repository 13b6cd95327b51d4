// The kinds of test as vitest projects; each folder is one. Browser tests (test/e2e) run under Playwright.
import path from "node:path";
import solid from "vite-plugin-solid";
import { defineConfig } from "vitest/config";

const kinds = [
  { name: "unit", timeoutMs: 10_000 },
  { name: "vectors", timeoutMs: 120_000 },
  { name: "contracts", timeoutMs: 60_000 },
  { name: "scenarios", timeoutMs: 60_000 },
  { name: "simulation", timeoutMs: 600_000 },
  { name: "bench", timeoutMs: 600_000 },
];

const inSupport = (find: RegExp, name: string) => ({
  find,
  replacement: path.join(import.meta.dirname, "support", name),
});
/** Lives may be lived with faster cryptography (support/native-crypto.ts), which has to be able to take the library's place. */
const faster = [
  inSupport(/^@noble\/curves\/ed25519\.js$/, "native-ed25519.ts"),
  inSupport(/^@noble\/(ciphers\/chacha|hashes\/hkdf|hashes\/sha2)\.js$/, "native-symmetric.ts"),
];

export default defineConfig({
  root: import.meta.dirname,
  test: {
    dangerouslyIgnoreUnhandledErrors: false,
    passWithNoTests: false,
    projects: [
      ...kinds.map(({ name, timeoutMs }) => ({
        root: import.meta.dirname,
        ...(name === "simulation" ? { resolve: { alias: faster } } : {}),
        test: {
          name,
          environment: "node" as const,
          include: [`${name}/**/*.test.ts`],
          exclude: ["unit/app/**"],
          testTimeout: timeoutMs,
          // What is measured does not share the machine. Real nodes and connections have ports and folders of their own, and
          // wait more than they work.
          ...(name === "bench" ? {} : { maxWorkers: 2 }),
          hookTimeout: 60_000,
        },
      })),
      {
        root: import.meta.dirname,
        plugins: [solid()],
        // As the app's build puts it in.
        define: { __KITH_BUILD__: JSON.stringify({ version: "0.0.0", commit: "" }) },
        test: {
          name: "app",
          environment: "happy-dom",
          // Ships uncompiled JSX, which Node does not load.
          server: { deps: { inline: [/@solidjs\/router/] } },
          include: ["unit/app/**/*.test.{ts,tsx}"],
          testTimeout: 10_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
