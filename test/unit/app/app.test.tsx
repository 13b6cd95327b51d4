// The whole app on a pretend engine: what a person sees and does.
import type { InviteFault } from "@kith/core";
import { fireEvent, render, screen, waitFor } from "@solidjs/testing-library";
import { describe, expect, test, vi } from "vitest";
import { App } from "../../../app/app.tsx";
import type { StartFault } from "../../../app/views/gate/fault-gate.tsx";
import { createPretendMessenger, type Pretend } from "../../support/pretend-messenger.ts";
import { node } from "./message.ts";
import { button, click, open, putAwayAfterEach } from "./open-app.tsx";

const field = (name: string) => screen.findByLabelText<HTMLInputElement>(name);

putAwayAfterEach();

describe("a new person", () => {
  test("starts with the suggested name in one tap", async () => {
    const pretend = createPretendMessenger();
    open(pretend);
    expect((await field("Your name")).value).toMatch(/^\p{L}+ \p{L}+$/u);
    await click("Start");
    expect(await screen.findByRole("heading", { name: "Chats" })).toBeTruthy();
    expect(await screen.findByRole("link", { name: /Note to self/ })).toBeTruthy();
    expect(await screen.findByRole("link", { name: /Show my QR or share my link/ })).toBeTruthy();
    expect(await button(/Paste or scan a link/)).toBeTruthy();
  });

  test("is told what is wrong with a name, and can go on", async () => {
    const pretend = createPretendMessenger();
    open(pretend);
    fireEvent.input(await field("Your name"), { target: { value: "  " } });
    await click("Start");
    expect((await screen.findByRole("alert")).textContent).toBe("Please type a name.");
    fireEvent.input(await field("Your name"), { target: { value: "Alice" } });
    await click("Start");
    expect(await screen.findByRole("heading", { name: "Chats" })).toBeTruthy();
  });

  test("is told when this device cannot keep anything", async () => {
    const pretend = createPretendMessenger();
    pretend.faults.write = "storage-full";
    open(pretend);
    await click("Start");
    expect((await screen.findByRole("alert")).textContent).toContain("no room left");
  });
});

describe("arriving by an invitation", () => {
  test("makes the person, the contact and the chat with one tap", async () => {
    const pretend = createPretendMessenger();
    open(pretend, "/i/AQabc");
    expect(await screen.findByRole("heading", { name: "Ana invited you to chat" })).toBeTruthy();
    fireEvent.input(await field("Your name"), { target: { value: "Bob" } });
    await click("Accept");
    expect(await screen.findByRole("main", { name: "Conversation with Ana" })).toBeTruthy();
    expect(await screen.findByText("Ana gets it once they open Kith and accept you.")).toBeTruthy();
    expect(pretend.calls.slice(0, 2)).toEqual(["start", "acceptInvite"]);
  });

  test("leaves the invitation's secret neither in the address nor in the history", async () => {
    open(createPretendMessenger({ name: "Bob" }), "/i/AQsecret");
    const push = vi.spyOn(history, "pushState");
    await click("Accept");
    await screen.findByRole("main", { name: "Conversation with Ana" });
    expect(window.location.href).not.toContain("AQsecret");
    expect(push).not.toHaveBeenCalled();
    push.mockRestore();
  });

  test("asks somebody who lives here for no name", async () => {
    open(createPretendMessenger({ name: "Bob" }), "/i/AQabc");
    await button("Accept");
    expect(screen.queryByLabelText("Your name")).toBeNull();
    await click("Not now");
    expect(await screen.findByRole("heading", { name: "Chats" })).toBeTruthy();
  });

  const faults: Readonly<Record<InviteFault, RegExp>> = {
    malformed: /not a Kith invitation/,
    damaged: /cut off or changed/,
    "newer-version": /made by a newer Kith/,
    expired: /has ended/,
    own: /your own invitation/,
    "blocked-person": /have blocked/,
    used: /used or withdrawn/,
    asked: /as soon as you are let in/,
    withdrawn: /link to a group was withdrawn/,
    "not-found": /withdrawn, or the node/,
    "node-unreachable": /cannot be reached/,
    forged: /not made by the person it names/,
    "storage-full": /no room left/,
    "storage-lost": /stopped letting Kith keep data/,
  };
  test.each(Object.entries(faults))("says in a sentence that it is %s", async (fault, sentence) => {
    const pretend = createPretendMessenger();
    pretend.faults.preview = fault as InviteFault;
    open(pretend, "/i/AQabc");
    expect((await screen.findByRole("alert")).textContent).toMatch(sentence);
    expect(await button("Start without it")).toBeTruthy();
  });

  test("says so when it turns out only on accepting", async () => {
    const pretend = createPretendMessenger({ name: "Bob" });
    pretend.faults.accept = "used";
    open(pretend, "/i/AQabc");
    await click("Accept");
    expect((await screen.findByRole("alert")).textContent).toContain("used or withdrawn");
  });

  test("says that somebody has to let them in who asked to join a group", async () => {
    const pretend = createPretendMessenger({ name: "Bob" });
    pretend.faults.accept = "asked";
    open(pretend, "/i/AQabc");
    await click("Accept");
    expect(await screen.findByRole("heading", { name: "You asked to join" })).toBeTruthy();
    expect(screen.getByRole("alert").textContent).toContain("appears in your chats");
  });

  test("can be tried again when only the node was away", async () => {
    const pretend = createPretendMessenger();
    pretend.faults.preview = "node-unreachable";
    open(pretend, "/i/AQabc");
    await button("Try again");
    delete pretend.faults.preview;
    await click("Try again");
    expect(await screen.findByRole("heading", { name: "Ana invited you to chat" })).toBeTruthy();
  });

  test("survives an address that is not even well-formed", async () => {
    const pretend = createPretendMessenger();
    pretend.faults.preview = "malformed";
    open(pretend, "/i/%E0%A4%A/../x?y#z");
    expect((await screen.findByRole("alert")).textContent).toMatch(/not a Kith invitation/);
  });
});

