// The kinds of test as vitest projects; each folder is one. Browser tests (test/e2e) run under Playwright.
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

export default defineConfig({
  root: import.meta.dirname,
  test: {
    dangerouslyIgnoreUnhandledErrors: false,
    passWithNoTests: false,
    projects: [
      ...kinds.map(({ name, timeoutMs }) => ({
        root: import.meta.dirname,
        test: {
          name,
          environment: "node" as const,
          include: [`${name}/**/*.test.ts`],
          exclude: ["unit/app/**"],
          testTimeout: timeoutMs,
          // Virtual time and pure functions do not mind a busy machine; real nodes and connections would.
          ...(name === "contracts" || name === "bench" ? {} : { maxWorkers: 2 }),
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
        },
      },
    ],
  },
});
