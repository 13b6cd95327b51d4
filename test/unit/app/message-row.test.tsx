import type { MessageMark, MessageView } from "@kith/core";
import { cleanup, fireEvent, render, screen } from "@solidjs/testing-library";
import { afterEach, describe, expect, test, vi } from "vitest";
import { MessageRow } from "../../../app/views/conversation/message-row.tsx";
import { message, node } from "./message.ts";

const noon = new Date(2026, 4, 12, 12, 0).getTime();

const actions = { copy: vi.fn(), sendAgain: vi.fn(), info: vi.fn(), remove: vi.fn(), report: vi.fn() };
const onMenu = vi.fn();

function show(view: MessageView) {
  const row = {
    kind: "message",
    key: view.id,
    message: view,
    first: true,
    last: true,
    detail: true,
    newestOwn: true,
  } as const;
  render(() => (
    <MessageRow row={row} name="Bob" active={true} actions={actions} onFocus={() => undefined} onMenu={onMenu} />
  ));
  return screen.getByRole("article");
}

afterEach(() => {
  cleanup();
  vi.clearAllMocks();
});

describe("a message", () => {
  test("has one short name: who, when, what, and its state", () => {
    const row = show(message(noon, { mine: true, text: "Hello", mark: { kind: "delivered", atMs: noon } }));
    expect(row.getAttribute("aria-label")).toMatch(/^You, 12:00( pm)?: Hello\. Delivered$/);
  });

  test("opens an invite to this app in place, and every other address in a tab of its own", () => {
    const invite = `${window.location.origin}${window.location.pathname}#/i/abc`;
    show(message(noon, { mine: false, text: `Join: ${invite} or https://example.org/` }));
    const [here, elsewhere] = screen.getAllByRole("link");
    expect([here?.textContent, here?.getAttribute("target")]).toEqual(["Open the invitation", null]);
    expect([elsewhere?.textContent, elsewhere?.getAttribute("target")]).toEqual(["https://example.org/", "_blank"]);
  });

  test.each<[MessageMark["kind"], MessageMark, RegExp]>([
    ["saved", { kind: "saved" }, /^Saved on this device$/],
    ["held", { kind: "held", untilMs: noon }, /^Held until 12 May$/],
    ["kept", { kind: "kept", untilMs: noon }, /^With a contact until 12 May$/],
    ["delivered", { kind: "delivered", atMs: noon }, /^Delivered$/],
    ["read", { kind: "read", atMs: noon }, /^Read$/],
    ["trouble", { kind: "trouble", trouble: { node, what: "full", atMs: noon } }, /^The node is full$/],
    ["refused", { kind: "refused" }, /^Could not be opened$/],
    ["expired", { kind: "expired" }, /^Not delivered$/],
  ])("that is %s says so in a sign with a name and a sentence", (_kind, mark, name) => {
    show(message(noon, { mine: true, mark }));
    const sign = screen.getByRole("button", { name });
    const sentence = document.getElementById(sign.getAttribute("aria-describedby") ?? "");
    expect(sentence?.textContent).toMatch(/\.$/);
  });

  test("of somebody else has no sign", () => {
    const row = show(message(noon));
    expect(row.querySelector(".mark")).toBeNull();
  });

  test.each<MessageMark>([
    { kind: "refused" },
    { kind: "expired" },
    { kind: "trouble", trouble: { node, what: "broke-promise", atMs: noon } },
  ])("that did not get there has its way on beside the sign", (mark) => {
    const view = message(noon, { mine: true, mark });
    show(view);
    fireEvent.click(screen.getByRole("button", { name: "Send again" }));
    expect(actions.sendAgain).toHaveBeenCalledExactlyOnceWith(view);
  });

  test.each<MessageMark>([{ kind: "saved" }, { kind: "read", atMs: noon }])("on its way asks for nothing", (mark) => {
    show(message(noon, { mine: true, mark }));
    expect(screen.queryByRole("button", { name: "Send again" })).toBeNull();
  });

  test("tells the facts behind its sign", () => {
    const view = message(noon, { mine: true, mark: { kind: "delivered", atMs: noon } });
    show(view);
    fireEvent.click(screen.getByRole("button", { name: "Delivered" }));
    expect(actions.info).toHaveBeenCalledExactlyOnceWith(view);
  });

  test("opens its menu by its button, the right mouse button and a long press", () => {
    vi.useFakeTimers();
    const row = show(message(noon));
    fireEvent.click(screen.getByRole("button", { name: "What to do with this message" }));
    expect(onMenu).toHaveBeenCalledTimes(1);
    fireEvent.contextMenu(row);
    expect(onMenu).toHaveBeenCalledTimes(2);
    fireEvent.pointerDown(row, { pointerType: "touch", clientX: 5, clientY: 5 });
    vi.advanceTimersByTime(600);
    expect(onMenu).toHaveBeenCalledTimes(3);
    fireEvent.pointerDown(row, { pointerType: "touch", clientX: 5, clientY: 5 });
    fireEvent.pointerMove(row, { pointerType: "touch", clientX: 5, clientY: 40 });
    vi.advanceTimersByTime(600);
    expect(onMenu, "a finger that scrolls").toHaveBeenCalledTimes(3);
    vi.useRealTimers();
  });

  test("leaves the browser's own menu to its links", () => {
    const row = show(message(noon, { text: "https://example.org/a" }));
    fireEvent.contextMenu(row.querySelector("a") as Element);
    expect(onMenu).not.toHaveBeenCalled();
  });

  test("never becomes markup", () => {
    const text = '<img src=x onerror=alert(1)><b>bold</b> & "quoted"';
    const row = show(message(noon, { text }));
    expect(row.querySelector("img, b")).toBeNull();
    expect(row.querySelector(".message-text")?.textContent).toBe(text);
  });

  test("opens its links elsewhere and tells them nothing", () => {
    const row = show(message(noon, { text: "https://example.org/a" }));
    const link = row.querySelector("a");
    expect(link?.getAttribute("rel")).toBe("noopener noreferrer");
    expect(link?.getAttribute("target")).toBe("_blank");
    expect(link?.getAttribute("href")).toBe("https://example.org/a");
  });

  test("of a kind from a newer Kith is shown as such", () => {
    const row = show({ ...message(noon), body: { kind: "unknown" } });
    expect(row.textContent).toContain("needs a newer Kith");
  });
});
