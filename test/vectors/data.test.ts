import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readTable } from "./read-vectors.ts";

test("README.md states the origin of every table of published vectors, and how many cases it holds", () => {
  const readme = readFileSync(new URL("README.md", import.meta.url), "utf8");
  const stated = new Map<string, number>();
  for (const [, name, count] of readme.matchAll(/^\| `([a-z0-9-]+)` +\| (\d+) /gm)) stated.set(name!, Number(count));
  const held = new Map<string, number>();
  for (const file of readdirSync(new URL("data/", import.meta.url)).filter((file) => file.endsWith(".json"))) {
    const name = file.slice(0, -".json".length);
    const { fields, cases } = readTable(name);
    if (fields !== undefined) held.set(name, cases.length);
  }
  expect(held.size).toBeGreaterThan(0);
  expect([...held].sort()).toEqual([...stated].sort());
});
