/** Tells the engine when the page wakes, comes online or is looked at again, and says good-bye when it goes. */
import type { Messenger } from "@kith/core";
import { onCleanup } from "solid-js";

/**
 * No event tells that the machine slept while the page stayed in view. A timer does, by coming late. Browsers let the
 * timers of hidden pages come once a minute: less than that is no sleep there.
 */
const lookEveryMs = 5_000;
const lateMs = 10_000;
const lateWhileHiddenMs = 90_000;

/** Where the browser knows by what it is connected (Android, ChromeOS): another kind is another address. */
interface NetworkInformation extends EventTarget {
  readonly type?: string;
}

export function useWakeful(messenger: Pick<Messenger, "hurry" | "stop">): void {
  const hurry = () => messenger.hurry();
  const look = () => {
    if (document.visibilityState === "visible") hurry();
  };
  const leave = () => void messenger.stop();
  // A page that comes back from the browser's memory has a stopped engine: begin again.
  const comeBack = (event: PageTransitionEvent) => {
    if (event.persisted) location.reload();
  };

  const { connection } = navigator as { connection?: NetworkInformation };
  let connectedBy = connection?.type;
  // Its other changes are new guesses of how fast the same network is.
  const maybeMoved = () => {
    if (connection?.type === connectedBy) return;
    connectedBy = connection?.type;
    hurry();
  };

  let lookedAtMs = Date.now();
  const timer = setInterval(() => {
    const overdueMs = Date.now() - lookedAtMs - lookEveryMs;
    lookedAtMs = Date.now();
    if (overdueMs > (document.visibilityState === "visible" ? lateMs : lateWhileHiddenMs)) hurry();
  }, lookEveryMs);

  document.addEventListener("visibilitychange", look);
  document.addEventListener("resume", hurry);
  // Also unseen: what arrives there may be worth a notification.
  window.addEventListener("online", hurry);
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", comeBack);
  connection?.addEventListener("change", maybeMoved);
  onCleanup(() => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
    document.removeEventListener("resume", hurry);
    window.removeEventListener("online", hurry);
    window.removeEventListener("pagehide", leave);
    window.removeEventListener("pageshow", comeBack);
    connection?.removeEventListener("change", maybeMoved);
  });
}
