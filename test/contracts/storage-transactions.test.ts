// Invariant 10 (PROTOCOL.md §1): by reading the sources of the storage, and by watching what it does to IndexedDB.
import "fake-indexeddb/auto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openDexie } from "./storage-dexie.ts";
import { friends, group, message, put } from "./storage-rows.ts";

const folder = path.join(import.meta.dirname, "../../core/storage");

/** What a Dexie transaction in `source` calls or awaits that is not Dexie; and how many transactions there are. */
function foreignIn(source: string): { transactions: number; foreign: string[] } {
  const file = ts.createSourceFile("storage.ts", source, ts.ScriptTarget.Latest, true);
  const foreign: string[] = [];
  let transactions = 0;

  const rootOf = (node: ts.Node): string => {
    if (ts.isCallExpression(node) || ts.isPropertyAccessExpression(node)) return rootOf(node.expression);
    return node.getText(file);
  };
  const inspect = (node: ts.Node, dexie: readonly string[]): void => {
    const awaited = ts.isAwaitExpression(node) ? node.expression : undefined;
    const bad =
      (awaited !== undefined && !(ts.isCallExpression(awaited) && dexie.includes(rootOf(awaited)))) ||
      (ts.isCallExpression(node) && !dexie.includes(rootOf(node))) ||
      (ts.isForOfStatement(node) && node.awaitModifier !== undefined) ||
      ts.isNewExpression(node);
    if (bad) foreign.push(node.getText(file));
    ts.forEachChild(node, (child) => inspect(child, dexie));
  };
  const search = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const body = node.arguments.at(-1);
      if (["transaction", "upgrade"].includes(node.expression.name.text)) {
        transactions++;
        if (body !== undefined && (ts.isArrowFunction(body) || ts.isFunctionExpression(body))) {
          const own = body.parameters.map((parameter) => parameter.name.getText(file));
          inspect(body.body, [rootOf(node.expression.expression), ...own]);
        } else foreign.push("a body that is written elsewhere");
      }
    }
    ts.forEachChild(node, search);
  };
  search(file);
  return { transactions, foreign };
}

describe("Inside a Dexie transaction only Dexie is awaited (invariant 10)", () => {
  afterEach(() => vi.restoreAllMocks());

  it("holds for every transaction in the sources of the storage", () => {
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
    const found = files.map((name) => foreignIn(readFileSync(path.join(folder, name), "utf8")));
    expect(found.flatMap(({ foreign }) => foreign)).toEqual([]);
    expect(found.reduce((sum, { transactions }) => sum + transactions, 0)).toBeGreaterThan(0);
  });

  it.each([
    ["WebCrypto", "await crypto.subtle.digest('SHA-256', bytes);"],
    ["a promise that was made before", "await earlier;"],
    ["a function that hides what it awaits", "await sealed(row);"],
    ["a promise made on the spot", "await new Promise((resolve) => db.on('ready', resolve));"],
    ["a foreign loop", "for await (const row of rows) db.table('seen').put(row);"],
  ])("is found broken by %s", (_, line) => {
    expect(foreignIn(`db.transaction("rw", ["seen"], async () => { ${line} });`).foreign).not.toEqual([]);
  });

  it("is found kept by reads and writes of the database's own", () => {
    const body = "if ((await db.table('seen').get(key)) === undefined) await db.table('seen').put(row);";
    expect(foreignIn(`db.transaction("rw", ["seen"], async () => { ${body} });`).foreign).toEqual([]);
  });

  it("so a batch with expectations is one strict transaction, from the first read to the last write", async () => {
    const opened = vi.spyOn(IDBDatabase.prototype, "transaction"); // Dexie takes hold of it when it opens
    const storage = await openDexie(`kith ${crypto.randomUUID()}`);
    opened.mockClear();
    const writes = vi.spyOn(IDBObjectStore.prototype, "put");
    const outcome = await storage.commit({
      expect: [{ table: "groups", key: friends, revision: undefined }],
      changes: [...put("groups", group(1)), ...put("messages", message(1), message(2))],
    });
    expect(outcome.ok).toBe(true);
    expect(opened.mock.calls.map(([tables, mode, options]) => [tables, mode, options?.durability])).toEqual([
      [["groups", "messages"], "readwrite", "strict"],
    ]);
    const transactions = new Set(writes.mock.contexts.map((store) => (store as IDBObjectStore).transaction));
    expect(writes).toHaveBeenCalledTimes(3);
    expect(transactions.size).toBe(1);
    storage.close();
  });
});
