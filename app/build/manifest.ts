// What an operating system shows of the installed app.
import type { ManifestOptions } from "vite-plugin-pwa";

export const manifest: Partial<ManifestOptions> = {
  id: "/",
  name: "Kith",
  short_name: "Kith",
  description: "Private conversations, straight from browser to browser.",
  start_url: "/#/",
  scope: "/",
  display: "standalone",
  background_color: "#f5f1e8",
  theme_color: "#f5f1e8",
  categories: ["social", "communication"],
  icons: [
    { src: "/icons/kith-192.png", sizes: "192x192", type: "image/png" },
    { src: "/icons/kith-512.png", sizes: "512x512", type: "image/png" },
    { src: "/icons/kith-maskable-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
    { src: "/icons/kith.svg", sizes: "any", type: "image/svg+xml" },
  ],
};
