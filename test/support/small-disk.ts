// Disks that are full or fail, for a real process: a file system of a few megabytes, and a process that may write no further.
// Linux only: one with the right to mount, the other with prlimit.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface SmallDisk {
  readonly folder: string;
  /** Takes this much of it, or whatever is left. */
  fill(bytes?: number): Promise<void>;
  /** Gives it back. */
  free(): Promise<void>;
  unmount(): Promise<void>;
}

/** Nothing where it cannot be mounted. */
export async function smallDisk(mib: number): Promise<SmallDisk | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "kith-disk-"));
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${mib}m`, "kith-test", folder]);
  } catch {
    await rm(folder, { recursive: true });
    return undefined;
  }
  const ballast = join(folder, "ballast");
  return {
    folder,
    async fill(bytes) {
      if (bytes !== undefined) return writeFile(ballast, new Uint8Array(bytes));
      // Halving, until not even a page is left.
      for (let piece = mib * 1_048_576; piece >= 512; ) {
        await writeFile(ballast, new Uint8Array(piece), { flag: "a" }).catch(() => {
          piece /= 2;
        });
      }
    },
    free: () => rm(ballast, { force: true }),
    async unmount() {
      await run("umount", ["-l", folder]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** From now on the system refuses the process `pid` every write beyond `bytes` of a file, as a failing disk would. Nothing: no bound. */
export async function boundFiles(pid: number, bytes: number | undefined): Promise<void> {
  await run("prlimit", ["--pid", String(pid), `--fsize=${bytes ?? "unlimited"}:`]);
}

export async function canBoundFiles(): Promise<boolean> {
  return run("prlimit", ["--version"]).then(
    () => process.platform === "linux",
    () => false,
  );
}
