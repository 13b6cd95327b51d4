/** Registers the service worker and knows when a new version of the app waits. Never reloads on its own. */
import { type Accessor, createRoot, createSignal } from "solid-js";

interface WorkerPolicy {
  createScriptURL(url: string): string;
}
interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): WorkerPolicy;
}

const scriptUrl = "/service-worker.js";
const checkEveryMs = 60 * 60_000;

const [waiting, setWaiting] = createRoot(() => createSignal<ServiceWorker>());

export const updateReady: Accessor<boolean> = () => waiting() !== undefined;

/** Lets the new version in and reloads once it is in charge. */
export function applyUpdate(): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waiting()?.postMessage({ kind: "take-over" });
}

export async function registerServiceWorker(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
  const policy = factory?.createPolicy("kith-worker", {
    createScriptURL(url) {
      if (url !== scriptUrl) throw new TypeError("not a worker of Kith");
      return url;
    },
  });
  try {
    const registration = await navigator.serviceWorker.register(policy?.createScriptURL(scriptUrl) ?? scriptUrl);
    watch(registration);
    setInterval(() => void registration.update().catch(() => undefined), checkEveryMs);
  } catch {
    // Refused (a private window, say): Kith works, it only does not open without a network.
  }
}

function watch(registration: ServiceWorkerRegistration): void {
  const announce = (worker: ServiceWorker | null) => {
    // Without a controller this is the first visit, not an update.
    if (worker?.state === "installed" && navigator.serviceWorker.controller) setWaiting(worker);
  };
  announce(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => announce(worker));
  });
}
