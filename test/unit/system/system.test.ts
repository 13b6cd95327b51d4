import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { consoleLog } from "../../../core/system/console-log.ts";
import { systemClock } from "../../../core/system/system-clock.ts";
import { systemRandom } from "../../../core/system/system-random.ts";

describe("the machine's clock", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("runs a task once, when its time has come", () => {
    const task = vi.fn();
    systemClock.after(1_000, task);
    vi.advanceTimersByTime(999);
    expect(task).not.toHaveBeenCalled();
    vi.advanceTimersByTime(5_000);
    expect(task).toHaveBeenCalledTimes(1);
  });

  it("waits 30 days and more, which a single timer cannot", () => {
    const task = vi.fn();
    const delayMs = 60 * 86_400_000;
    systemClock.after(delayMs, task);
    vi.advanceTimersByTime(delayMs - 1);
    expect(task).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(task).toHaveBeenCalledTimes(1);
  });

  it("forgets a cancelled task, also in a later step of a long wait", () => {
    const task = vi.fn();
    const cancel = systemClock.after(60 * 86_400_000, task);
    vi.advanceTimersByTime(40 * 86_400_000);
    cancel();
    vi.advanceTimersByTime(40 * 86_400_000);
    expect(task).not.toHaveBeenCalled();
  });

  it("tells the time of day", () => {
    vi.setSystemTime(1_800_000_000_000);
    expect(systemClock.now()).toBe(1_800_000_000_000);
  });
});

describe("the machine's randomness", () => {
  it.each([0, 1, 32, 65_536, 65_537, 200_000])("gives %i bytes", (length) => {
    expect(systemRandom.bytes(length)).toHaveLength(length);
  });

  it("fills beyond what the platform gives at once, and never the same", () => {
    const bytes = systemRandom.bytes(200_000);
    const tail = bytes.slice(-32);
    expect(tail).not.toEqual(new Uint8Array(32));
    expect(tail).not.toEqual(systemRandom.bytes(200_000).slice(-32));
  });
});

describe("the log", () => {
  const info = vi.spyOn(console, "info").mockReturnValue();
  const error = vi.spyOn(console, "error").mockReturnValue();
  beforeEach(() => {
    info.mockClear();
    error.mockClear();
  });

  it("keeps events to itself unless somebody looks, but never a fault", () => {
    const log = consoleLog({ events: false });
    log.event("connected", { tries: 2 });
    log.fault("a frame was dropped", new RangeError("x"));
    expect(info).not.toHaveBeenCalled();
    expect(error).toHaveBeenCalledTimes(1);
  });

  it("shows events with their numbers to whoever looks", () => {
    consoleLog({ events: true }).event("connected", { tries: 2 });
    expect(info.mock.calls).toEqual([["kith: connected", { tries: 2 }]]);
  });

  it("names an error and never quotes it", () => {
    const log = consoleLog({ events: false });
    log.fault("a frame was dropped", new RangeError("secret text of alice"));
    log.fault("a frame was dropped", "secret text of alice");
    expect(error.mock.calls).toEqual([
      ["kith: a frame was dropped (RangeError)"],
      ["kith: a frame was dropped (string)"],
    ]);
  });
});
