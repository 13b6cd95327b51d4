// Serves the page of page.ts, built by Vite as the app is, and opens it in Chromium processes of their own.
import { createServer, type Server } from "node:http";
import path from "node:path";
import { type Browser, chromium, type Page } from "@playwright/test";
import { build, type Rolldown } from "vite";
import { chromiumFlags, findChromium } from "../chromium.ts";
import type { LinksPage } from "./page.ts";

export interface LinksPages {
  /** Chunks by name: bytes. */
  readonly sizes: ReadonlyMap<string, Uint8Array>;
  /** A page in a new Chromium process. */
  open(): Promise<OpenPage>;
  /** Ends every Chromium that is open. */
  close(): Promise<void>;
  stop(): Promise<void>;
}

export interface OpenPage {
  readonly page: Page;
  /** Runs in the page. */
  run<A, R>(task: (links: LinksPage, given: A) => R | Promise<R>, given: A): Promise<R>;
  /** The process ends at once, with no good-bye. */
  kill(): Promise<void>;
}

export async function serveLinksPages(): Promise<LinksPages> {
  const built = (await build({
    configFile: false,
    logLevel: "warn",
    build: { write: false, target: "es2023", rolldownOptions: { input: path.join(import.meta.dirname, "page.ts") } },
  })) as Rolldown.RolldownOutput;
  const files = new Map(
    built.output.map((file) => [file.fileName, Buffer.from(file.type === "chunk" ? file.code : file.source)]),
  );
  const entry = built.output.find((file) => file.type === "chunk" && file.isEntry);
  const server = createServer((request, response) => {
    const file = files.get((request.url ?? "").slice(1));
    if (file === undefined) {
      response.setHeader("content-type", "text/html");
      response.end(`<!doctype html><title>links</title><script type="module" src="/${entry?.fileName}"></script>`);
      return;
    }
    response.setHeader("content-type", "text/javascript");
    response.end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browsers = new Set<Browser>();
  const executablePath = await findChromium();

  const close = async () => {
    for (const browser of browsers) await browser.close();
    browsers.clear();
  };

  return {
    sizes: files,
    async open() {
      const browser = await chromium.launch({ executablePath, args: [...chromiumFlags] });
      browsers.add(browser);
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${portOf(server)}/`);
      await page.waitForFunction(() => "links" in globalThis);
      return {
        page,
        run: (task, given) =>
          page.evaluate(
            ([source, value]) =>
              new Function("links", "given", `return (${source})(links, given)`)(
                (globalThis as unknown as { links: unknown }).links,
                value,
              ),
            [task.toString(), given] as const,
          ),
        async kill() {
          const session = await browser.newBrowserCDPSession();
          await session.send("Browser.crash").catch(() => {});
        },
      };
    },
    close,
    async stop() {
      await close();
      server.closeAllConnections();
      server.close();
    },
  };
}

function portOf(server: Server): number {
  return (server.address() as { port: number }).port;
}
