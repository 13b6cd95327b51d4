import { createRoot } from "solid-js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useWakeful } from "../../../app/platform/wakeful.ts";

let hurries = 0;
let end = () => {};
let connection: EventTarget & { type: string };

beforeEach(() => {
  vi.useFakeTimers();
  hurries = 0;
  connection = Object.assign(new EventTarget(), { type: "wifi" });
  vi.stubGlobal("navigator", { connection });
  see("visible");
  createRoot((dispose) => {
    end = dispose;
    useWakeful({ hurry: () => (hurries += 1), stop: async () => {} });
  });
});
afterEach(() => {
  end();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function see(state: DocumentVisibilityState): void {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
}
/** The machine sleeps: time passes, timers do not. */
function sleep(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

test("hurries when the page is looked at again, not when it is left", () => {
  see("hidden");
  document.dispatchEvent(new Event("visibilitychange"));
  expect(hurries).toBe(0);
  see("visible");
  document.dispatchEvent(new Event("visibilitychange"));
  expect(hurries).toBe(1);
});

test("hurries when the network is back, also while nobody looks", () => {
  see("hidden");
  window.dispatchEvent(new Event("online"));
  expect(hurries).toBe(1);
});

test("hurries when the device moves from Wi-Fi to mobile, not when the browser guesses anew how fast it is", () => {
  connection.dispatchEvent(new Event("change"));
  expect(hurries).toBe(0);
  connection.type = "cellular";
  connection.dispatchEvent(new Event("change"));
  expect(hurries).toBe(1);
});

test("finds out within 5 s that the machine slept in full view, of which nothing else tells", () => {
  vi.advanceTimersByTime(60_000);
  expect(hurries).toBe(0);
  sleep(3_600_000);
  vi.advanceTimersByTime(5_000);
  expect(hurries).toBe(1);
  vi.advanceTimersByTime(60_000);
  expect(hurries).toBe(1);
});

test("does not take the rare timers of a hidden page for a sleep", () => {
  see("hidden");
  for (let minute = 0; minute < 5; minute++) {
    sleep(55_000);
    vi.advanceTimersByTime(5_000);
  }
  expect(hurries).toBe(0);
});

test("leaves nothing behind when it ends", () => {
  end();
  for (const event of ["visibilitychange", "resume"]) document.dispatchEvent(new Event(event));
  window.dispatchEvent(new Event("online"));
  connection.type = "none";
  connection.dispatchEvent(new Event("change"));
  expect(hurries).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});
