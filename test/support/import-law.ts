// The import law (which part of the house may know which) as a function of one file's name and text. Reads with TypeScript's own parser;
// touches no disk, so that the tests can show it breaches that nobody would commit.
import path from "node:path/posix";
import ts from "typescript";

const layers = ["lang", "crypto", "wire", "identity", "group", "conversation", "ports", "engine", "index.ts"];
const adapters = ["storage", "network", "system"];
const composition = "browser.ts";
const libp2p = ["libp2p", "@libp2p", "@chainsafe", "@multiformats"];

/** Package names, or scopes, that a part may import. Whatever is not listed is a breach; core has no other packages. */
const packagesOf: Readonly<Record<string, readonly string[]>> = {
  crypto: ["@noble", "@scure", "hash-wasm"],
  wire: ["@bufbuild"],
  group: ["ts-mls", "@noble", "@hpke"],
  storage: ["dexie"],
  network: libp2p,
};
const keptFromApp = [...libp2p, "dexie", "ts-mls", "@noble", "@scure", "@hpke", "hash-wasm", "@bufbuild"];
const keptFromNode = ["dexie", "ts-mls", "@hpke"];
const nodeMaySee = ["core/wire", "core/crypto", "core/lang"];
/** Programs that only start other parts, and therefore name them. */
const launchers = ["app/build.ts", "app/dev.ts", "app/start.ts"];

/** Folders in which the law must find something to read. */
export const parts = [
  ...[...layers.filter((layer) => layer !== "index.ts"), ...adapters].map((name) => `core/${name}`),
  "bootstrap-node",
  "app",
];

/** One sentence for each import in `file` (path from the root of the repository) that the law forbids. */
export function breachesOf(file: string, source: string): string[] {
  const why = placeBreach(file);
  const found = why === undefined ? [] : [`${file}: ${why}`];
  for (const specifier of importsOf(file, source)) {
    const reason = specifier === undefined ? "imports something computed" : breach(file, specifier);
    if (reason !== undefined) found.push(`${file}: ${reason}`);
  }
  return found;
}

function placeBreach(file: string): string | undefined {
  const [top, place = ""] = file.split("/");
  const known = [...layers, ...adapters, composition];
  return top === "core" && !known.includes(place) ? "is in no layer of core" : undefined;
}

function breach(file: string, specifier: string): string | undefined {
  const target = targetOf(file, specifier);
  const message = `must not import ${specifier}`;
  if (target.startsWith("test/")) return message;
  const allowed = target.includes(":") ? mayUsePackage(file, target) : maySee(file, target);
  return allowed ? undefined : message;
}

/** A path from the root for our own files, `package:name` or `node:name` for everything else. */
function targetOf(file: string, specifier: string): string {
  const [bare = ""] = specifier.split("?");
  if (bare.startsWith(".")) return path.normalize(path.join(path.dirname(file), bare));
  if (bare.startsWith("node:")) return bare;
  if (bare === "@kith/core") return "core/index.ts";
  if (bare.startsWith("@kith/")) return bare.slice("@kith/".length);
  return `package:${bare}`;
}

function maySee(file: string, target: string): boolean {
  const [from, place = ""] = file.split("/");
  const [to, goal = ""] = target.split("/");
  if (from === "core") return to === "core" && coreMaySee(place, goal);
  if (from === "bootstrap-node") return to === from || nodeMaySee.includes(`${to}/${goal}`);
  if (to === "core") return goal === "index.ts" || (goal === composition && file === "app/main.tsx");
  return to === from || launchers.includes(file);
}

function coreMaySee(place: string, goal: string): boolean {
  if (place === composition || place === goal) return true;
  const height = adapters.includes(place) ? layers.indexOf("ports") : layers.indexOf(place);
  return layers.includes(goal) && layers.indexOf(goal) <= height;
}

function mayUsePackage(file: string, target: string): boolean {
  const [from, place = ""] = file.split("/");
  if (target.startsWith("node:")) return from === "bootstrap-node" || isTool(file);
  const [scope = "", ...rest] = target.slice("package:".length).split("/");
  const isIn = (names: readonly string[]): boolean =>
    names.includes(scope) || names.includes([scope, rest[0]].join("/"));
  if (from === "core") return isIn(packagesOf[place] ?? []);
  return !isIn(from === "app" ? keptFromApp : keptFromNode);
}

function isTool(file: string): boolean {
  return launchers.includes(file) || file === "app/vite.config.ts" || file.startsWith("app/build/");
}

/** Every module name in a source, `undefined` for one that is not a literal. Workers count as imports. */
function importsOf(file: string, source: string): (string | undefined)[] {
  const kind = file.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const found: (string | undefined)[] = [];
  const add = (node: ts.Node | undefined): unknown =>
    found.push(node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined);
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier);
    else if (ts.isExportDeclaration(node)) node.moduleSpecifier && add(node.moduleSpecifier);
    else if (ts.isImportEqualsDeclaration(node)) add(undefined);
    else if (ts.isImportTypeNode(node)) add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined);
    else if (ts.isCallExpression(node) && isImporting(node.expression)) add(node.arguments[0]);
    else if (ts.isNewExpression(node) && /^new\s+URL\(\s*["'`]\.[\s\S]*import\.meta\.url/.test(node.getText()))
      add(node.arguments?.[0]);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.ESNext, true, kind));
  return found;
}

function isImporting(callee: ts.Expression): boolean {
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === "require");
}
