// Serves or builds the app on a pretend engine, for looking at every screen without a node or a second person:
//   npx vite --config test/support/pretend-app/vite.config.ts
// Never part of what is shipped.
import path from "node:path";
import { defineConfig } from "vite";
import { buildInfo } from "../../../app/build/build-info.ts";
import { compiledSolid } from "../../../app/build/solid-plugin.ts";
import { trustedSolid } from "../../../app/build/trusted-solid-plugin.ts";

const here = import.meta.dirname;
const app = path.join(here, "../../../app");

export default defineConfig({
  root: here,
  publicDir: path.join(app, "public"),
  define: { __KITH_BUILD__: JSON.stringify(buildInfo(app)) },
  plugins: [trustedSolid(path.join(app, "platform/trusted-solid.ts")), compiledSolid()],
  server: { fs: { allow: [path.join(here, "../../..")] } },
  build: {
    outDir: process.env["KITH_PRETEND_OUT"] ?? path.join(here, "dist"),
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