describe("a request of a stranger", () => {
  async function asked() {
    const pretend = createPretendMessenger({ name: "Alice" });
    const id = pretend.addPerson("Mallory", { standing: "request" });
    pretend.receive(id, "Hello");
    open(pretend, `/c/${id}`);
    await screen.findByText("Mallory wants to talk to you.");
    return pretend;
  }

  test("has three answers in place of a composer", async () => {
    await asked();
    for (const name of ["Accept", "Block", "Delete"]) expect(await button(name)).toBeTruthy();
    expect(screen.queryByRole("form", { name: "Message" })).toBeNull();
  });

  test("accepted, it is a chat", async () => {
    await asked();
    await click("Accept");
    expect(await screen.findByRole("form", { name: "Message" })).toBeTruthy();
  });

  test.each([
    ["Block", "answerRequest block"],
    ["Delete", "answerRequest delete"],
  ])("asks once more before %s", async (name, call) => {
    const pretend = await asked();
    await click(name);
    const dialog = await screen.findByRole("dialog");
    expect(pretend.calls).not.toContain(call);
    const confirm = [...dialog.querySelectorAll("button")].find((each) => each.textContent === name);
    fireEvent.click(confirm!);
    await waitFor(() => expect(pretend.calls).toContain(call));
  });
});

describe("writing", () => {
  async function chat(change: Partial<Pretend["faults"]> = {}) {
    const pretend = createPretendMessenger({ name: "Alice" });
    Object.assign(pretend.faults, change);
    const id = pretend.addPerson("Bob");
    open(pretend, `/c/${id}`);
    const text = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Message to Bob" });
    return { pretend, text };
  }

  test("Enter sends and empties the field", async () => {
    const { pretend, text } = await chat();
    fireEvent.input(text, { target: { value: "Hello" } });
    fireEvent.keyDown(text, { key: "Enter" });
    await waitFor(() => expect(pretend.calls).toContain("sendText Hello"));
    expect(text.value).toBe("");
  });

  test("Shift and Enter does not send, nor does Enter that ends a composition", async () => {
    const { pretend, text } = await chat();
    fireEvent.input(text, { target: { value: "Hello" } });
    fireEvent.keyDown(text, { key: "Enter", shiftKey: true });
    fireEvent.keyDown(text, { key: "Enter", isComposing: true });
    expect(pretend.calls.filter((call) => call.startsWith("sendText"))).toEqual([]);
  });

  test("what could not be kept comes back with the reason", async () => {
    const { text } = await chat({ send: "storage-full" });
    fireEvent.input(text, { target: { value: "Hello" } });
    fireEvent.keyDown(text, { key: "Enter" });
    expect(await screen.findByText(/Not sent: this device has no room left/)).toBeTruthy();
    expect(text.value).toBe("Hello");
  });

  test("a text that is too long is not sent, and it says by how much", async () => {
    const { pretend, text } = await chat();
    fireEvent.input(text, { target: { value: "x".repeat(8_003) } });
    expect(await screen.findByText("3 characters too many")).toBeTruthy();
    fireEvent.keyDown(text, { key: "Enter" });
    expect(pretend.calls.filter((call) => call.startsWith("sendText"))).toEqual([]);
  });

  test("leaving keeps the draft, and the list shows it", async () => {
    const { pretend, text } = await chat();
    fireEvent.input(text, { target: { value: "half a thought" } });
    window.location.hash = "/settings";
    await screen.findByRole("heading", { name: "Settings" });
    expect(pretend.calls).toContain("saveDraft half a thought");
    expect((await screen.findByRole("link", { name: /Bob/ })).textContent).toContain("Draft: half a thought");
  });

  test("a sent text leaves no draft behind", async () => {
    const { pretend, text } = await chat();
    fireEvent.input(text, { target: { value: "Hello" } });
    fireEvent.keyDown(text, { key: "Enter" });
    window.location.hash = "/settings";
    await screen.findByRole("heading", { name: "Settings" });
    expect(pretend.calls.filter((call) => call.startsWith("saveDraft"))).toEqual([]);
  });
});

