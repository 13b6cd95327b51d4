// What a person sees of messages that are on their way, and what they can do: the whole app on a pretend engine.
import type { ConversationId, MessageMark, NodeUrl } from "@kith/core";
import { fireEvent, screen, waitFor, within } from "@solidjs/testing-library";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { showOverlay } from "../../../app/views/shell/overlays.ts";
// What the app fetches lazily is here before the tests begin: how long that takes is not what they ask.
import "../../../app/views/conversation/message-info.tsx";
import "../../../app/views/doctor/doctor-sheet.tsx";
import "../../../app/views/nodes/nodes-sheet.tsx";
import "../../../app/views/settings/nodes-card.tsx";
import { createPretendMessenger, type Pretend } from "../../support/pretend-messenger.ts";
import { node } from "./message.ts";
import { click, dialog, open, putAwayAfterEach } from "./open-app.tsx";

const minute = 60_000;
const other = "https://other.example" as NodeUrl;
const copied: string[] = [];

putAwayAfterEach();
beforeEach(() => {
  copied.length = 0;
  vi.spyOn(navigator.clipboard, "writeText").mockImplementation(async (text) => void copied.push(text));
});

function chat(change: Parameters<Pretend["addPerson"]>[1] = {}) {
  const pretend = createPretendMessenger({ name: "Alice" });
  const id = pretend.addPerson("Bob", change);
  return { pretend, id };
}

/** The list draws nothing without a layout: what its sign does is done here by hand. */
async function info(pretend: Pretend, id: ConversationId, mark: MessageMark, text = "Hello Bob") {
  const message = pretend.say(id, text, mark, Date.now() - 10 * minute);
  open(pretend, `/c/${id}`);
  await screen.findByRole("form", { name: "Message" });
  let shown: Parameters<typeof showOverlay>[0] | undefined;
  pretend.messenger.timeline(id, 10).subscribe(({ messages }) => {
    const found = messages.find((each) => each.id === message);
    if (found) shown = { kind: "message", conversation: id, message: found };
  })();
  showOverlay(shown!);
  return dialog("Message info");
}

describe("the list of chats", () => {
  test("says of the last words of one's own how far they got, and marks what did not get there", async () => {
    const { pretend, id } = chat();
    const message = pretend.say(id, "Hello Bob", { kind: "delivered", atMs: Date.now() });
    open(pretend, "/");
    const line = await screen.findByRole("link", { name: /Bob.*Delivered.*Hello Bob/ });
    pretend.mark(id, message, { kind: "refused" });
    await waitFor(() => expect(line.textContent).toContain("Could not be opened"));
    expect(line.querySelector(".sign-refused")).not.toBeNull();
    pretend.receive(id, "Hello Alice");
    await waitFor(() => expect(line.querySelector(".sign")).toBeNull());
  });
});

