// The one gate (`npm test`): everything that must hold, fastest first. Every step runs, so that one look shows all that
// is wrong; only the browser tests are left out when the app does not build. Checks, each of which has one thread, run two at
// a time; tests have two workers of their own. At the end every failure is told once more, so that the tail of a log says what
// is wrong. The last line is the sum of all tests.
import { rmSync } from "node:fs";
import path from "node:path";
import { tellFailures } from "./support/gate-report.ts";
import { getChromium, type Outcome, runBrowserTests, runCheck, runTests } from "./support/gate-steps.ts";

const started = performance.now();
const results = path.resolve(import.meta.dirname, "test-results");
rmSync(results, { recursive: true, force: true });

const types = (project: string): Promise<Outcome> => runCheck("node_modules/typescript/bin/tsc", "-p", project);
const knip = (...flags: string[]): Promise<Outcome> =>
  runCheck("node_modules/knip/bin/knip.js", "--no-progress", ...flags);
const shipped = ["core", "bootstrap-node", "app"].flatMap((workspace) => ["--workspace", workspace]);
type Step = readonly [name: string, run: () => Promise<Outcome>];
const checks: Step[] = [
  ["a Chromium to test with", getChromium],
  [
    "format and lint",
    () => runCheck("node_modules/@biomejs/biome/bin/biome", "ci", "--colors=off", "--error-on-warnings"),
  ],
  ["types: core", () => types("core")],
  ["types: adapters of core", () => types("core/tsconfig.adapters.json")],
  ["types: bootstrap-node", () => types("bootstrap-node")],
  ["types: app", () => types("app")],
  ["types: service worker", () => types("app/service-worker")],
  ["types: tools of the app", () => types("app/tsconfig.node.json")],
  ["types: test", () => types("test")],
  ["dead code", () => knip()],
  ["code that only tests use", () => knip("--production", ...shipped, "--exclude", "types,dependencies,unlisted")],
];
const tests: Step[] = [
  ["unit tests", () => runTests("unit", "app")],
  ["vectors", () => runTests("vectors")],
  ["contracts", () => runTests("contracts")],
  ["scenarios", () => runTests("scenarios")],
  ["simulation", () => runTests("simulation")],
];

let passed = 0;
let failed = 0;
const failedSteps: string[] = [];
const failures: string[] = [];

console.log(`Node ${process.version}`);
let isBuilt = false;
const build = async () => {
  const outcome = await runCheck("app/build.ts");
  isBuilt = outcome.failed === 0;
  return outcome;
};
const waiting = [...checks, ["build", build] as const];
const inTurn = async () => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await step(...next);
};
await Promise.all([inTurn(), inTurn()]);
if (isBuilt) await step("size budget", () => runCheck("test/size.ts"));
for (const [name, run] of tests) await step(name, run);
if (isBuilt) await step("browser tests", runBrowserTests);
else console.log("\n— browser tests: left out, because the app does not build");

const minutes = ((performance.now() - started) / 60_000).toFixed(1);
console.log(
  `\n${failedSteps.length === 0 ? "All steps passed" : `Failed: ${failedSteps.join(", ")}`} in ${minutes} minutes.`,
);
for (const failure of failures) console.log(failure);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Runs one step, prints how it went, adds to the sums. */
async function step(name: string, run: () => Promise<Outcome>): Promise<void> {
  console.log(`\n— ${name}`);
  const start = performance.now();
  const outcome = await run();
  passed += outcome.passed;
  failed += outcome.failed;
  if (outcome.failed > 0) {
    failedSteps.push(name);
    failures.push(...tellFailures(name, outcome.failures));
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    `  ${outcome.failed === 0 ? "✓" : "✗"} ${name}: ${outcome.passed} passed, ${outcome.failed} failed, ${seconds} s`,
  );
}
