// Finds a Chromium to test with, or gets one: the system's, else apt's where we may install, else Playwright's own.
// Knows nothing of the tests that use it.
import { execFile } from "node:child_process";
import { access, constants, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "@playwright/test";

const run = promisify(execFile);
const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const wellKnownPaths = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];
const advice = "Install Chromium or Google Chrome, or set CHROME_PATH to the path of one, and run the tests again.";

/** For every Chromium we start: no sandbox (containers have none), and none of the browser's own network traffic. */
export const chromiumFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Absolute path of a Chromium that starts. Throws one sentence of advice when none can be had. */
export async function findChromium(): Promise<string> {
  const chosen = process.env["CHROME_PATH"];
  if (chosen !== undefined && chosen !== "") {
    if (await starts(chosen)) return chosen;
    throw new Error(`CHROME_PATH is set, but nothing starts at ${chosen}.`);
  }
  const found = (await installed()) ?? (await fromApt()) ?? (await fromPlaywright());
  if (found === undefined) throw new Error(`The browser tests found no Chromium. ${advice}`);
  process.env["CHROME_PATH"] = found; // the processes we start need not search again
  return found;
}

async function installed(): Promise<string | undefined> {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const candidates = [
    ...names.flatMap((name) => folders.map((folder) => path.join(folder, name))),
    ...wellKnownPaths,
    chromium.executablePath(),
  ];
  for (const candidate of candidates) if (await starts(candidate)) return candidate;
  return undefined;
}

async function fromApt(): Promise<string | undefined> {
  const system = await readFile("/etc/os-release", "utf8").catch(() => "");
  if (process.getuid?.() !== 0 || !/^ID(_LIKE)?=.*(debian|ubuntu)/m.test(system)) return undefined;
  console.log("Installing Chromium with apt-get for the browser tests.");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  try {
    await run("apt-get", ["update", "-qq"], { env });
    await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], { env });
  } catch {
    return undefined;
  }
  return installed(); // on Ubuntu the package can be an empty pointer to a snap: then this finds nothing
}

async function fromPlaywright(): Promise<string | undefined> {
  console.log("Downloading Chromium with Playwright for the browser tests.");
  const withSystemLibraries = process.platform === "linux" && process.getuid?.() === 0 ? ["--with-deps"] : [];
  try {
    await run(process.execPath, [playwrightCli(), "install", ...withSystemLibraries, "chromium"]);
  } catch {
    return undefined;
  }
  return installed();
}

/** Playwright's command-line program, for running it with the Node we run on. */
export function playwrightCli(): string {
  return fileURLToPath(import.meta.resolve("@playwright/test/cli"));
}

/** A file of the right name is not enough: Ubuntu's chromium-browser can be a script that only asks for a snap. */
async function starts(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    if (process.platform === "win32") return true; // chrome.exe --version opens a window there
    const { stdout } = await run(file, ["--version"], { timeout: 20_000 });
    return /Chrom/.test(stdout);
  } catch {
    return false;
  }
}
