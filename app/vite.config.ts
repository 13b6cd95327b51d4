// How the app is built: app/dist, one page, one service worker, no inline script or style (the node's headers forbid
// both). Knows nothing of when it is built; that is build.ts.
import path from "node:path";
import { defineConfig } from "vite";
import { VitePWA } from "vite-plugin-pwa";
import { buildInfo } from "./build/build-info.ts";
import { manifest } from "./build/manifest.ts";
import { compiledSolid } from "./build/solid-plugin.ts";
import { trustedSolid } from "./build/trusted-solid-plugin.ts";

const here = import.meta.dirname;

export default defineConfig({
  root: here,
  define: { __KITH_BUILD__: JSON.stringify(buildInfo(here)) },
  plugins: [
    trustedSolid(path.join(here, "platform/trusted-solid.ts")),
    compiledSolid(),
    VitePWA({
      strategies: "injectManifest",
      srcDir: "service-worker",
      filename: "service-worker.ts",
      injectRegister: false,
      manifest,
      injectManifest: {
        globPatterns: ["**/*.{html,js,css,woff2,svg,png,webmanifest}"],
        maximumFileSizeToCacheInBytes: 4_000_000,
      },
    }),
  ],
  resolve: {
    // The same code under two names (@libp2p/webrtc asks for the newer one): the bundle holds one copy.
    alias: [{ find: /^@libp2p\/noise$/, replacement: "@chainsafe/libp2p-noise" }],
  },
  build: {
    outDir: path.join(here, "dist"),
    emptyOutDir: true,
    target: "es2023",
    // Never as data: URLs, which font-src 'self' refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
