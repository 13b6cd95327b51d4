// `npm start`: builds the app if it is stale, then becomes the node that serves it. The build runs in a process of its
// own, so that the node starts with clean memory; the node runs in this one, so that signals reach it directly.
// Flags go to the node: npm start -- --port 8080 --data /var/lib/kith
import { spawnSync } from "node:child_process";
import path from "node:path";

const built = spawnSync(process.execPath, [path.join(import.meta.dirname, "build.ts")], { stdio: "inherit" });
if (built.status !== 0) process.exit(1);
await import("../bootstrap-node/main.ts");