describe("the facts of a message", () => {
  test("are told with their times, for each device", async () => {
    const { pretend, id } = chat({ devices: 2 });
    const sheet = await info(pretend, id, { kind: "read", atMs: Date.now() - minute });
    expect(sheet.textContent).toContain("Hello Bob");
    expect(
      within(sheet)
        .getAllByRole("listitem")
        .map((item) => item.textContent),
    ).toEqual([
      expect.stringMatching(/^Saved on this device/),
      expect.stringMatching(/^Delivered.*\d/),
      expect.stringMatching(/^Read.*\d/),
    ]);
    expect(within(sheet).queryByRole("button", { name: "Send again" })).toBeNull();
  });

  test("say which node keeps it, and until when", async () => {
    const { pretend, id } = chat();
    const sheet = await info(pretend, id, { kind: "held", untilMs: new Date(2026, 11, 24).getTime() });
    expect(sheet.textContent).toContain("node.example keeps it until 24 December 2026");
    expect(sheet.textContent).toContain("Not delivered yet");
    expect(sheet.textContent).toContain("Kith keeps trying by itself.");
  });

  test("say which contact keeps it where no node does", async () => {
    const { pretend, id } = chat();
    const sheet = await info(pretend, id, { kind: "kept", untilMs: new Date(2026, 11, 24).getTime() });
    expect(sheet.textContent).toContain("Carol keeps it until 24 December 2026 and hands it over");
    expect(sheet.textContent).toContain("Kith keeps trying by itself.");
  });

  test.each<[string, MessageMark, RegExp]>([
    ["expired", { kind: "expired" }, /its time is over/],
    ["refused", { kind: "refused" }, /Could not open it/],
    ["full", { kind: "trouble", trouble: { node: other, what: "full", atMs: 0 } }, /other\.example has no room/],
    [
      "lost by its node",
      { kind: "trouble", trouble: { node: other, what: "broke-promise", atMs: 0 } },
      /other\.example promised to keep it .* does not have it any more/,
    ],
  ])("of one that is %s have all ways on", async (_name, mark, words) => {
    const { pretend, id } = chat();
    const sheet = await info(pretend, id, mark);
    expect(sheet.textContent).toMatch(words);
    fireEvent.click(within(sheet).getByRole("button", { name: "Copy text" }));
    await waitFor(() => expect(copied).toEqual(["Hello Bob"]));
    fireEvent.click(within(sheet).getByRole("button", { name: "Send again" }));
    expect(await screen.findByText("It is being sent again.")).toBeTruthy();
    expect(pretend.calls).toContain("sendAgain");
  });

  test("lead to another node", async () => {
    const { pretend, id } = chat();
    const sheet = await info(pretend, id, { kind: "expired" });
    fireEvent.click(within(sheet).getByRole("button", { name: "Use another node" }));
    const nodes = await dialog("Keep at other nodes");
    fireEvent.input(within(nodes).getByLabelText("Add a node by its address"), { target: { value: "other.example" } });
    fireEvent.click(within(nodes).getByRole("button", { name: "Add" }));
    fireEvent.click(within(nodes).getByRole("button", { name: "Keep it there" }));
    await waitFor(() => expect(pretend.calls).toContain(`moveConversation ${node} ${other}`));
    expect(screen.queryByRole("dialog", { name: "Keep at other nodes" })).toBeNull();
  });

  test("say so when sending again has nothing to do", async () => {
    const { pretend, id } = chat();
    pretend.faults.again = "nothing-to-send";
    const sheet = await info(pretend, id, { kind: "expired" });
    fireEvent.click(within(sheet).getByRole("button", { name: "Send again" }));
    expect(await screen.findByText(/nothing to send again/)).toBeTruthy();
  });
});

describe("a conversation that heals or lacks something", () => {
  beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
  afterEach(() => void vi.useRealTimers());

  test("says so in one quiet line each, and one can still write", async () => {
    const { pretend, id } = chat();
    pretend.state(id, { healingSinceMs: Date.now(), missing: 2 });
    open(pretend, `/c/${id}`);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(screen.getByText("Keys are being renewed. What you write is sent by itself.")).toBeTruthy();
    expect(screen.getByText("2 messages from Bob have not arrived yet. They have been asked for again.")).toBeTruthy();
    expect(screen.getByRole("form", { name: "Message" })).toBeTruthy();
    pretend.state(id, { healingSinceMs: undefined, missing: 1 });
    expect(screen.queryByText(/Keys are being renewed/)).toBeNull();
    expect(screen.getByText("1 message from Bob has not arrived yet. It has been asked for again.")).toBeTruthy();
    pretend.state(id, { missing: 0 });
    expect(screen.queryByText(/not arrived yet/)).toBeNull();
  });

  test("does not speak of what passes in a moment", async () => {
    const { pretend, id } = chat();
    open(pretend, `/c/${id}`);
    await vi.advanceTimersByTimeAsync(100);
    pretend.state(id, { missing: 1 });
    await vi.advanceTimersByTimeAsync(2_000);
    pretend.state(id, { missing: 0 });
    await vi.advanceTimersByTimeAsync(100);
    pretend.state(id, { missing: 1 });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(screen.queryByText(/not arrived yet/)).toBeNull();
  });

  test("tells screen readers of renewed keys and of a message that failed, and not of what was so before", async () => {
    const { pretend, id } = chat();
    pretend.say(id, "long ago", { kind: "expired" }, Date.now() - 20 * minute);
    const sent = pretend.say(id, "now", { kind: "saved" });
    open(pretend, `/c/${id}`);
    await vi.advanceTimersByTimeAsync(100);
    const log = screen.getByRole("log");
    expect(log.textContent).toBe("");
    pretend.mark(id, sent, { kind: "refused" });
    expect(log.textContent).toMatch(/Bob’s device could not open this message/);
    pretend.notice(id);
    expect(log.textContent).toMatch(/Keys were renewed\. What had not arrived is sent again\./);
  });
});

