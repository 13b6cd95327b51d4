// Builds the app into app/dist when its sources changed since the last build, and only then. What counts as a source:
// app/, core/, the lock file and the version of Node. Builds that are asked for at once wait for each other. Knows nothing
// of what the build does; that is vite.config.ts.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { build } from "vite";
import { aloneUnlessDone } from "./build/build-lock.ts";

const root = path.dirname(import.meta.dirname);
const dist = path.join(import.meta.dirname, "dist");
// Vite empties dist at the start of each build, so a stamp in it speaks of a finished build of exactly these sources.
const stampFile = path.join(dist, ".sources");

const lockFile = path.join(root, "node_modules", ".cache", "kith-build.lock");

try {
  const stamp = await hashOfSources();
  const isFresh = async () => existsSync(stampFile) && (await readFile(stampFile, "utf8")) === stamp;
  const waiting = () => console.log("Another build of the app is under way.");
  const built = await aloneUnlessDone(lockFile, isFresh, waiting, () => buildApp(stamp));
  console.log(built ? "The app is built." : "The app is up to date.");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function buildApp(stamp: string): Promise<void> {
  await build({ configFile: path.join(import.meta.dirname, "vite.config.ts"), logLevel: "error" });
  await writeFile(stampFile, stamp);
}

/** Hex SHA-256 over path and content of every source file, in path order. */
async function hashOfSources(): Promise<string> {
  const files = ["package-lock.json", "tsconfig.base.json"];
  for (const folder of ["app", "core"]) {
    for (const entry of await readdir(path.join(root, folder), { recursive: true, withFileTypes: true })) {
      const file = path.relative(root, path.join(entry.parentPath, entry.name));
      if (entry.isFile() && !/(^|[\\/])(dist|node_modules)[\\/]/.test(file)) files.push(file);
    }
  }
  const hash = createHash("sha256").update(process.version);
  for (const file of files.sort()) {
    const content = await readFile(path.join(root, file));
    hash.update(`\n${file}\n${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}
