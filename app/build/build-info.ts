// Version and commit, for Settings. A tree without git (a tarball) still builds: its commit is simply not known.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

export interface BuildInfo {
  readonly version: string;
  /** Short hash, or empty when the tree has no git. */
  readonly commit: string;
}

export function buildInfo(folder: string): BuildInfo {
  const { version } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as { version: string };
  return { version, commit: process.env["KITH_COMMIT"] ?? commitOf(folder) };
}

function commitOf(folder: string): string {
  try {
    const git = ["rev-parse", "--short=10", "HEAD"];
    return execFileSync("git", git, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "";
  }
}
