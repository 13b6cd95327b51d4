import type { MessageMark, MessageView } from "@kith/core";
import { cleanup, render, screen } from "@solidjs/testing-library";
import { afterEach, describe, expect, test } from "vitest";
import { MessageRow } from "../../../app/views/conversation/message-row.tsx";
import { message, node } from "./message.ts";

const noon = new Date(2026, 4, 12, 12, 0).getTime();

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
  render(() => <MessageRow row={row} name="Bob" active={true} onFocus={() => undefined} />);
  return screen.getByRole("article");
}

afterEach(cleanup);

describe("a message", () => {
  test("has one short name: who, when, what, and its state", () => {
    const row = show(message(noon, { mine: true, text: "Hello", mark: { kind: "delivered", atMs: noon } }));
    expect(row.getAttribute("aria-label")).toMatch(/^You, 12:00( pm)?: Hello\. Delivered$/);
  });

  test.each<[MessageMark["kind"], MessageMark, RegExp]>([
    ["saved", { kind: "saved" }, /^Saved on this device$/],
    ["held", { kind: "held", untilMs: noon }, /^Held until 12 May$/],
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
    show(message(noon));
    expect(screen.queryByRole("button")).toBeNull();
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
