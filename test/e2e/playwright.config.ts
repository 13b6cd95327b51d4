// The browser tests. Those that need two people start their own Chromium processes; the `page` fixture is for the rest.
import { defineConfig } from "@playwright/test";
import { chromiumFlags, findChromium } from "../support/chromium.ts";

export default defineConfig({
  testDir: import.meta.dirname,
  testMatch: "**/*.test.ts",
  outputDir: "../test-results/e2e",
  // Each test has its own node, ports, profiles and network, and waits for most of its time. A third at once would measure the
  // machine. Test by test, not file by file, so that no worker is left with a long file at the end.
  workers: 2,
  fullyParallel: true,
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  use: {
    // Recording every step would slow the browsers more than Kith does.
    trace: "off",
    launchOptions: { executablePath: await findChromium(), args: chromiumFlags },
  },
});
