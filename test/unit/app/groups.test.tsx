// Groups, the whole app on a pretend engine: what a person sees of one in the list and opened, and when its owner is gone.
import { cleanup, fireEvent, screen, waitFor, within } from "@solidjs/testing-library";
import { describe, expect, test, vi } from "vitest";
// What the app fetches lazily is here before the tests begin: how long that takes is not what they ask.
import "../../../app/views/group/group-details.tsx";
import "../../../app/views/group/message-sheets.tsx";
import "../../../app/views/nodes/nodes-sheet.tsx";
import { openRules } from "../../support/pretend-group-state.ts";
import { click, dialog, open, pressIn, putAwayAfterEach } from "./open-app.tsx";
import { calls, details, group } from "./pretend-choir.ts";

const minute = 60_000;

putAwayAfterEach();

describe("a group in the list", () => {
  test("says who said the last words, and that it is muted", async () => {
    const { pretend, id, bob } = group("member");
    pretend.groups.receive(id, bob, "Tenors first");
    await pretend.messenger.groups.setMuted(id, true);
    open(pretend, "/");
    const line = await screen.findByRole("link", { name: /Choir/ });
    expect(line.textContent).toContain("Bob: Tenors first");
    expect(within(line).getByRole("img", { name: "Muted" })).toBeTruthy();
    expect(document.title).toBe("Kith");
  });
});

describe("who types in a group", () => {
  const said = () => within(screen.getByRole("log")).queryAllByText(/typing…/);

  test("is named in its head, and counted from three on", async () => {
    const { pretend, id, bob, carol, mallory } = group("member");
    open(pretend, `/c/${id}`);
    const main = within(await screen.findByRole("main", { name: "Group Choir" }));
    pretend.groups.change(id, { typing: [bob] });
    expect(await main.findByText("Bob is typing…")).toBeTruthy();
    pretend.groups.change(id, { typing: [bob, carol] });
    expect(await main.findByText("Bob and Carol are typing…")).toBeTruthy();
    pretend.groups.change(id, { typing: [bob, carol, mallory] });
    expect(await main.findByText("3 people are typing…")).toBeTruthy();
    pretend.groups.change(id, { typing: [] });
    expect(await main.findByText(/4 members/)).toBeTruthy();
  });

  test("is read out when it begins, not with everybody who joins in or pauses", async () => {
    const { pretend, id, bob, carol } = group("member");
    open(pretend, `/c/${id}`);
    const main = within(await screen.findByRole("main", { name: "Group Choir" }));
    const before = said().length;
    pretend.groups.change(id, { typing: [carol] });
    await waitFor(() => expect(said().map((line) => line.textContent)).toContain("Carol is typing…"));
    for (const typing of [[carol, bob], [], [bob]]) {
      pretend.groups.change(id, { typing });
      await main.findByText(typing.length === 0 ? /4 members/ : typing.length === 2 ? /are typing…/ : /is typing…/);
    }
    expect(said()).toHaveLength(before + 1);
  });
});

describe("a change of mine", () => {
  test("that waits is shown with what it waits for, and can be taken back", async () => {
    const chosen = group("owner");
    chosen.pretend.groups.waits = "node";
    vi.spyOn(Date, "now").mockReturnValue(Date.now() - minute);
    await chosen.pretend.messenger.groups.changeGroup(chosen.id, { kind: "add", people: [chosen.dana] });
    vi.restoreAllMocks();
    open(chosen.pretend, `/c/${chosen.id}`);
    const waiting = await screen.findByRole("list", { name: "Changes that are not in force yet" });
    expect(waiting.textContent).toContain("Adding Dana… It waits for a node. Messages go on meanwhile.");
    await waitFor(() => expect(screen.getByRole("log").textContent).toContain("Adding Dana… It waits for a node."));
    pressIn(waiting, "Cancel: Adding Dana…");
    await waitFor(() => expect(screen.queryByRole("list", { name: /not in force/ })).toBeNull());
    expect(calls(chosen.pretend, "cancelChange")).toHaveLength(1);
  });
});

