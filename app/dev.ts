// `npm run dev`: the node as it will run, and Vite's server with hot reload in front of it. The app thinks that it was
// served by the node: whatever is not a source file of the app goes through to it. Flags go to the node.
import { spawn } from "node:child_process";
import path from "node:path";
import { createServer } from "vite";

const nodePort = 8791;
const nodeAddress = `http://127.0.0.1:${nodePort}`;
const main = path.join(import.meta.dirname, "../bootstrap-node/main.ts");

const node = spawn(process.execPath, [main, "--port", String(nodePort), ...process.argv.slice(2)], {
  stdio: "inherit",
});
const vite = await createServer({
  configFile: path.join(import.meta.dirname, "vite.config.ts"),
  server: {
    proxy: {
      "^/(topics|health|metrics)$": { target: nodeAddress, ws: true },
      // libp2p's WebSocket lives at the root, where the page itself is Vite's to serve.
      "^/$": {
        target: nodeAddress,
        ws: true,
        bypass: (request) => (request.headers.upgrade === "websocket" ? undefined : request.url),
      },
    },
  },
});
await vite.listen();
vite.printUrls();

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => node.kill(signal));
node.once("exit", async (code) => {
  await vite.close();
  process.exit(code ?? 1);
});
