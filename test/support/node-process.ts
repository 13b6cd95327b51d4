/**
 * A real node as its users run it: a process of its own on a free port with a folder of its own. It can be ended in
 * order, killed, and started again on the same port and folder.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { NodeUrl } from "../../core/lang/brand.ts";

const program = resolve(import.meta.dirname, "../../bootstrap-node/main.ts");

export interface NodeProcess {
  /** `http://localhost:<port>`, the same after every restart. */
  readonly url: NodeUrl;
  readonly port: number;
  readonly folder: string;
  /** Another one after every start. */
  pid(): number;
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL: as when the machine loses power, as far as a process can tell. */
  kill(): Promise<void>;
  /** After `stop` or `kill`: on the same port and folder, ready when it returns. */
  start(): Promise<void>;
  /** What is in `/metrics`, by name with its labels, without `kith_`. */
  metrics(): Promise<Map<string, number>>;
  /** Ends it if it runs and removes its folder. */
  discard(): Promise<void>;
}

/** `flags` as for the program; a folder given with `--data` is left behind. Ready when it returns. */
export function startNodeProcess(...flags: string[]): Promise<NodeProcess> {
  return startNodeProcessBy(process.execPath, ...flags);
}

/** `runtime` is started in place of this process's own program and runs the node as that would. */
export async function startNodeProcessBy(runtime: string, ...flags: string[]): Promise<NodeProcess> {
  const given = flags.includes("--data") ? flags[flags.indexOf("--data") + 1] : undefined;
  const folder = given ?? (await mkdtemp(join(tmpdir(), "kith-node-")));
  const data = given === undefined ? ["--data", folder] : [];
  const anyPort = flags.includes("--port") ? [] : ["--port", "0"];
  let running = await run(runtime, [...anyPort, ...data, ...flags]);
  const { url, port } = running;

  async function end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null> {
    const { child } = running;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
    return child.exitCode;
  }
  return {
    url,
    port,
    folder,
    pid: () => running.child.pid ?? 0,
    stop: () => end("SIGTERM"),
    async kill() {
      await end("SIGKILL");
    },
    async start() {
      const samePort = flags.includes("--port") ? [] : ["--port", String(port)];
      running = await run(runtime, [...samePort, ...data, ...flags]);
    },
    async metrics() {
      const text = await (await fetch(`${url}/metrics`)).text();
      const samples = text.split("\n").filter((line) => line.startsWith("kith_"));
      return new Map(
        samples.map((line) => [line.slice(5, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
      );
    },
    async discard() {
      await end("SIGKILL");
      if (given === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function run(runtime: string, flags: string[]): Promise<{ child: ChildProcess; url: NodeUrl; port: number }> {
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("KITH_")));
  const child = spawn(runtime, [program, ...flags], { stdio: ["ignore", "pipe", "pipe"], env: environment });
  // A test that was given up must not leave a node behind.
  const endWithTest = () => child.kill("SIGKILL");
  process.once("exit", endWithTest);
  child.once("exit", () => process.off("exit", endWithTest));
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  for await (const line of createInterface(child.stdout)) {
    const [, url, port] = /^Kith is running at (http:\/\/\S+:(\d+))$/.exec(line) ?? [];
    if (url !== undefined) return { child, url: url as NodeUrl, port: Number(port) };
  }
  throw new Error(`the node did not start: ${complaint}`);
}