describe("privacy and nodes in the settings", () => {
  test("receipts are turned off, with what that means", async () => {
    const pretend = createPretendMessenger({ name: "Alice" });
    open(pretend, "/settings");
    const toggle = await screen.findByRole<HTMLInputElement>("switch", { name: "Read receipts" });
    expect(toggle.checked).toBe(true);
    expect(document.getElementById(toggle.getAttribute("aria-describedby") ?? "")?.textContent).toContain(
      "you do not see theirs either",
    );
    fireEvent.click(toggle);
    await waitFor(() => expect(pretend.calls).toContain("setReceipts false"));
    expect(toggle.checked).toBe(false);
  });

  test("a switch springs back when the change could not be kept", async () => {
    const pretend = createPretendMessenger({ name: "Alice" });
    pretend.faults.write = "storage-full";
    open(pretend, "/settings");
    const toggle = await screen.findByRole<HTMLInputElement>("switch", {
      name: "Hide my internet address from everybody",
    });
    fireEvent.click(toggle);
    expect(await screen.findByText(/no room left/)).toBeTruthy();
    expect(toggle.checked).toBe(false);
  });

  test("nodes are added, put in order and removed; the last one stays", async () => {
    const pretend = createPretendMessenger({ name: "Alice" });
    open(pretend, "/settings");
    const field = await screen.findByLabelText<HTMLInputElement>("Add a node by its address");
    expect(screen.queryByRole("button", { name: "Remove node.example" })).toBeNull();
    expect(screen.queryByText(/is still asked for 30 days/)).toBeNull();
    fireEvent.input(field, { target: { value: "node.example" } });
    await click("Add");
    expect((await screen.findByRole("alert")).textContent).toContain("in the list already");
    fireEvent.input(field, { target: { value: "other.example" } });
    await click("Add");
    await click("Move other.example up");
    await click("Remove node.example");
    await waitFor(() =>
      expect(pretend.calls.filter((call) => call.startsWith("setNodes"))).toEqual([
        `setNodes ${node} ${other}`,
        `setNodes ${other} ${node}`,
        `setNodes ${other}`,
      ]),
    );
    expect(screen.getByText(/is still asked for 30 days/)).toBeTruthy();
  });

  test("a person can be kept from learning my address, unless everybody is", async () => {
    const { pretend, id } = chat();
    open(pretend, `/c/${id}/info`);
    const toggle = await screen.findByRole<HTMLInputElement>("switch", { name: "Hide my internet address from Bob" });
    fireEvent.click(toggle);
    await waitFor(() => expect(pretend.calls).toContain("setContactRelayOnly true"));
    await pretend.messenger.setRelayOnly(true);
    expect(toggle.disabled).toBe(true);
    expect(screen.getByText(/You hide it from everybody/)).toBeTruthy();
  });
});

