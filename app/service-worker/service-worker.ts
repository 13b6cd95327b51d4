/**
 * Keeps the app itself on the device, so that it opens without a network. Knows nothing of messages: those live in
 * IndexedDB and never pass through here. A new version waits until the person asks for it.
 */
import { cleanupOutdatedCaches, type PrecacheEntry, precacheAndRoute } from "workbox-precaching";

declare const self: ServiceWorkerGlobalScope & { readonly __WB_MANIFEST: (PrecacheEntry | string)[] };

cleanupOutdatedCaches();
precacheAndRoute(self.__WB_MANIFEST);

self.addEventListener("message", (event) => {
  if ((event.data as { kind?: unknown } | null)?.kind === "take-over") void self.skipWaiting();
});
