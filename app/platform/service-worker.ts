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
/** A new version that takes longer than this to be fetched does not hold up a reload. */
const patienceMs = 8_000;

const [waiting, setWaiting] = createRoot(() => createSignal<ServiceWorker>());

export const updateReady: Accessor<boolean> = () => waiting() !== undefined;

/** Lets the new version in and reloads once it is in charge. */
export function applyUpdate(): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waiting()?.postMessage({ kind: "take-over" });
}

/**
 * Reloads into the newest version there is. A plain reload would show the one that the service worker keeps, and where
 * the sentence on screen says that a newer one is needed, nothing would ever change.
 */
export async function reloadNewest(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
  await registration?.update().catch(() => undefined);
  const fresh = registration?.waiting ?? registration?.installing;
  if (fresh) {
    await installed(fresh);
    const changed = new Promise((resolve) =>
      navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }),
    );
    fresh.postMessage({ kind: "take-over" });
    await Promise.race([changed, patience()]);
  }
  location.reload();
}

const patience = () => new Promise((resolve) => setTimeout(resolve, patienceMs));

async function installed(worker: ServiceWorker): Promise<void> {
  if (worker.state !== "installing") return;
  await Promise.race([
    new Promise((resolve) => worker.addEventListener("statechange", resolve, { once: true })),
    patience(),
  ]);
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
