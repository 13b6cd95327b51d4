// The whole app on a pretend engine, opened and pressed as a person would; and put away after each test.
import { cleanup, fireEvent, render, screen, within } from "@solidjs/testing-library";
import { afterEach, beforeEach, vi } from "vitest";
import { OpenApp } from "../../../app/app.tsx";
import { closeOverlay } from "../../../app/views/shell/overlays.ts";
import type { Pretend } from "../../support/pretend-messenger.ts";
import { node } from "./message.ts";

export function putAwayAfterEach(): void {
  beforeEach(() => {
    // happy-dom lays nothing out and has no such observer; the lists then draw nothing, which these tests do not ask for.
    vi.stubGlobal(
      "ResizeObserver",
      class {
        observe() {}
        unobserve() {}
        disconnect() {}
      },
    );
  });
  afterEach(() => {
    closeOverlay();
    cleanup();
    localStorage.clear();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
}

export function open(pretend: Pretend, path = "/") {
  window.location.hash = path;
  return render(() => <OpenApp messenger={pretend.messenger} node={node} />);
}
export const button = (name: string | RegExp) => screen.findByRole("button", { name });
export const click = async (name: string | RegExp) => fireEvent.click(await button(name));
export const dialog = (name: string) => screen.findByRole("dialog", { name });
export const pressIn = (where: HTMLElement, name: string | RegExp) =>
  fireEvent.click(within(where).getByRole("button", { name }));
