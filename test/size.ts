// The size budget of the built app: what a first visit loads before anything lazy, gzipped, and that libp2p's noise is
// in the bundle exactly once and not in the first load. Reads app/dist; prints the figures; exits 1 over budget.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import ts from "typescript";

const dist = path.resolve(import.meta.dirname, "../app/dist");
const shellBudgetBytes = 130 * 1024;
/** A text of libp2p's noise that survives minifying and stands once in each copy. */
const noiseMarker = "Stage 0 - Initiator starting";

const page = read("index.html");
const firstScripts = [...page.matchAll(/<script[^>]*\ssrc="([^"]+\.js)"/g)].map((match) => urlToFile(match[1] ?? ""));
const styles = [...page.matchAll(/<link[^>]*\shref="([^"]+\.css)"/g)].map((match) => urlToFile(match[1] ?? ""));
const shell = closureOf(firstScripts);
const scripts = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"));
const withNoise = scripts.filter((file) => read(file).includes(noiseMarker));
const beforeNetwork = closureOf(firstScripts, { lazily: true, without: withNoise });
const network = closureOf(withNoise).filter((file) => !beforeNetwork.includes(file));
const shellBytes = gzipBytes(["index.html", ...shell, ...styles]);
const copiesOfNoise = withNoise.reduce((sum, file) => sum + read(file).split(noiseMarker).length - 1, 0);

console.log(`first load ${kilobytes(shellBytes)} of ${kilobytes(shellBudgetBytes)} gzip (${shell.length} scripts)`);
console.log(`engine, right after ${kilobytes(gzipBytes(beforeNetwork.filter((file) => !shell.includes(file))))} gzip`);
console.log(`libp2p, lazily ${kilobytes(gzipBytes(network))} gzip, noise ${copiesOfNoise}×`);
console.log(`all scripts ${kilobytes(gzipBytes(scripts))} gzip in ${scripts.length} files`);

const complaints = [
  shell.length === 0 && "index.html loads no script",
  shellBytes > shellBudgetBytes && "the first load is over its budget",
  copiesOfNoise !== 1 && `noise must be in the bundle once, and is ${copiesOfNoise} times`,
  withNoise.some((file) => shell.includes(file)) && "libp2p is in the first load instead of being lazy",
].filter((complaint) => complaint !== false);
for (const complaint of complaints) console.error(`size: ${complaint}`);
process.exitCode = complaints.length === 0 ? 0 : 1;

/** The files and everything they import, each once: statically, or also what they may load later. */
function closureOf(files: readonly string[], { lazily = false, without = [] as string[] } = {}): string[] {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file) || without.includes(file)) return;
    seen.add(file);
    for (const name of importsOf(file, lazily)) visit(path.join(path.dirname(file), name));
  };
  files.forEach(visit);
  return [...seen];
}

function importsOf(file: string, lazily: boolean): string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    let name: ts.Node | undefined;
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) name = node.moduleSpecifier;
    if (lazily && ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      name = node.arguments[0];
    if (name !== undefined && ts.isStringLiteralLike(name)) names.push(name.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, read(file), ts.ScriptTarget.ESNext, false, ts.ScriptKind.JS));
  return names;
}

function urlToFile(url: string): string {
  return path.normalize(url.replace(/^\.?\//, ""));
}

function read(file: string): string {
  return readFileSync(path.join(dist, file), "utf8");
}

function gzipBytes(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + gzipSync(read(file), { level: 9 }).length, 0);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`;
}
