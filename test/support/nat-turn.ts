/** A real TURN server (coturn) in the public network of `nat.ts`. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { hasProgram, type Nats } from "./nat.ts";

const run = promisify(execFile);

/** A sentence where there is none. Tries to install it. */
export async function whyNoTurn(): Promise<string | undefined> {
  return (await hasProgram("turnserver", "coturn")) ? undefined : "there is no turnserver (coturn)";
}

/** Ready when it returns. It knows names and secrets by the secret that it shares with the node. */
export async function startTurn(nats: Nats, port: number, secret: string): Promise<ChildProcess> {
  const quiet = ["-n", "--no-cli", "--no-tls", "--no-dtls", "--log-file=stdout", "--pidfile="];
  const at = [`--listening-ip=${nats.address}`, `--relay-ip=${nats.address}`, `--listening-port=${port}`];
  const names = ["--use-auth-secret", `--static-auth-secret=${secret}`, "--realm=kith"];
  const child = spawn(await nats.program("public", "turnserver"), [...quiet, ...at, ...names], { stdio: "ignore" });
  const endWithTest = () => child.kill("SIGKILL");
  process.once("exit", endWithTest);
  child.once("exit", () => process.off("exit", endWithTest));
  const connect = `const connect = () => require("net").connect(${port}, "${nats.address}")
    .on("connect", () => process.exit()).on("error", () => setTimeout(connect, 50)); connect();`;
  await run(await nats.program("public", process.execPath), ["-e", connect], { timeout: 10_000 });
  return child;
}
