/**
 * How long a group of 128 and of 256 devices keeps the page of a real Chromium from everything else (README: figures): for each
 * step the longest time between two turns of a message that the page sends to itself, and its longest single task (0: none of 50 ms). The MLS layer alone, without a disk. Prints one table;
 * asserts only that all was done.
 */
import path from "node:path";
import { chromium } from "@playwright/test";
import { build, type Rolldown } from "vite";
import { expect, it } from "vitest";
import { chromiumFlags, findChromium } from "../support/chromium.ts";
import type { Stall } from "../support/stall-page/page.ts";

const sizes = process.env["KITH_DEVICES"]?.split(",").map(Number) ?? [128, 256];

it("prints what a group of 128 and 256 devices takes in Chromium: ms in all, longest stall, longest task", async () => {
  const built = (await build({
    configFile: false,
    logLevel: "warn",
    build: {
      write: false,
      target: "es2023",
      rolldownOptions: {
        input: path.join(import.meta.dirname, "../support/stall-page/page.ts"),
        output: { codeSplitting: false },
      },
    },
  })) as Rolldown.RolldownOutput;
  const [script] = built.output.flatMap((file) => (file.type === "chunk" && file.isEntry ? [file.code] : []));
  const browser = await chromium.launch({ executablePath: await findChromium(), args: [...chromiumFlags] });
  try {
    const page = await browser.newPage();
    // A secure context, without which there is no WebCrypto.
    await page.route("https://stall.example/", (route) =>
      route.fulfill({ contentType: "text/html", body: "<!doctype html>" }),
    );
    await page.goto("https://stall.example/");
    await page.addScriptTag({ type: "module", content: script ?? "" });
    await page.waitForFunction(() => "groupStalls" in globalThis);
    for (const size of sizes) {
      const stalls: readonly Stall[] = await page.evaluate((of) => globalThis.groupStalls(of), size);
      const lines = stalls.map(
        ({ what, tookMs, stallMs, taskMs }) =>
          `  ${what.padEnd(34)}${[tookMs, stallMs, taskMs].map((ms) => ms.toFixed(0).padStart(7)).join("")}`,
      );
      console.log([`${size} devices`, ...lines].join("\n"));
      expect(stalls.length).toBeGreaterThan(10);
    }
  } finally {
    await browser.close();
  }
});
