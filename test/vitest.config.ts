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
          hookTimeout: 60_000,
        },
      })),
      {
        root: import.meta.dirname,
        plugins: [solid()],
        test: {
          name: "app",
          environment: "happy-dom",
          include: ["unit/app/**/*.test.{ts,tsx}"],
        },
      },
    ],
  },
});
