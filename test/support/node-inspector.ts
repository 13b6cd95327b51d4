// Looks into a running node from outside, through the debugger's door: memory after a forced collection, what is open, how
// long its event loop is held. The node itself has no part in it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";

export interface Inside {
  /** After a collection: what is in use of the main thread's heap and of what it holds outside of it. */
  readonly usedBytes: number;
  readonly residentBytes: number;
  readonly cpuSeconds: number;
  /** Sockets and timers that keep the process up, by kind. */
  readonly resources: Readonly<Record<string, number>>;
  /** Since the look before. */
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
}

export interface Inspected {
  readonly url: string;
  readonly port: number;
  /** The PeerId, where the program says one. */
  readonly peer: string | undefined;
  look(): Promise<Inside>;
  /** The same at this moment: what a collection frees only after a while is counted. */
  glance(): Promise<Inside>;
  discard(): Promise<void>;
}

/** Asks in the node's own words. The histogram lives from the first look on. */
const question = `(() => {
  const { monitorEventLoopDelay } = process.getBuiltinModule("node:perf_hooks");
  globalThis.lookedAt ??= monitorEventLoopDelay({ resolution: 10 });
  const loop = globalThis.lookedAt;
  const seen = { loopP99Ms: loop.percentile(99) / 1e6, loopMaxMs: loop.max / 1e6 };
  loop.enable();
  loop.reset();
  const { heapUsed, external, rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const resources = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  return { usedBytes: heapUsed + external, residentBytes: rss, cpuSeconds: (user + system) / 1e6, resources, ...seen };
})()`;

/** The product's node, on a free port with a folder of its own. */
export async function startInspectedNode(...flags: string[]): Promise<Inspected> {
  const folder = await mkdtemp(join(tmpdir(), "kith-node-"));
  const program = resolve(import.meta.dirname, "../../bootstrap-node/main.ts");
  const inspected = await startInspected(program, "--port", "0", "--data", folder, ...flags);
  return {
    ...inspected,
    async discard() {
      await inspected.discard();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Any program that says `… at http://localhost:<port>` when it is ready. */
export async function startInspected(program: string, ...flags: string[]): Promise<Inspected> {
  const child = spawn(process.execPath, ["--inspect=127.0.0.1:0", program, ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const endWithTest = () => child.kill("SIGKILL");
  process.once("exit", endWithTest);
  const ended = once(child, "exit").then(() => void process.off("exit", endWithTest));
  let said = "";
  const saying = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const [, found] = pattern.exec(said) ?? [];
        if (found !== undefined) resolve(found);
      };
      for (const stream of [child.stdout, child.stderr]) stream.on("data", look);
      child.once("exit", () => reject(new Error(`the program ended: ${said}`)));
      look();
    });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const [door, url] = await Promise.all([saying(/(ws:\/\/127\.0\.0\.1:\d+\/\S+)/), saying(/at (http:\/\/\S+:\d+)/)]);
  return {
    url,
    port: Number(new URL(url).port),
    peer: /Relay (\S+) at /.exec(said)?.[1],
    ...(await openDoor(door)),
    async discard() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function openDoor(url: string): Promise<Pick<Inspected, "look" | "glance">> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, (result: unknown) => void>();
  let lastId = 0;
  socket.on("message", (data: Buffer) => {
    const { id, result } = JSON.parse(data.toString()) as { id?: number; result?: unknown };
    if (id !== undefined) waiting.get(id)?.(result);
  });
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  const call = (method: string, params: object = {}) =>
    new Promise<unknown>((resolve) => {
      const id = ++lastId;
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params }));
    });
  async function glance(): Promise<Inside> {
    await call("HeapProfiler.collectGarbage");
    const answer = (await call("Runtime.evaluate", { expression: question, returnByValue: true })) as {
      result: { value: Inside };
    };
    return answer.result.value;
  }
  return {
    glance,
    async look() {
      for (let n = 0; n < 2; n++) {
        await call("HeapProfiler.collectGarbage");
        await sleep(200);
      }
      return glance();
    },
  };
}
