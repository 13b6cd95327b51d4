// Every word a person sees comes from the dictionary: reads the TSX of the app and fails on words written in it.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { dictionary } from "../../../app/i18n/words.ts";

const app = path.join(import.meta.dirname, "../../../app");
const spoken = new Set([
  "aria-label",
  "aria-description",
  "aria-roledescription",
  "title",
  "placeholder",
  "alt",
  "label",
  "text",
]);
const hasWord = (text: string) => /\p{L}/u.test(text);

function wordsIn(name: string, source: string): string[] {
  const found: string[] = [];
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const literal = (node: ts.Node): string | undefined =>
    ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)
      ? node.text
      : ts.isTemplateExpression(node)
        ? node.head.text + node.templateSpans.map((span) => span.literal.text).join("")
        : undefined;
  const report = (node: ts.Node, text: string) => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    found.push(`${name}:${line + 1} ${text.trim()}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && hasWord(node.text)) report(node, node.text);
    if (ts.isJsxAttribute(node) && spoken.has(node.name.getText()) && node.initializer) {
      const value = ts.isJsxExpression(node.initializer) ? node.initializer.expression : node.initializer;
      const text = value && literal(value);
      if (text !== undefined && hasWord(text)) report(node, text);
    }
    // A literal as a child: {"words"} or {yes ? "words" : "others"}.
    if (ts.isJsxExpression(node) && ts.isJsxElement(node.parent) && node.expression) {
      const branches = ts.isConditionalExpression(node.expression)
        ? [node.expression.whenTrue, node.expression.whenFalse]
        : [node.expression];
      for (const branch of branches) {
        const text = literal(branch);
        if (text !== undefined && hasWord(text)) report(branch, text);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

const files = readdirSync(app, { recursive: true, encoding: "utf8" }).filter(
  (file) => file.endsWith(".tsx") && !/(^|[\\/])(dist|node_modules)[\\/]/.test(file),
);

describe("words on the screen", () => {
  test("are all in the dictionary", () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap((file) => wordsIn(file, readFileSync(path.join(app, file), "utf8")))).toEqual([]);
  });

  test("would be found where they are not", () => {
    const source = 'const x = <p title="Hello">Hi {yes ? "there" : t("a.b")}<b aria-label={`one`} class="b" /></p>;';
    expect(wordsIn("x.tsx", source)).toHaveLength(4);
  });

  test("leave no sentence empty", () => {
    const empty = (node: object): boolean =>
      Object.values(node).some((value) => (typeof value === "string" ? value.trim() === "" : empty(value as object)));
    expect(empty({ ...dictionary, list: {} })).toBe(false);
  });

  test("are all used", () => {
    const code = readdirSync(app, { recursive: true, encoding: "utf8" })
      .filter(
        (file) => /\.tsx?$/.test(file) && !/(^|[\\/])(dist|node_modules)[\\/]/.test(file) && !file.endsWith("en.ts"),
      )
      .map((file) => readFileSync(path.join(app, file), "utf8"))
      .join("\n");
    const paths = (node: object, prefix: string): string[] =>
      Object.entries(node).flatMap(([key, value]) => {
        if (typeof value === "string") return [prefix + key];
        return "other" in (value as object) ? [prefix + key] : paths(value as object, `${prefix}${key}.`);
      });
    const built = /^network\.(unreachable|refused|incompatible)$/;
    expect(paths(dictionary, "").filter((each) => !built.test(each) && !code.includes(`"${each}"`))).toEqual([]);
  });
});