describe("other pages", () => {
  test("a chat that is not there says so and leads back", async () => {
    open(createPretendMessenger({ name: "Alice" }), "/c/nothing");
    expect(await screen.findByRole("heading", { name: "There is no such chat here" })).toBeTruthy();
  });

  test("inviting makes one link and not another on return", async () => {
    const pretend = createPretendMessenger({ name: "Alice" });
    open(pretend, "/invite");
    expect((await field("Your invitation link")).value).toContain("/#/i/");
    expect(screen.getByRole("img", { name: "QR code for scanning" })).toBeTruthy();
    window.location.hash = "/settings";
    await screen.findByRole("heading", { name: "Settings" });
    window.location.hash = "/invite";
    await field("Your invitation link");
    expect(pretend.calls.filter((call) => call === "createInvite")).toHaveLength(1);
  });

  test("a withdrawn invitation is gone and no other takes its place unasked", async () => {
    const pretend = createPretendMessenger({ name: "Alice" });
    open(pretend, "/invite");
    await click(/^Withdraw the invitation/);
    await click("Withdraw");
    expect(await screen.findByText("No open invitations.")).toBeTruthy();
    expect(await button("Make a link")).toBeTruthy();
    expect(pretend.calls.filter((call) => call === "createInvite")).toHaveLength(1);
  });

  test("the recovery phrase shows only behind its warning", async () => {
    open(createPretendMessenger({ name: "Alice" }), "/settings");
    await click("Show recovery phrase");
    expect(screen.queryByText("harbor")).toBeNull();
    await click("Show the 12 words");
    expect(await screen.findByText("harbor")).toBeTruthy();
    expect(screen.getByRole("list", { name: "The 12 words, in order" }).children).toHaveLength(12);
  });

  test("the details name the way messages travel and verify the person", async () => {
    const pretend = createPretendMessenger({ name: "Alice" });
    const id = pretend.addPerson("Bob", { path: "relayed" });
    open(pretend, `/c/${id}/info`);
    expect(await screen.findByText("Through node node.example")).toBeTruthy();
    expect(screen.getByRole("list", { name: "Safety number" }).children).toHaveLength(12);
    await click("Mark as verified");
    expect(await button("Remove verification")).toBeTruthy();
  });
});

describe("before the app", () => {
  const gate = (props: Partial<Parameters<typeof App>[0]>) =>
    render(() => (
      <App missing={[]} seat={() => ({ kind: "opening" })} onTakeOver={() => undefined} node={node} {...props} />
    ));

  test("Kith in another tab can be used here", async () => {
    const take = vi.fn();
    gate({ seat: () => ({ kind: "elsewhere", taking: false }), onTakeOver: take });
    expect(await screen.findByRole("heading", { name: "Kith is open in another tab" })).toBeTruthy();
    await click("Use it here");
    expect(take).toHaveBeenCalledOnce();
  });

  test.each<[StartFault, RegExp]>([
    ["no-storage", /does not let Kith keep anything/],
    ["newer-database", /opened by a newer Kith/],
    ["blocked", /Another tab holds an older Kith/],
    ["no-room", /has no room left/],
    ["crash", /could not start/],
  ])("the fault %s has its sentence and an action", async (fault, sentence) => {
    gate({ seat: () => ({ kind: "fault", fault }) });
    expect((await screen.findByRole("heading")).textContent).toMatch(sentence);
    expect(screen.getAllByRole("button")).toHaveLength(1);
  });

  test("a browser that lacks something is told what", async () => {
    gate({ missing: ["indexeddb", "locks"] });
    expect((await screen.findAllByRole("listitem")).map((item) => item.textContent)).toEqual([
      "Storage on this device (IndexedDB).",
      "A way to keep two tabs apart (Web Locks).",
    ]);
  });
});
