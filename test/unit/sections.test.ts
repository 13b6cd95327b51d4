// The code cites core/PROTOCOL.md instead of telling it again; a section that does not exist would send the reader nowhere.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const protocol = "core/PROTOCOL.md";

/** "6", "6.4" and so on: headings, what begins in bold, and the numbered points of a section. */
function sectionsOf(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  let section = "";
  for (const line of text.split("\n")) {
    const heading = /^## §(\d+) /.exec(line)?.[1];
    if (heading !== undefined) section = heading;
    const point = /^(\d+)\. /.exec(line)?.[1];
    const number = heading ?? /^\*\*§(\d+\.\d+) /.exec(line)?.[1] ?? (point && `${section}.${point}`);
    if (number !== undefined) found.add(number);
  }
  return found;
}

/** Sections of other documents carry their name in front: "RFC 9420 §8.5". */
function citedIn(line: string): string[] {
  const own = line.replace(/(?:RFC \d+|draft-[\w-]+|ECMAScript|Web Cryptography API),? §[\d.]+(?: and §[\d.]+)*/g, "");
  return [...own.matchAll(/§(\d+(?:\.\d+)*)/g)].map(([, number]) => number ?? "");
}

it("every section that code or protocol cites exists", () => {
  const sections = sectionsOf(readFileSync(path.join(root, protocol), "utf8"));
  const files = ["core", "bootstrap-node", "app", "test"].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(tsx?|proto)$/.test(entry.name))
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
      .filter((file) => !/(^|\/)(dist|node_modules|gen)\//.test(file)),
  );
  const cited = [protocol, ...files].flatMap((file) =>
    readFileSync(path.join(root, file), "utf8")
      .split("\n")
      .flatMap((line, at) => citedIn(line).map((number) => ({ number, at: `${file}:${at + 1}` }))),
  );
  console.log(`sections: ${sections.size} exist, cited ${cited.length} times`);
  expect(cited.length).toBeGreaterThan(300);
  expect(cited.filter(({ number }) => !sections.has(number))).toEqual([]);
});
