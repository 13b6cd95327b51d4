// `npm run mutants`: makes each mutant in a copy of core and runs the test that must notice it. Fails where a change does
// not fit the text any more, where the test is red without it, and where it is green with it. A word behind the command
// chooses the mutants whose names have it.
import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Mutant, mutants } from "./mutants.ts";

const root = path.resolve(import.meta.dirname, "../..");
const copied = ["core", "test", "bootstrap-node", "tsconfig.base.json", "package.json"];
/** Enough lives for every fault to show. */
const seeds = "140";

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Status of each test of the file, by its whole name. */
async function statuses(copy: string, { project, file }: Mutant): Promise<ReadonlyMap<string, string>> {
  const reportFile = path.join(copy, "report.json");
  await rm(reportFile, { force: true });
  const args = ["run", "--root", "test", "--project", project, file, "--reporter=json", `--outputFile=${reportFile}`];
  await new Promise<void>((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(root, "node_modules/vitest/vitest.mjs"), ...args], {
      cwd: copy,
      env: { ...process.env, KITH_SEEDS: seeds },
      stdio: "ignore",
    });
    child.once("error", reject);
    child.once("exit", () => resolve());
  });
  const report = JSON.parse(await readFile(reportFile, "utf8")) as Report;
  const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  return new Map(results.map(({ fullName, status }) => [fullName, status]));
}

/** Resolves to what puts everything back; `undefined` where a change does not fit. */
async function applied(copy: string, { changes }: Mutant): Promise<(() => Promise<void>) | undefined> {
  const before = new Map<string, string>();
  for (const { file, from, to } of changes) {
    const full = path.join(copy, "core", file);
    const text = await readFile(full, "utf8");
    if (!before.has(full)) before.set(full, text);
    if (text.split(from).length !== 2) {
      for (const [one, original] of before) await writeFile(one, original);
      return undefined;
    }
    await writeFile(
      full,
      text.replace(from, () => to),
    );
  }
  return async () => {
    for (const [full, text] of before) await writeFile(full, text);
  };
}

const chosen = mutants.filter(({ name }) => name.includes(process.argv[2] ?? ""));
const copy = await mkdtemp(path.join(tmpdir(), "kith-mutants-"));
let failed = 0;
function say(holds: boolean, what: string): void {
  console.log(`${holds ? "✓" : "✗"} ${what}`);
  if (!holds) failed++;
}

try {
  const isSource = (source: string) => !/\/(node_modules|test-results|dist)$/.test(source);
  for (const one of copied) await cp(path.join(root, one), path.join(copy, one), { recursive: true, filter: isSource });
  await symlink(path.join(root, "node_modules"), path.join(copy, "node_modules"));

  const sound = new Map<string, ReadonlyMap<string, string>>();
  for (const mutant of chosen) {
    const { name, file, caughtBy } = mutant;
    const started = performance.now();
    const without = sound.get(file) ?? (await statuses(copy, mutant));
    sound.set(file, without);
    if (without.get(caughtBy) !== "passed") {
      say(false, `${name}: without it "${caughtBy}" is ${without.get(caughtBy) ?? "not there"}`);
      continue;
    }
    const restore = await applied(copy, mutant);
    if (restore === undefined) {
      say(false, `${name}: a change does not fit the text of core any more`);
      continue;
    }
    const status = (await statuses(copy, mutant)).get(caughtBy);
    await restore();
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    if (status === "failed") say(true, `${name}: caught by "${caughtBy}" (${seconds} s)`);
    else say(false, `${name}: survives, "${caughtBy}" is ${status ?? "not there"}`);
  }
} finally {
  await rm(copy, { recursive: true, force: true });
}
console.log(`${chosen.length - failed} of ${chosen.length} mutants caught`);
process.exitCode = failed === 0 && chosen.length > 0 ? 0 : 1;
