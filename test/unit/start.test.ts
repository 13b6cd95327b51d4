// What `npm start` does before it builds, and that builds do not get into each other's way.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const timeoutMs = 60_000;

function run(...args: string[]) {
  const child = spawn(process.execPath, args, { cwd: root });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, said }));
  return { child, ended };
}

test("npm start -- --help helps, and builds nothing", { timeout: timeoutMs }, async () => {
  const { code, said } = await run("app/start.ts", "--help").ended;
  expect(code).toBe(0);
  expect(said).toMatch(/^The Kith node/);
  expect(said).not.toContain("Preparing");
});

test("npm start refuses an unknown flag, and builds nothing", { timeout: timeoutMs }, async () => {
  const { code, said } = await run("app/start.ts", "--prot", "80").ended;
  expect(code).toBe(2);
  expect(said).toContain('"--prot" is unknown');
  expect(said).not.toContain("Preparing");
});

/** A build that takes a while, and writes down when. */
const building = (lock: string, log: string) => `
  import { appendFileSync } from "node:fs";
  import { alone } from "./app/build/build-lock.ts";
  await alone(${JSON.stringify(lock)}, () => {}, async () => {
    appendFileSync(${JSON.stringify(log)}, "begin ");
    await new Promise((resolve) => setTimeout(resolve, 200));
    appendFileSync(${JSON.stringify(log)}, "end ");
  });
`;

test("of builds at once each waits for the one before it, also when that was killed", {
  timeout: timeoutMs,
}, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "kith-build-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [lock, log] = [path.join(folder, "cache", "lock"), path.join(folder, "log")];
  const script = ["--input-type=module-typescript", "--eval", building(lock, log)];
  const logged = () => readFile(log, "utf8").catch(() => "");

  const killed = run(...script);
  await expect.poll(logged, { timeout: 30_000 }).toBe("begin ");
  killed.child.kill("SIGKILL");
  await killed.ended;
  const before = await logged();

  const builds = await Promise.all(Array.from({ length: 3 }, () => run(...script).ended));
  expect(builds).toEqual(Array(3).fill({ code: 0, said: "" }));
  expect((await logged()).slice(before.length)).toBe("begin end begin end begin end ");
});

test("what is built already starts where nobody can write, and is not built again", {
  timeout: timeoutMs,
}, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "kith-build-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, "file");
  await writeFile(file, "");
  // Nobody makes a folder in a file, whatever their rights.
  const lock = path.join(file, "cache", "lock");
  const script = (isDone: boolean) => `
    import { aloneUnlessDone } from "./app/build/build-lock.ts";
    console.log(await aloneUnlessDone(${JSON.stringify(lock)}, async () => ${isDone}, () => {}, async () => {}));
  `;
  const built = await run("--input-type=module-typescript", "--eval", script(true)).ended;
  expect(built).toEqual({ code: 0, said: "false\n" });
  const stale = await run("--input-type=module-typescript", "--eval", script(false)).ended;
  expect(stale.code).toBe(1);
});
