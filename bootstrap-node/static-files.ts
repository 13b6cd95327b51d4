/**
 * The built app, read once at start and served from memory: a request can name only what was there, so no path leads out
 * of the folder. Does not know HTTP's connection, only names, bytes and headers.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { err, ok, type Result } from "@kith/core/lang/result.ts";

const maxFolderBytes = 64 * 1_024 * 1_024;
const brotliQuality = 9;

const contentTypes: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};
const isWorthPacking = (type: string) => /^text\/|json|javascript|svg|wasm/.test(type);

export interface Served {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export interface StaticFiles {
  /** Nothing where there is no such file. `path` is the URL's, still encoded. */
  find(path: string, acceptEncoding: string): Promise<Served | undefined>;
}

interface File {
  readonly body: Uint8Array;
  readonly type: string;
  readonly tag: string;
  readonly cacheControl: string;
  readonly packed: Map<"br" | "gzip", Promise<Uint8Array>>;
}

/** A missing folder is one without files. The error is a sentence for the operator: a wrong folder was given. */
export async function readStaticFiles(folder: string): Promise<Result<StaticFiles, string>> {
  const files = new Map<string, File>();
  const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const entry of names) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const body = await readFile(path);
    bytes += body.length;
    if (bytes > maxFolderBytes) return err(`The folder ${folder} is too large to be the built app.`);
    const name = path.slice(folder.length).split(sep).join("/");
    files.set(name.startsWith("/") ? name : `/${name}`, describeFile(entry.name, body));
  }
  return ok({
    async find(path, acceptEncoding) {
      const file = files.get(path === "/" ? "/index.html" : decodePath(path));
      return file && serve(file, acceptEncoding);
    },
  });
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function describeFile(name: string, body: Uint8Array): File {
  // The build puts a hash of the content into these names, so what is under one never changes.
  const isHashed = /-[\w-]{8}\.\w+$/.test(name);
  return {
    body,
    type: contentTypes[extname(name)] ?? "application/octet-stream",
    tag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`,
    cacheControl: isHashed ? "public, max-age=31536000, immutable" : "no-cache",
    packed: new Map(),
  };
}

async function serve(file: File, acceptEncoding: string): Promise<Served> {
  const headers = {
    "Content-Type": file.type,
    "Cache-Control": file.cacheControl,
    ETag: file.tag,
    Vary: "Accept-Encoding",
  };
  const encoding = (["br", "gzip"] as const).find((candidate) => new RegExp(`\\b${candidate}\\b`).test(acceptEncoding));
  if (encoding === undefined || !isWorthPacking(file.type)) return { body: file.body, headers };
  const packed = file.packed.get(encoding) ?? pack(file.body, encoding);
  file.packed.set(encoding, packed);
  return { body: await packed, headers: { ...headers, "Content-Encoding": encoding } };
}

async function pack(body: Uint8Array, encoding: "br" | "gzip"): Promise<Uint8Array> {
  if (encoding === "gzip") return promisify(gzip)(body);
  return promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } });
}
