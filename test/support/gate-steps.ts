// How one step of the gate is run and judged. A check is one test; a test run counts its tests. A run that found no
// test, skipped one, crashed or took too long has failed, whatever its own sums say. What a report says of a failure is
// read by gate-report.ts.
import { type StdioOptions, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { findChromium, playwrightCli } from "./chromium.ts";
import { type Failure, type Report, readPlaywright, readVitest } from "./gate-report.ts";

/** Sums of one step, and what failed in it as far as its report says. */
export type Outcome = { readonly passed: number; readonly failed: number; readonly failures: readonly Failure[] };

const root = path.resolve(import.meta.dirname, "../..");
const results = path.join(root, "test/test-results");
/** Far above what any step takes; it only keeps a hanging step from holding the gate for ever. */
const stepLimitMs = 15 * 60_000;

/** A program (path from the root) that says by its exit code whether all is well. What it said is told at its end. */
export async function runCheck(program: string, ...flags: string[]): Promise<Outcome> {
  const said: Buffer[] = [];
  const code = await run([program, ...flags], {}, (bytes) => said.push(bytes));
  process.stdout.write(Buffer.concat(said));
  return code === 0 ? { passed: 1, failed: 0, failures: [] } : { passed: 0, failed: 1, failures: [] };
}

/** The vitest projects of these names. */
export async function runTests(...projects: string[]): Promise<Outcome> {
  const reportFile = path.join(results, `${projects.join("-")}.json`);
  const chosen = projects.flatMap((project) => ["--project", project]);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
  const code = await run([
    "node_modules/vitest/vitest.mjs",
    "run",
    "--root",
    "test",
    "--allowOnly=false",
    ...chosen,
    ...reporters,
  ]);
  return judge(code, await readReport(reportFile, readVitest));
}

/** Finds or installs a Chromium, for all steps after it: two tests that both install one would be in each other's way. */
export async function getChromium(): Promise<Outcome> {
  try {
    console.log(`  ${await findChromium()}`);
    return { passed: 1, failed: 0, failures: [] };
  } catch (error) {
    console.error(`  ${error instanceof Error ? error.message : error}`);
    return { passed: 0, failed: 1, failures: [] };
  }
}

/** The Playwright tests. */
export async function runBrowserTests(): Promise<Outcome> {
  const reportFile = path.join(results, "e2e.json");
  const code = await run([playwrightCli(), "test", "--config", "test/e2e", "--reporter=list,json"], {
    PLAYWRIGHT_JSON_OUTPUT_FILE: reportFile,
  });
  return judge(code, await readReport(reportFile, readPlaywright));
}

/** Sums that cannot look better than the run was. */
export function judge(code: number, report: Report | undefined): Outcome {
  if (report === undefined) return { passed: 0, failed: 1, failures: [] };
  if (report.skipped > 0) console.error(`  ${report.skipped} tests were skipped, which counts as failing`);
  if (report.passed + report.failed === 0) console.error("  no test was found");
  const { passed, failures } = report;
  const failed = report.failed + report.skipped;
  const sound = code === 0 && passed > 0;
  return { passed, failed: failed === 0 && !sound ? 1 : failed, failures };
}

async function readReport<Json>(file: string, read: (json: Json) => Report): Promise<Report | undefined> {
  try {
    return read(JSON.parse(await readFile(file, "utf8")) as Json);
  } catch {
    console.error("  the run ended without a report");
    return undefined;
  }
}

/** Runs a script on the Node we run on, its output going where ours goes or to `hear`. Resolves to its exit code. */
function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  hear?: (bytes: Buffer) => void,
): Promise<number> {
  return new Promise((resolve) => {
    const stdio: StdioOptions = hear === undefined ? "inherit" : ["ignore", "pipe", "pipe"];
    const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, ...env }, stdio });
    if (hear !== undefined) for (const output of [child.stdout, child.stderr]) output?.on("data", hear);
    const limit = setTimeout(() => {
      console.error(`  ended after ${stepLimitMs / 60_000} minutes`);
      child.kill("SIGKILL");
    }, stepLimitMs);
    child.once("error", () => resolve(1));
    // After the last of its output.
    child.once("close", (code) => {
      clearTimeout(limit);
      resolve(code ?? 1);
    });
  });
}
