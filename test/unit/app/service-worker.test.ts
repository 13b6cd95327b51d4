import { afterEach, describe, expect, test, vi } from "vitest";
import { reloadNewest } from "../../../app/platform/service-worker.ts";

/** A browser whose service worker container has, or has not, a newer version waiting. */
function browser(newer: boolean) {
  const container = new EventTarget();
  const told: unknown[] = [];
  const worker = Object.assign(new EventTarget(), {
    state: "installed",
    postMessage(message: unknown) {
      told.push(message);
      container.dispatchEvent(new Event("controllerchange"));
    },
  });
  const registration = { update: async () => undefined, waiting: newer ? worker : null, installing: null };
  const reload = vi.fn();
  vi.stubGlobal("navigator", {
    serviceWorker: Object.assign(container, { getRegistration: async () => registration }),
  });
  vi.stubGlobal("location", { reload });
  return { told, reload };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("reloading where a newer version is needed", () => {
  test("lets the waiting version in first: the kept one would only come back", async () => {
    const { told, reload } = browser(true);
    await reloadNewest();
    expect(told).toEqual([{ kind: "take-over" }]);
    expect(reload).toHaveBeenCalledOnce();
  });

  test("just reloads when there is none", async () => {
    const { told, reload } = browser(false);
    await reloadNewest();
    expect(told).toEqual([]);
    expect(reload).toHaveBeenCalledOnce();
  });

  test("just reloads in a browser without service workers", async () => {
    const { reload } = browser(false);
    vi.stubGlobal("navigator", {});
    await reloadNewest();
    expect(reload).toHaveBeenCalledOnce();
  });
});
