import { liveCell } from "@kith/core/lang/live.ts";
import { createEffect, createRoot, createSignal } from "solid-js";
import { describe, expect, test } from "vitest";
import { fromLive, rowsFromLive } from "../../../app/live/from-live.ts";

describe("a live value", () => {
  test("is a signal that ends with its owner", () => {
    const cell = liveCell(1);
    let subscribers = 0;
    const live = {
      subscribe(listener: (value: number) => void) {
        subscribers++;
        const end = cell.subscribe(listener);
        return () => {
          subscribers--;
          end();
        };
      },
    };
    createRoot((dispose) => {
      const value = fromLive(() => live);
      expect(value()).toBe(1);
      cell.set(2);
      expect(value()).toBe(2);
      dispose();
    });
    expect(subscribers).toBe(0);
  });

  test("is left and followed anew when its source changes", () => {
    const one = liveCell("one");
    const two = liveCell("two");
    createRoot((dispose) => {
      const [which, setWhich] = createSignal(one);
      const value = fromLive(which);
      setWhich(two);
      expect(value()).toBe("two");
      one.set("late");
      expect(value()).toBe("two");
      dispose();
    });
  });
});

describe("live rows", () => {
  test("keep their identity by key, and only what changed is told", async () => {
    const cell = liveCell<readonly { id: string; text: string }[]>([
      { id: "a", text: "A" },
      { id: "b", text: "B" },
    ]);
    const seen: string[] = [];
    const dispose = createRoot((end) => {
      const rows = rowsFromLive(() => cell, "id");
      const first = rows()?.[0];
      createEffect(() => seen.push(first?.text ?? ""));
      queueMicrotask(() => {
        cell.set([
          { id: "c", text: "C" },
          { id: "a", text: "A" },
          { id: "b", text: "B2" },
        ]);
        expect(rows()?.[1]).toBe(first);
        cell.set([{ id: "a", text: "A3" }]);
      });
      return end;
    });
    await Promise.resolve();
    await Promise.resolve();
    expect(seen).toEqual(["A", "A3"]);
    dispose();
  });

  test("never write into what the engine gave", () => {
    const given = [{ id: "a", text: "A" }];
    const cell = liveCell<readonly { id: string; text: string }[]>(given);
    createRoot((dispose) => {
      rowsFromLive(() => cell, "id");
      cell.set([{ id: "a", text: "changed" }]);
      dispose();
    });
    expect(given).toEqual([{ id: "a", text: "A" }]);
  });
});
