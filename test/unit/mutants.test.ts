// The faults that are put in on purpose (`npm run mutants`) take too long for every run; that each still fits the code does not.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { mutants } from "../mutation/mutants.ts";

const test = path.resolve(import.meta.dirname, "..");
const core = path.resolve(test, "../core");

it.each(mutants)("$name: the code that it changes stands where it looks, once", ({ changes, file }) => {
  for (const { file: changed, from } of changes) {
    expect(readFileSync(path.join(core, changed), "utf8").split(from), changed).toHaveLength(2);
  }
  expect(existsSync(path.join(test, file)), file).toBe(true);
});
