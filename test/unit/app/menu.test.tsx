import { cleanup, fireEvent, render, screen } from "@solidjs/testing-library";
import { createSignal, Show } from "solid-js";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Menu } from "../../../app/components/menu.tsx";

const [open, setOpen] = createSignal(false);
const [at, setAt] = createSignal({ x: 10, y: 10 });
const [floorPx, setFloorPx] = createSignal<number>();
const run = vi.fn();
const icon = () => null;

beforeEach(() => {
  render(() => (
    <>
      <button type="button">opener</button>
      <Show when={open()}>
        <Menu
          label="menu"
          at={at()}
          floorPx={floorPx()}
          items={[
            { label: "first", icon, run: () => run("first") },
            { label: "second", icon, run: () => run("second") },
          ]}
          onClose={() => setOpen(false)}
        />
      </Show>
    </>
  ));
  screen.getByRole("button", { name: "opener" }).focus();
  setOpen(true);
});
afterEach(() => {
  setOpen(false);
  cleanup();
  vi.clearAllMocks();
});

const key = (name: string) => fireEvent.keyDown(document.activeElement as Element, { key: name });
const focused = () => document.activeElement?.textContent;

describe("a menu", () => {
  test("has the focus, and arrows walk round it", () => {
    expect(focused()).toBe("first");
    key("ArrowDown");
    expect(focused()).toBe("second");
    key("ArrowDown");
    expect(focused()).toBe("first");
    key("End");
    expect(focused()).toBe("second");
  });

  test.each(["Escape", "Tab"])(
    "closes by %s and gives the focus back, without anything above hearing of it",
    (name) => {
      const above = vi.fn();
      window.addEventListener("keydown", above);
      key(name);
      window.removeEventListener("keydown", above);
      expect(screen.queryByRole("menu")).toBeNull();
      expect(focused()).toBe("opener");
      expect(above).not.toHaveBeenCalled();
    },
  );

  test("opens above its point where it would reach below the floor", () => {
    setOpen(false);
    const height = vi.spyOn(Element.prototype, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 0, 100, 90));
    const top = () => screen.getByRole("menu").style.top;
    setAt({ x: 10, y: 400 });
    setFloorPx(600);
    setOpen(true);
    expect(top()).toBe("400px");
    setOpen(false);
    setFloorPx(450);
    setOpen(true);
    expect(top()).toBe("310px");
    height.mockRestore();
  });

  test("closes before what is chosen begins, so that a dialog knows its opener", () => {
    run.mockImplementation(() => {
      expect(screen.queryByRole("menu")).toBeNull();
      expect(focused()).toBe("opener");
    });
    fireEvent.click(screen.getByRole("menuitem", { name: "second" }));
    expect(run).toHaveBeenCalledExactlyOnceWith("second");
  });

  test("closes when one presses elsewhere or goes back", () => {
    fireEvent.pointerDown(document.body);
    expect(screen.queryByRole("menu")).toBeNull();
    setOpen(true);
    fireEvent(window, new Event("popstate"));
    expect(screen.queryByRole("menu")).toBeNull();
    expect(run).not.toHaveBeenCalled();
  });
});
