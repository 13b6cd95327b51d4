// What a test runner wrote down of a run: its sums, and of each test that did not pass where it is and what it said.
import path from "node:path";
import { stripVTControlCharacters } from "node:util";

export interface Failure {
  /** From the folder of the tests. */
  readonly file: string;
  /** Of the test, its groups before it. Of a file that could not be run: empty. */
  readonly name: string;
  /** What it said, as it came: many lines, colours. */
  readonly message: string;
}
/** What a test runner says of itself in its JSON report. */
export interface Report {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly Failure[];
}

const tests = path.resolve(import.meta.dirname, "..");
const between = " › ";
const wasSkipped = "skipped";
/** A line of a stack that leads into no code of ours. */
const isOfOthers = /^\s*at (new Promise|.*(node:internal|node_modules))/;
/** Of a failure's message in the gate's last lines. The whole of it is further up. */
const maxLines = 6;
const maxLineLength = 200;

export interface VitestJson {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly VitestFile[];
}
interface VitestFile {
  readonly name: string;
  readonly status: string;
  /** Why the file could not be run. */
  readonly message: string;
  readonly assertionResults: readonly VitestTest[];
}
interface VitestTest {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: string;
  readonly failureMessages?: readonly string[] | null;
}

export function readVitest(json: VitestJson): Report {
  return {
    passed: json.numPassedTests,
    failed: json.numFailedTests,
    skipped: json.numPendingTests + json.numTodoTests,
    failures: json.testResults.flatMap(failuresOfFile),
  };
}

function failuresOfFile({ name, status, message, assertionResults }: VitestFile): Failure[] {
  const file = path.relative(tests, name);
  const failures = assertionResults
    .filter((test) => test.status !== "passed")
    .map((test) => ({
      file,
      name: [...test.ancestorTitles, test.title].filter((title) => title !== "").join(between),
      message: test.failureMessages?.[0] ?? (test.status === "failed" ? "" : wasSkipped),
    }));
  const isBroken = status !== "passed" && failures.length === 0;
  return isBroken ? [{ file, name: "", message }] : failures;
}

export interface PlaywrightJson {
  readonly suites: readonly PlaywrightSuite[];
  /** Of no test: a file that could not be loaded, a set-up that failed. */
  readonly errors: readonly PlaywrightError[];
  readonly stats: {
    readonly expected: number;
    readonly unexpected: number;
    readonly flaky: number;
    readonly skipped: number;
  };
}
interface PlaywrightSuite {
  readonly title: string;
  readonly file: string;
  readonly specs: readonly PlaywrightSpec[];
  readonly suites?: readonly PlaywrightSuite[];
}
interface PlaywrightSpec {
  readonly title: string;
  readonly file: string;
  readonly tests: readonly {
    readonly status: string;
    readonly results: readonly { readonly errors: readonly PlaywrightError[] }[];
  }[];
}
interface PlaywrightError {
  readonly message?: string;
  readonly location?: { readonly file: string };
}

export function readPlaywright(json: PlaywrightJson): Report {
  const { expected, unexpected, flaky, skipped } = json.stats;
  const ofNoTest = json.errors.map(({ message = "", location }) => ({
    file: location === undefined ? "e2e" : path.relative(tests, location.file),
    name: "",
    message,
  }));
  // The outermost suite is the file.
  const ofTests = json.suites.flatMap((suite) => failuresOfSuite(suite, []));
  return { passed: expected, failed: unexpected + flaky, skipped, failures: [...ofNoTest, ...ofTests] };
}

function failuresOfSuite({ specs, suites = [] }: PlaywrightSuite, groups: readonly string[]): Failure[] {
  const own = specs.flatMap(({ title, file, tests: runs }) =>
    runs
      .filter(({ status }) => status !== "expected")
      .map(({ status, results }) => ({
        file: path.join("e2e", file),
        name: [...groups, title].join(between),
        message: results.flatMap(({ errors }) => errors)[0]?.message ?? (status === "skipped" ? wasSkipped : ""),
      })),
  );
  return [...own, ...suites.flatMap((suite) => failuresOfSuite(suite, [...groups, suite.title]))];
}

/**
 * For the end of a long log: which step, where, what, and the beginning of what it said. Where the step has no report, or
 * failed in no test of it, its name alone: what it said is further up.
 */
export function tellFailures(step: string, failures: readonly Failure[]): string[] {
  if (failures.length === 0) return [`✗ ${step}`];
  return failures.map(({ file, name, message }) => {
    // What moves the cursor or colours would garble a log.
    const said = stripVTControlCharacters(message).split("\n");
    const shown = said.filter((line) => line.trim() !== "" && !isOfOthers.test(line)).slice(0, maxLines);
    const lines = shown.map((line) => `    ${line.slice(0, maxLineLength)}`);
    return [`✗ ${[step, file, name].filter((part) => part !== "").join(between)}`, ...lines].join("\n");
  });
}
