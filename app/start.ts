// `npm start`: builds the app if it is stale, then becomes the node that serves it. The build runs in a process of its
// own, so that the node starts with clean memory; the node runs in this one, so that signals reach it directly.
// Flags go to the node: npm start -- --port 8080 --data /var/lib/kith. What it would not start with is not built for.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { readConfig } from "../bootstrap-node/config.ts";

const starter = process.ppid;
const reading = readConfig(process.argv.slice(2), process.env);
if (reading.ok && reading.value.kind === "config") prepareApp();
// Also where it prints its help or says what is wrong with the flags.
await import("../bootstrap-node/main.ts");

function prepareApp(): void {
  console.log("Preparing the app: a first time takes some seconds.");
  const built = spawnSync(process.execPath, [path.join(import.meta.dirname, "build.ts")], { encoding: "utf8" });
  if (built.status !== 0) {
    process.stderr.write(`${built.stdout}${built.stderr}`);
    process.exit(1);
  }
  endWithStarter();
}

/** npm hands a signal to the shell between us, and a shell that dies of it tells nobody: then we must notice. */
function endWithStarter(): void {
  if (process.env["npm_lifecycle_event"] !== "start") return;
  setInterval(() => process.ppid !== starter && process.kill(process.pid, "SIGTERM"), 500).unref();
}
