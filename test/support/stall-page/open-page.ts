// A real Chromium with one page that runs a script of this folder, and the table of what the script measured.
import path from "node:path";
import { chromium, type Page } from "@playwright/test";
import { build, type Rolldown } from "vite";
import { chromiumFlags, findChromium } from "../chromium.ts";
import type { Stall } from "./stall-watch.ts";

/** `use` is given the page once `ready`, a global of the script, is there. */
export async function inStallPage(script: string, ready: string, use: (page: Page) => Promise<void>): Promise<void> {
  const built = (await build({
    configFile: false,
    logLevel: "warn",
    build: {
      write: false,
      target: "es2023",
      rolldownOptions: { input: path.join(import.meta.dirname, script), output: { codeSplitting: false } },
    },
  })) as Rolldown.RolldownOutput;
  const [content = ""] = built.output.flatMap((file) => (file.type === "chunk" && file.isEntry ? [file.code] : []));
  const browser = await chromium.launch({ executablePath: await findChromium(), args: [...chromiumFlags] });
  try {
    const page = await browser.newPage();
    // A secure context, without which there is no WebCrypto.
    await page.route("https://stall.example/", (route) =>
      route.fulfill({ contentType: "text/html", body: "<!doctype html>" }),
    );
    await page.goto("https://stall.example/");
    await page.addScriptTag({ type: "module", content });
    await page.waitForFunction((name) => name in globalThis, ready);
    await use(page);
  } finally {
    await browser.close();
  }
}

/** Of each step: ms in all, the longest stall, the longest task. */
export function stallTable(title: string, stalls: readonly Stall[]): string {
  const lines = stalls.map(
    ({ what, tookMs, stallMs, taskMs }) =>
      `  ${what.padEnd(44)}${[tookMs, stallMs, taskMs].map((ms) => ms.toFixed(0).padStart(7)).join("")}`,
  );
  return [title, ...lines].join("\n");
}