describe("where one cannot write", () => {
  const noComposer = async () => {
    expect(screen.queryByRole("form", { name: "Message" })).toBeNull();
  };

  test("an announcement group says who writes, and lets its admins", async () => {
    const { pretend, id } = group("member");
    pretend.groups.change(id, { rules: { ...openRules, writers: "admins" } });
    open(pretend, `/c/${id}`);
    expect(await screen.findByText("Only owner and admins write here.")).toBeTruthy();
    await noComposer();
    cleanup();
    const led = group("admin");
    led.pretend.groups.change(led.id, { rules: { ...openRules, writers: "admins" } });
    open(led.pretend, `/c/${led.id}`);
    expect(await screen.findByRole("form", { name: "Message" })).toBeTruthy();
  });

  test("a group one left does not count them any more, though nobody has taken that in yet", async () => {
    const { pretend, id } = group("member");
    await pretend.messenger.groups.leaveGroup(id);
    open(pretend, `/c/${id}`);
    expect(await screen.findByText("You left this group. The history stays here.")).toBeTruthy();
    expect(screen.getByText(/members/).textContent).toBe("3 members · Bob, Carol, Mallory");
  });

  test("a group one was removed from says by whom, and can be deleted here", async () => {
    const { pretend, id, me, bob } = group("member");
    pretend.groups.act(id, bob, { kind: "remove", account: me });
    open(pretend, `/c/${id}`);
    expect(await screen.findByText("Bob removed you from this group. The history stays here.")).toBeTruthy();
    await noComposer();
    await click("Delete this group here");
    const asked = await dialog("Delete “Choir” here?");
    expect(calls(pretend, "deleteGroup")).toEqual([]);
    pressIn(asked, "Delete");
    await waitFor(() => expect(calls(pretend, "deleteGroup")).toHaveLength(1));
    await waitFor(() => expect(screen.queryByRole("link", { name: /Choir/ })).toBeNull());
  });

  test("slow mode counts down and sends nothing before; what is written stays", async () => {
    const { pretend, id } = group("member");
    pretend.groups.change(id, { rules: { ...openRules, slowModeS: 300 }, saidAtMs: Date.now() - minute });
    open(pretend, `/c/${id}`);
    const field = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Message to Choir" });
    expect(screen.getByText(/^Slow mode: you can send again in (4:00|3:59)\.$/).closest("[role=status]")).toBeNull();
    fireEvent.input(field, { target: { value: "Hello" } });
    fireEvent.keyDown(field, { key: "Enter" });
    expect(calls(pretend, "sendText")).toEqual([]);
    expect(field.value).toBe("Hello");
    pretend.groups.change(id, { saidAtMs: Date.now() - 10 * minute });
    fireEvent.keyDown(field, { key: "Enter" });
    await waitFor(() => expect(calls(pretend, "sendText")).toEqual(["sendText Hello"]));
  });
});

describe("an owner who is gone", () => {
  test("is said to be by an admin, who chooses who should be the owner and sees what that takes", async () => {
    const { pretend, id } = group("admin", { bob: "owner", carol: "admin" });
    const about = await details({ pretend, id });
    pressIn(about, "The owner is gone");
    const sheet = await dialog("Who should be the owner?");
    expect(within(sheet).getByText(/It takes 2 of 2. Their devices then wait 14 days. If Bob writes/)).toBeTruthy();
    fireEvent.click(within(sheet).getByRole("radio", { name: /You/ }));
    pressIn(sheet, "Propose");
    await waitFor(() => expect(calls(pretend, "proposeOwner")).toHaveLength(1));
    expect(await within(about).findByText("1 of 2 agree. It takes 2.")).toBeTruthy();
    pressIn(about, "Take it back");
    await waitFor(() => expect(within(about).queryByText("1 of 2 agree. It takes 2.")).toBeNull());
  });

  test("sees who says so, and ends it with one press", async () => {
    const { pretend, id, bob } = group("owner");
    pretend.groups.miss(id, bob, [bob]);
    const about = await details({ pretend, id });
    expect(within(about).getByText("Bob says that you are gone. You are here: that ends it.")).toBeTruthy();
    pressIn(about, "I am here");
    await waitFor(() => expect(within(about).queryByText(/says that you are gone/)).toBeNull());
  });

  test("is nothing that one person decides: the only admin is told of the copy they can make", async () => {
    const { pretend, id } = group("admin", { bob: "owner" });
    const about = await details({ pretend, id });
    expect(within(about).getByText(/If Bob is gone for good: nobody takes an owner's place alone/)).toBeTruthy();
    expect(within(about).queryByRole("button", { name: "The owner is gone" })).toBeNull();
  });

  test("is no matter of members where there are admins", async () => {
    const { pretend, id } = group("member", { bob: "admin" });
    const about = await details({ pretend, id });
    expect(within(about).queryByRole("button", { name: "The owner is gone" })).toBeNull();
  });
});
