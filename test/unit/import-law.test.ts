import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { breachesOf, parts } from "../support/import-law.ts";

const root = path.resolve(import.meta.dirname, "../..");

function sourcesIn(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]sx?$/.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .filter((file) => !/(^|\/)(dist|node_modules|gen)\//.test(file));
}

describe("the import law", () => {
  const files = ["core", "bootstrap-node", "app"].flatMap(sourcesIn);

  test("reads files in every part of the house", () => {
    const counts = parts.map((part) => [part, files.filter((file) => file.startsWith(`${part}/`)).length] as const);
    console.log(
      `import law: ${files.length} files read (${counts.map(([part, count]) => `${part} ${count}`).join(", ")})`,
    );
    expect(counts.filter(([, count]) => count === 0)).toEqual([]);
  });

  test("is kept by every file", () => {
    const breaches = files.flatMap((file) => breachesOf(file, readFileSync(path.join(root, file), "utf8")));
    expect(breaches).toEqual([]);
  });
});

describe("the checker of the import law reports", () => {
  const cases: [title: string, file: string, source: string][] = [
    ["a layer that imports a higher one", "core/wire/envelope.ts", 'import { a } from "../group/open.ts";'],
    ["a type import against the order", "core/lang/bytes.ts", 'import type { A } from "../crypto/seal.ts";'],
    ["a type named inline against the order", "core/lang/bytes.ts", 'type A = import("../wire/bounds.ts").A;'],
    ["a re-export against the order", "core/crypto/seal.ts", 'export { a } from "../identity/account.ts";'],
    ["a lazy import against the order", "core/ports/clock.ts", 'const a = await import("../engine/send.ts");'],
    ["an import whose name is computed", "core/engine/send.ts", "const a = await import(name);"],
    ["a pure layer that imports an adapter", "core/engine/send.ts", 'import { a } from "../storage/tables.ts";'],
    ["an adapter that imports the engine", "core/storage/tables.ts", 'import { a } from "../engine/send.ts";'],
    ["an adapter that imports another adapter", "core/network/link.ts", 'import { a } from "../system/clock.ts";'],
    ["the engine reaching for the front door", "core/engine/send.ts", 'import { a } from "../index.ts";'],
    ["the front door importing an adapter", "core/index.ts", 'import { a } from "./storage/tables.ts";'],
    ["a folder of core that no layer knows", "core/misc/thing.ts", ""],
    ["dexie outside storage", "core/engine/send.ts", 'import Dexie from "dexie";'],
    ["libp2p outside network", "core/engine/send.ts", 'import { createLibp2p } from "libp2p";'],
    ["a part of libp2p outside network", "core/storage/a.ts", 'import { yamux } from "@libp2p/yamux";'],
    ["noise outside network", "core/crypto/seal.ts", 'import { noise } from "@chainsafe/libp2p-noise";'],
    ["ts-mls outside group", "core/engine/send.ts", 'import { createGroup } from "ts-mls";'],
    ["a package in lang", "core/lang/bytes.ts", 'import { sha256 } from "@noble/hashes/sha2.js";'],
    ["protobuf in crypto", "core/crypto/kdf.ts", 'import { create } from "@bufbuild/protobuf";'],
    ["Node in core", "core/system/clock.ts", 'import { readFile } from "node:fs/promises";'],
    ["core importing the app", "core/browser.ts", 'import { a } from "../app/main.tsx";'],
    ["core importing the node", "core/network/link.ts", 'import { a } from "../../bootstrap-node/main.ts";'],
    ["the app reaching past the front door", "app/views/chat.tsx", 'import { a } from "@kith/core/lang/bytes.ts";'],
    ["the app reaching past it by a path", "app/views/chat.tsx", 'import { a } from "../../core/wire/a.ts";'],
    ["a view that composes the engine", "app/views/chat.tsx", 'import { a } from "@kith/core/browser.ts";'],
    ["the app using dexie", "app/live/rows.ts", 'import { liveQuery } from "dexie";'],
    ["the app using a cipher", "app/live/rows.ts", 'import { x } from "@noble/ciphers/chacha.js";'],
    ["the app importing the node", "app/main.tsx", 'import "../bootstrap-node/main.ts";'],
    ["the node importing what could decrypt", "bootstrap-node/a.ts", 'import { a } from "@kith/core/group/open.ts";'],
    ["the node importing the front door", "bootstrap-node/a.ts", 'import { a } from "@kith/core";'],
    ["the node importing MLS", "bootstrap-node/a.ts", 'import { a } from "ts-mls";'],
    ["anybody importing a test", "core/engine/send.ts", 'import { a } from "../../test/support/actors.ts";'],
    ["a worker against the order", "core/lang/a.ts", 'new Worker(new URL("../system/w.ts", import.meta.url));'],
  ];
  test.each(cases)("%s", (_title, file, source) => {
    expect(breachesOf(file, source)).toHaveLength(1);
  });

  const lawful: [title: string, file: string, source: string][] = [
    ["a lower layer", "core/wire/envelope.ts", 'import { a } from "../crypto/seal.ts"; import "./bounds.ts";'],
    ["noble in crypto", "core/crypto/seal.ts", 'import { x } from "@noble/ciphers/chacha.js";'],
    ["dexie in storage", "core/storage/tables.ts", 'import Dexie from "dexie"; import "../ports/storage.ts";'],
    ["libp2p in network", "core/network/link.ts", 'import { createLibp2p } from "libp2p";'],
    ["MLS in group", "core/group/open.ts", 'import { createGroup } from "ts-mls";'],
    ["the browser's composition", "core/browser.ts", 'import "./engine/send.ts"; import "./storage/tables.ts";'],
    ["the app through the front door", "app/views/chat.tsx", 'import { a } from "@kith/core";'],
    ["the app's one composition", "app/main.tsx", 'import { a } from "@kith/core/browser.ts";'],
    [
      "the node speaking the wire",
      "bootstrap-node/a.ts",
      'import { a } from "@kith/core/wire/frames.ts"; import "node:fs";',
    ],
  ];
  test.each(lawful)("nothing about %s", (_title, file, source) => {
    expect(breachesOf(file, source)).toEqual([]);
  });
});

describe("the compiler", () => {
  test("refuses the world in the pure layers", () => {
    const folder = path.join(root, "core");
    const config = ts.readConfigFile(path.join(folder, "tsconfig.json"), ts.sys.readFile);
    const { fileNames, options } = ts.parseJsonConfigFileContent(config.config, ts.sys, folder);
    const probe = path.join(folder, "lang/probe-of-the-compiler.ts");
    const worldly = ["fetch", "setTimeout", "console", "indexedDB", "localStorage", "crypto", "WebSocket", "process"];
    const source = worldly.map((name) => `export const ${name}Probe = ${name};`).join("\n");
    const host = ts.createCompilerHost(options);
    const { getSourceFile } = host;
    host.getSourceFile = (name, ...rest) =>
      name === probe ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2023) : getSourceFile(name, ...rest);
    expect(existsSync(probe)).toBe(false);
    const program = ts.createProgram([...fileNames, probe], options, host);
    const refused = program.getSemanticDiagnostics(program.getSourceFile(probe)).map((diagnostic) => diagnostic.start);
    expect(refused).toHaveLength(worldly.length);
  }, 60_000);
});
