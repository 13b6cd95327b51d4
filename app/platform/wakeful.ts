/** Tells the engine when the page wakes, comes online or is looked at again, and says good-bye when it goes. */
import type { Messenger } from "@kith/core";
import { onCleanup } from "solid-js";

export function useWakeful(messenger: Messenger): void {
  const hurry = () => {
    if (document.visibilityState === "visible") messenger.hurry();
  };
  const leave = () => void messenger.stop();
  // A page that comes back from the browser's memory has a stopped engine: begin again.
  const comeBack = (event: PageTransitionEvent) => {
    if (event.persisted) location.reload();
  };
  document.addEventListener("visibilitychange", hurry);
  window.addEventListener("online", hurry);
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", comeBack);
  onCleanup(() => {
    document.removeEventListener("visibilitychange", hurry);
    window.removeEventListener("online", hurry);
    window.removeEventListener("pagehide", leave);
    window.removeEventListener("pageshow", comeBack);
  });
}
