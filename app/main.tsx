/** The composition: the one engine of this browser profile, and the app around it. */
import type { NodeUrl } from "@kith/core";
import { render } from "solid-js/web";
import { App } from "./app.tsx";
import { createBrowserSeat } from "./platform/browser-seat.ts";
import { missingCapabilities } from "./platform/capabilities.ts";
import { followKeyboard } from "./platform/keyboard-inset.ts";
import { registerServiceWorker } from "./platform/service-worker.ts";
import { showTheme } from "./platform/theme.ts";
import type { StartFault } from "./views/gate/fault-gate.tsx";

// A page's own origin is an http(s) origin without a path: what a node's address is.
const node = location.origin as NodeUrl;
const missing = missingCapabilities(window);

showTheme();
followKeyboard();

function start() {
  // Apart from the shell, so that the first screen is there before the engine has arrived.
  const core = import("@kith/core/browser.ts");
  const seat = createBrowserSeat<Exclude<StartFault, "crash">>(async () => {
    const { openMessenger } = await core;
    return openMessenger({ defaultNode: node });
  });
  return { state: seat.state, takeOver: () => void seat.takeOver() };
}

const seat =
  missing.length === 0 ? start() : { state: () => ({ kind: "opening" }) as const, takeOver: () => undefined };
const root = document.getElementById("app");
if (root) render(() => <App missing={missing} seat={seat.state} onTakeOver={seat.takeOver} node={node} />, root);
if (import.meta.env.PROD) void registerServiceWorker();