describe("keeping for others", () => {
  test("is agreed to for one person, in words that say what each learns", async () => {
    const { pretend, id } = chat();
    open(pretend, `/c/${id}/info`);
    const name = "Keep messages for Bob when no node is in reach";
    const toggle = await screen.findByRole<HTMLInputElement>("switch", { name });
    expect(screen.getByText(/You see who Bob writes to and when, Bob sees whom you both know\./)).toBeTruthy();
    expect(toggle.checked).toBe(false);
    fireEvent.click(toggle);
    await waitFor(() => expect(toggle.checked).toBe(true));
    expect(pretend.calls).toContain("setKeepsFor true");
    expect(screen.queryByText(/Bob keeps messages for you/)).toBeNull();
  });

  test("by the other is said", async () => {
    const { pretend, id } = chat({ keeper: true });
    open(pretend, `/c/${id}/info`);
    expect(await screen.findByText("Bob keeps messages for you when no node is in reach.")).toBeTruthy();
  });
});

describe("why somebody cannot be reached", () => {
  test("is asked from the head of the chat, looked at again, and copied without names", async () => {
    const { pretend, id } = chat({ presence: { kind: "away", lastHeardMs: Date.now() - 5 * minute } });
    open(pretend, `/c/${id}`);
    await click("Why can’t I reach Bob?");
    const sheet = await dialog("Reaching Bob");
    expect(sheet.textContent).toMatch(/Bob was last heard/);
    pretend.onProbe = () => pretend.diagnosis(id, { presence: { kind: "here" }, path: "direct" });
    fireEvent.click(within(sheet).getByRole("button", { name: "Check again" }));
    expect(pretend.calls).toContain("probe");
    expect(within(sheet).getByRole("status").textContent).toMatch(/Looking again/);
    expect(sheet.textContent).toContain("Bob is here, and you are connected directly.");
    fireEvent.click(within(sheet).getByRole("button", { name: "Copy report" }));
    await waitFor(() => expect(copied).toHaveLength(1));
    expect(copied[0]).toMatch(/^Kith connection report/);
    expect(copied[0]).not.toMatch(/Bob|Alice|example/);
  });

  test("is asked from the line about the connection, when their chat is open", async () => {
    const { pretend, id } = chat();
    pretend.network({ kind: "offline", node, sinceMs: Date.now() - 9 * minute, reason: "unreachable" });
    open(pretend, `/c/${id}`);
    await click("Why?");
    const why = await dialog("What this means");
    fireEvent.click(within(why).getByRole("button", { name: "Why can’t I reach Bob?" }));
    expect(await dialog("Reaching Bob")).toBeTruthy();
    expect(screen.queryByRole("dialog", { name: "What this means" })).toBeNull();
  });

  test("is not asked of somebody who is here", async () => {
    const { pretend, id } = chat({ presence: { kind: "here" } });
    open(pretend, `/c/${id}`);
    await screen.findByRole("form", { name: "Message" });
    expect(screen.queryByRole("button", { name: /Why can’t/ })).toBeNull();
  });
});

describe("invitations", () => {
  test("two open ones are told apart, and withdrawing asks once more", async () => {
    const pretend = createPretendMessenger({ name: "Alice" });
    open(pretend, "/invite");
    const field = await screen.findByLabelText<HTMLInputElement>("Your invitation link");
    const first = field.value;
    await click("Make another link");
    await waitFor(() => expect(field.value).not.toBe(first));
    const withdraw = await screen.findAllByRole("button", { name: /^Withdraw the invitation/ });
    expect(new Set(withdraw.map((each) => each.getAttribute("aria-label"))).size).toBe(2);
    await click(/^Show the invitation/);
    expect(field.value).toBe(first);
    await click(new RegExp(`^Withdraw the invitation .*${first.slice(-5)}$`));
    expect(pretend.calls).not.toContain("withdrawInvite");
    await click("Withdraw");
    await waitFor(() => expect(pretend.calls).toContain("withdrawInvite"));
  });

  test("say where a link leads that works only here", async () => {
    open(createPretendMessenger({ name: "Alice" }), "/invite");
    expect(await screen.findByText("This link works only on this computer: it leads to localhost.")).toBeTruthy();
  });
});
