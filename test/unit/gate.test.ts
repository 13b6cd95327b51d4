import { expect, test } from "vitest";
import { judge, readPlaywright, readVitest } from "../support/gate-steps.ts";

test("a clean run counts its tests", () => {
  expect(judge(0, { passed: 7, failed: 0, skipped: 0 })).toEqual({ passed: 7, failed: 0 });
});

test("a failing run counts its failures", () => {
  expect(judge(1, { passed: 7, failed: 2, skipped: 0 })).toEqual({ passed: 7, failed: 2 });
});

test("a run that found no test fails", () => {
  expect(judge(0, { passed: 0, failed: 0, skipped: 0 })).toEqual({ passed: 0, failed: 1 });
});

test("a run that ended without a report fails", () => {
  expect(judge(0, undefined)).toEqual({ passed: 0, failed: 1 });
});

test("a run that ended badly fails, although every test passed", () => {
  expect(judge(1, { passed: 7, failed: 0, skipped: 0 })).toEqual({ passed: 7, failed: 1 });
});

test("a skipped test fails", () => {
  expect(judge(0, { passed: 7, failed: 0, skipped: 1 })).toEqual({ passed: 7, failed: 1 });
});

test("vitest's report is read, tests left for later among the skipped", () => {
  const report = { numPassedTests: 5, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 };
  expect(readVitest(report)).toEqual({ passed: 5, failed: 1, skipped: 3 });
});

test("Playwright's report is read, flaky tests among the failures", () => {
  const report = { stats: { expected: 5, unexpected: 1, flaky: 1, skipped: 2 } };
  expect(readPlaywright(report)).toEqual({ passed: 5, failed: 2, skipped: 2 });
});
