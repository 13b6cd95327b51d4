import path from "node:path";
import { expect, test } from "vitest";
import { type Failure, readPlaywright, readVitest, tellFailures } from "../support/gate-report.ts";
import { judge } from "../support/gate-steps.ts";

const here = import.meta.dirname;
const broken: Failure = { file: "unit/gate.test.ts", name: "a test", message: "no" };

test("a clean run counts its tests", () => {
  expect(judge(0, { passed: 7, failed: 0, skipped: 0, failures: [] })).toEqual({ passed: 7, failed: 0, failures: [] });
});

test("a failing run counts its failures", () => {
  const report = { passed: 7, failed: 1, skipped: 0, failures: [broken] };
  expect(judge(1, report)).toEqual({ passed: 7, failed: 1, failures: [broken] });
});

test("a run that found no test fails", () => {
  expect(judge(0, { passed: 0, failed: 0, skipped: 0, failures: [] })).toEqual({ passed: 0, failed: 1, failures: [] });
});

test("a run that ended without a report fails", () => {
  expect(judge(0, undefined)).toEqual({ passed: 0, failed: 1, failures: [] });
});

test("a run that ended badly fails, although every test passed", () => {
  expect(judge(1, { passed: 7, failed: 0, skipped: 0, failures: [] })).toEqual({ passed: 7, failed: 1, failures: [] });
});

test("a skipped test fails", () => {
  expect(judge(0, { passed: 7, failed: 0, skipped: 1, failures: [] })).toEqual({ passed: 7, failed: 1, failures: [] });
});

const passing = { ancestorTitles: [], title: "is well", status: "passed", failureMessages: [] };
const sums = { numPassedTests: 5, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 };

test("vitest's report is read, tests left for later among the skipped", () => {
  expect(readVitest({ ...sums, testResults: [] })).toEqual({ passed: 5, failed: 1, skipped: 3, failures: [] });
});

test("vitest's report tells each test that did not pass: its file, its groups and name, what it said", () => {
  const failing = { ancestorTitles: ["a node", "that is busy"], title: "answers", status: "failed" };
  const file = {
    name: path.join(here, "gate.test.ts"),
    status: "failed",
    message: "",
    assertionResults: [
      passing,
      { ...failing, failureMessages: ["expected 2 to be 1"] },
      { ancestorTitles: [""], title: "waits", status: "skipped", failureMessages: null },
    ],
  };
  expect(readVitest({ ...sums, testResults: [file] }).failures).toEqual([
    { file: "unit/gate.test.ts", name: "a node › that is busy › answers", message: "expected 2 to be 1" },
    { file: "unit/gate.test.ts", name: "waits", message: "skipped" },
  ]);
});

test("vitest's report tells a file that could not be run, and none that could", () => {
  const well = { name: path.join(here, "well.test.ts"), status: "passed", message: "", assertionResults: [passing] };
  const file = {
    name: path.join(here, "gate.test.ts"),
    status: "failed",
    message: "no such file",
    assertionResults: [],
  };
  expect(readVitest({ ...sums, testResults: [well, file] }).failures).toEqual([
    { file: "unit/gate.test.ts", name: "", message: "no such file" },
  ]);
});

const stats = { expected: 5, unexpected: 1, flaky: 1, skipped: 2 };

test("Playwright's report is read, flaky tests among the failures", () => {
  const report = readPlaywright({ stats, suites: [], errors: [] });
  expect(report).toEqual({ passed: 5, failed: 2, skipped: 2, failures: [] });
});

test("Playwright's report tells each test that did not pass, and what failed outside of tests", () => {
  const spec = (title: string, status: string, ...messages: string[]) => ({
    title,
    file: "nat.test.ts",
    tests: [{ status, results: messages.map((message) => ({ errors: [{ message }] })) }],
  });
  const groups = [
    {
      title: "behind NATs",
      file: "nat.test.ts",
      specs: [spec("dials", "flaky", "too late"), spec("hears", "skipped")],
    },
  ];
  const specs = [spec("meets", "expected"), spec("links", "unexpected", "Timeout")];
  const suites = [{ title: "nat.test.ts", file: "nat.test.ts", specs, suites: groups }];
  const errors = [{ message: "no module", location: { file: path.join(here, "../e2e/other.test.ts") } }];
  expect(readPlaywright({ stats, suites, errors }).failures).toEqual([
    { file: "e2e/other.test.ts", name: "", message: "no module" },
    { file: "e2e/nat.test.ts", name: "links", message: "Timeout" },
    { file: "e2e/nat.test.ts", name: "behind NATs › dials", message: "too late" },
    { file: "e2e/nat.test.ts", name: "behind NATs › hears", message: "skipped" },
  ]);
});

test("a failure is told by its step, file and name, and the first lines of what it said, without colours", () => {
  const colours = `\u001b[31mError\u001b[39m: no\n\n${Array.from({ length: 20 }, (_, n) => `line ${n}`).join("\n")}`;
  const told = tellFailures("contracts", [{ ...broken, message: colours }]);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/^✗ contracts › unit\/gate.test.ts › a test\n {4}Error: no\n {4}line 0\n/);
  expect(told[0]?.split("\n")).toHaveLength(7);
});

test("of a failure's stack only what leads into the project is told", () => {
  const message =
    "Error: no\n    at run (file:///x/node_modules/a.js:1:2)\n    at node:internal/b:1\n    at own.ts:3:4";
  expect(
    tellFailures("unit tests", [{ ...broken, message }])[0]
      ?.split("\n")
      .slice(1),
  ).toEqual(["    Error: no", "        at own.ts:3:4"]);
});

test("a step that failed without a report, or in none of its tests, is told by its name", () => {
  expect(tellFailures("types: core", [])).toEqual(["✗ types: core"]);
});
