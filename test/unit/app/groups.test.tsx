// Groups, the whole app on a pretend engine: what a person sees and does.
import type { AccountId, ConversationId, GroupRole, MessageView } from "@kith/core";
import { cleanup, fireEvent, render, screen, waitFor, within } from "@solidjs/testing-library";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OpenApp } from "../../../app/app.tsx";
import { GroupTalkContext } from "../../../app/views/group/group-talk.ts";
// What the app fetches lazily is here before the tests begin: how long that takes is not what they ask.
import "../../../app/views/conversation/message-info.tsx";
import "../../../app/views/group/group-details.tsx";
import "../../../app/views/group/message-sheets.tsx";
import "../../../app/views/nodes/nodes-sheet.tsx";
import "../../../app/views/new-group/new-group-page.tsx";
import { MessengerContext } from "../../../app/live/messenger-context.ts";
import { MessageMenu } from "../../../app/views/conversation/message-menu.tsx";
import { MessageRow } from "../../../app/views/conversation/message-row.tsx";
import { createGroupTalk } from "../../../app/views/group/group-talk.ts";
import { closeOverlay, showOverlay } from "../../../app/views/shell/overlays.ts";
import { openRules } from "../../support/pretend-group-state.ts";
import { createPretendMessenger, type Pretend } from "../../support/pretend-messenger.ts";
import { node } from "./message.ts";

const minute = 60_000;

beforeEach(() => {
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
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function open(pretend: Pretend, path: string) {
  window.location.hash = path;
  return render(() => <OpenApp messenger={pretend.messenger} node={node} />);
}
const button = (name: string | RegExp) => screen.findByRole("button", { name });
const click = async (name: string | RegExp) => fireEvent.click(await button(name));
const dialog = (name: string) => screen.findByRole("dialog", { name });
const pressIn = (where: HTMLElement, name: string | RegExp) =>
  fireEvent.click(within(where).getByRole("button", { name }));
const calls = (pretend: Pretend, of: string) => pretend.calls.filter((call) => call.startsWith(of));

function accountOf(pretend: Pretend, id: ConversationId): AccountId {
  let account: AccountId | undefined;
  pretend.messenger.conversation(id).subscribe((view) => {
    account = view?.contact;
  })();
  return account!;
}

/** Alice in a group with Bob and Carol, her contacts, and Mallory, a stranger. */
function group(role: GroupRole, others: { bob?: GroupRole; carol?: GroupRole } = {}) {
  const pretend = createPretendMessenger({ name: "Alice" });
  const bob = accountOf(pretend, pretend.addPerson("Bob"));
  const carol = accountOf(pretend, pretend.addPerson("Carol"));
  const dana = accountOf(pretend, pretend.addPerson("Dana"));
  const mallory = pretend.groups.stranger("Mallory");
  const me = "aa".repeat(32) as AccountId;
  const id = pretend.groups.add("Choir", [
    [me, role],
    [bob, others.bob ?? (role === "owner" ? "admin" : "owner")],
    [carol, others.carol ?? "member"],
    [mallory, "member"],
  ]);
  return { pretend, id, me, bob, carol, dana, mallory };
}
const details = async ({ pretend, id }: { pretend: Pretend; id: ConversationId }) => {
  open(pretend, `/c/${id}/info`);
  return screen.findByRole("complementary", { name: "About the group Choir" });
};

describe("a copy of a group", () => {
  test("takes contacts along, tells the others of a link, and is opened", async () => {
    const all = group("member");
    const { pretend, id } = all;
    await details(all);
    await click("Make a copy of this group");
    const sheet = await dialog("Make a copy of this group");
    fireEvent.click(within(sheet).getByRole("checkbox", { name: /Carol/ }));
    fireEvent.input(within(sheet).getByLabelText("Name of the group"), { target: { value: "Old choir" } });
    expect(within(sheet).getByRole("switch", { name: "A link for 2 others" })).toBeTruthy();
    pressIn(sheet, "Make the copy");
    await waitFor(() => expect(window.location.hash).not.toContain(id));
    expect(calls(pretend, "forkGroup")).toEqual(["forkGroup Old choir"]);
    expect(calls(pretend, "createGroupInvite")).toEqual(["createGroupInvite 2"]);
    expect(await screen.findByRole("main", { name: /^Group Old choir/ })).toBeTruthy();
    let said: MessageView["body"] | undefined;
    pretend.messenger.timeline(id, 10).subscribe(({ messages }) => {
      said = messages.at(-1)?.body;
    })();
    expect(said).toMatchObject({ kind: "text", text: expect.stringMatching(/“Old choir”.*#\/i\//) });
  });

  test("tells how far it is, and is not made when it is stopped or its sheet closed", async () => {
    const all = group("member");
    const { pretend, id } = all;
    const copies: { signal: { aborted: boolean }; end: () => void }[] = [];
    pretend.messenger.groups.forkGroup = (_id, _choice, watch) =>
      new Promise((resolve) => {
        if (watch === undefined) throw new Error("nobody watches");
        const { signal, read } = watch;
        read(700);
        copies.push({ signal, end: () => resolve({ ok: false, error: "cancelled" }) });
      });
    await details(all);
    await click("Make a copy of this group");
    const sheet = await dialog("Make a copy of this group");
    pressIn(sheet, "Make the copy");
    expect(await within(sheet).findByText("700 messages read.")).toBeTruthy();
    pressIn(sheet, "Stop copying");
    expect(copies[0]?.signal.aborted).toBe(true);
    copies[0]?.end();
    await within(sheet).findByRole("button", { name: "Make the copy" });
    expect(within(sheet).queryByRole("alert")).toBeNull();
    pressIn(sheet, "Make the copy");
    await waitFor(() => expect(copies).toHaveLength(2));
    pressIn(sheet, "Close");
    expect(copies[1]?.signal.aborted).toBe(true);
    expect(window.location.hash).toContain(id);
  });

  test("is made of a group that ended, of which nobody is told, and says what is wrong with its name", async () => {
    const all = group("member");
    const { pretend, id, me, bob } = all;
    pretend.groups.act(id, bob, { kind: "remove", account: me });
    await details(all);
    await click("Make a copy of this group");
    const sheet = await dialog("Make a copy of this group");
    expect(within(sheet).queryByRole("switch", { name: "Send the link to this group" })).toBeNull();
    fireEvent.input(within(sheet).getByLabelText("Name of the group"), { target: { value: " " } });
    pressIn(sheet, "Make the copy");
    expect(await within(sheet).findByRole("alert")).toBeTruthy();
    expect(calls(pretend, "createGroupInvite")).toEqual([]);
  });
});

describe("a new group", () => {
  test("is made from the list with a name, a picture and people", async () => {
    const pretend = createPretendMessenger({ name: "Alice" });
    for (const name of ["Bob", "Carol", "Dana"]) pretend.addPerson(name);
    pretend.addPerson("Eve", { standing: "request" });
    open(pretend, "/");
    await click("New chat or group");
    fireEvent.click(await screen.findByRole("menuitem", { name: "New group" }));
    fireEvent.input(await screen.findByLabelText("Name of the group"), { target: { value: "Choir" } });
    fireEvent.click(await screen.findByLabelText("🎶"));
    const person = (name: string) => screen.queryByRole("checkbox", { name });
    expect(person("Bob")).toBeTruthy();
    expect(person("Eve")).toBeNull();
    fireEvent.input(screen.getByLabelText("Find a contact"), { target: { value: "car" } });
    expect(person("Bob")).toBeNull();
    fireEvent.keyDown(screen.getByLabelText("Find a contact"), { key: "Enter" });
    fireEvent.click(person("Dana")!);
    const chips = screen.getByRole("list", { name: "Chosen" });
    expect(within(chips).getAllByRole("button")).toHaveLength(2);
    fireEvent.click(within(chips).getByRole("button", { name: "Dana take out again" }));
    await click("Create group");
    expect(await screen.findByRole("main", { name: "Group Choir" })).toBeTruthy();
    expect(pretend.calls).toContain("createGroup Choir");
    pretend.groups.settle();
    expect((await screen.findByRole("heading", { name: "Choir" })).parentElement?.textContent).toContain(
      "2 members · Carol, you",
    );
  });

  test("without a name says what is missing and can be mended", async () => {
    const pretend = createPretendMessenger({ name: "Alice" });
    open(pretend, "/new-group");
    await click("Create with nobody else yet");
    expect((await screen.findByRole("alert")).textContent).toContain("give the group a name");
    fireEvent.input(screen.getByLabelText("Name of the group"), { target: { value: "Choir" } });
    await click("Create with nobody else yet");
    expect(await screen.findByRole("main", { name: "Group Choir" })).toBeTruthy();
  });

  test("is offered by the palette", async () => {
    open(createPretendMessenger({ name: "Alice" }), "/");
    await screen.findByRole("heading", { name: "Chats" });
    showOverlay("palette");
    fireEvent.click(await screen.findByRole("option", { name: /New group/ }));
    expect(await screen.findByRole("main", { name: "New group" })).toBeTruthy();
  });
});

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

describe("the details of a group", () => {
  test("list its members with role, own name, and who is no contact", async () => {
    const chosen = group("member");
    await chosen.pretend.messenger.groups.setKnownAs(chosen.carol, "Carol from next door");
    const part = await details(chosen);
    const members = within(within(part).getByRole("list", { name: "Members" })).getAllByRole("listitem");
    expect(members.map((each) => each.textContent)).toEqual([
      expect.stringMatching(/Bob.*Owner$/),
      expect.stringMatching(/Alice \(you\)/),
      expect.stringMatching(/Carol from next door~Carolcalls themselves Carol/),
      expect.stringMatching(/Mallory.*No contact of yours/),
    ]);
  });

  test("offer a member nothing that only admins may do", async () => {
    const part = await details(group("member"));
    for (const name of [/Edit name/, /Add people/, /New link/, /Change the rules/, /Keep at other nodes/])
      expect(within(part).queryByRole("button", { name })).toBeNull();
    pressIn(part, "What to do about Carol");
    const items = (await screen.findAllByRole("menuitem")).map((each) => each.textContent);
    expect(items).toEqual(["Open your chat", "Block"]);
  });

  test("offer an owner everything, and an admin what ranks below", async () => {
    const items = async (name: string) => {
      await click(`What to do about ${name}`);
      const found = (await screen.findAllByRole("menuitem")).map((each) => each.textContent);
      fireEvent.keyDown(screen.getByRole("menu"), { key: "Escape" });
      return found;
    };
    await details(group("owner"));
    expect(await items("Bob")).toEqual([
      "Open your chat",
      "Take admin rights away",
      "Hand the group over",
      "Remove from the group",
      "Block",
    ]);
    expect(await items("Mallory")).toEqual(["Make admin", "Hand the group over", "Remove from the group", "Block"]);
    cleanup();
    await details(group("admin"));
    expect(await items("Bob")).toEqual(["Open your chat", "Block"]);
    expect(await items("Mallory")).toEqual(["Remove from the group", "Block"]);
  });

  test("ask once more before somebody is removed", async () => {
    const chosen = group("owner");
    await details(chosen);
    await click("What to do about Mallory");
    fireEvent.click(await screen.findByRole("menuitem", { name: "Remove from the group" }));
    const asked = await dialog("Remove Mallory from the group?");
    expect(calls(chosen.pretend, "changeGroup")).toEqual([]);
    pressIn(asked, "Remove");
    await waitFor(() => expect(calls(chosen.pretend, "changeGroup")).toEqual(["changeGroup remove"]));
    chosen.pretend.groups.settle();
    await waitFor(() => expect(screen.queryByRole("button", { name: "What to do about Mallory" })).toBeNull());
  });

  test("of a stranger warn, give the number to compare and mark it as compared", async () => {
    await details(group("member"));
    await click(/^Mallory/);
    const sheet = await dialog("About Mallory");
    expect(sheet.textContent).toContain("You know Mallory from groups only.");
    expect(within(sheet).getByRole("list", { name: "Safety number" }).children).toHaveLength(12);
    pressIn(sheet, "Mark as verified");
    expect(await within(sheet).findByRole("button", { name: "Remove verification" })).toBeTruthy();
    expect(sheet.textContent).not.toContain("You know Mallory from groups only.");
  });

  test("give a member a name of one's own", async () => {
    const chosen = group("member");
    await details(chosen);
    await click(/^Mallory/);
    const sheet = await dialog("About Mallory");
    fireEvent.input(within(sheet).getByLabelText("My name for Mallory"), { target: { value: "The loud one" } });
    pressIn(sheet, "Save name");
    expect(await dialog("About The loud one")).toBeTruthy();
    expect(chosen.pretend.calls).toContain("setKnownAs The loud one");
  });

  test("change name, picture and description in place, each only where it is another", async () => {
    const chosen = group("owner");
    const part = await details(chosen);
    pressIn(part, "Edit name and picture");
    expect((within(part).getByLabelText("Name") as HTMLInputElement).value).toBe("Choir");
    fireEvent.input(within(part).getByLabelText("Description"), { target: { value: "We sing" } });
    fireEvent.click(within(part).getByLabelText("🎶"));
    pressIn(part, "Save");
    await waitFor(() =>
      expect(calls(chosen.pretend, "changeGroup")).toEqual(["changeGroup describe", "changeGroup picture"]),
    );
    chosen.pretend.groups.settle();
    expect(await within(part).findByText("We sing")).toBeTruthy();
  });

  test("say what is wrong with a name, and keep what was typed", async () => {
    const chosen = group("owner");
    const part = await details(chosen);
    pressIn(part, "Edit name and picture");
    fireEvent.input(within(part).getByLabelText("Name"), { target: { value: " " } });
    pressIn(part, "Save");
    expect(await screen.findByText(/give the group a name of at most 60/)).toBeTruthy();
    expect(within(part).getByRole("button", { name: "Save" })).toBeTruthy();
  });

  test("change the rules", async () => {
    const chosen = group("owner");
    await details(chosen);
    await click("Change the rules");
    const sheet = await dialog("Change the rules");
    const save = within(sheet).getByRole<HTMLButtonElement>("button", { name: "Save rules" });
    expect(save.disabled).toBe(true);
    fireEvent.change(within(sheet).getByLabelText("Who may write"), { target: { value: "admins" } });
    fireEvent.change(within(sheet).getByLabelText("Slow mode"), { target: { value: "60" } });
    fireEvent.click(save);
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    chosen.pretend.groups.settle();
    expect(await screen.findByText("One message every 1 minute")).toBeTruthy();
    expect(screen.getByText("Only owner and admins")).toBeTruthy();
  });

  test("move the group to other nodes, which waits like every change", async () => {
    const chosen = group("admin");
    chosen.pretend.groups.waits = "new-node";
    const part = await details(chosen);
    const kept = within(part).getByRole("region", { name: "Where it is kept" });
    expect(kept.textContent).toContain("node.example");
    await click("Keep at other nodes…");
    const sheet = await dialog("Keep at other nodes");
    expect(sheet.textContent).toContain("Links to the group that exist stay at the node where they were made.");
    fireEvent.input(within(sheet).getByLabelText("Add a node by its address"), { target: { value: "b.example" } });
    pressIn(sheet, "Add");
    pressIn(sheet, "Keep it there");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(calls(chosen.pretend, "changeGroup")).toEqual([`changeGroup move ${node} https://b.example`]);
    expect(calls(chosen.pretend, "moveConversation")).toEqual([]);
    const waiting = await screen.findAllByText(/Moving the group to node\.example, b\.example/);
    expect(waiting.length).toBeGreaterThan(0);
    expect(screen.getAllByText(/It waits until the first of the new nodes answers/).length).toBeGreaterThan(0);
    chosen.pretend.groups.settle();
    expect(await screen.findByText("You moved the group to node.example, b.example")).toBeTruthy();
  });

  test("show members where the group is kept, and nothing to change there", async () => {
    const part = await details(group("member"));
    const kept = within(part).getByRole("region", { name: "Where it is kept" });
    expect(kept.textContent).toContain("node.example");
    expect(within(kept).queryByRole("button")).toBeNull();
  });

  test("add contacts who are not in it yet", async () => {
    const chosen = group("admin");
    await details(chosen);
    await click("Add people");
    const sheet = await dialog("Add people");
    expect(within(sheet).getAllByRole("checkbox")).toHaveLength(1);
    fireEvent.click(within(sheet).getByRole("checkbox", { name: "Dana" }));
    pressIn(sheet, "Add");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    chosen.pretend.groups.settle();
    expect(await button(/^Dana/)).toBeTruthy();
  });

  test("let in or refuse who came by a link", async () => {
    const chosen = group("admin");
    const request = (letter: string, name: string) => ({ account: letter.repeat(64) as AccountId, name, atMs: 0 });
    chosen.pretend.groups.change(chosen.id, { requests: [request("e", "Eve"), request("f", "Fay")] });
    await details(chosen);
    await click("Refuse Eve");
    await click("Let in Fay");
    await waitFor(() =>
      expect(calls(chosen.pretend, "answerJoinRequest")).toEqual(["answerJoinRequest false", "answerJoinRequest true"]),
    );
    expect(await button(/^Fay/)).toBeTruthy();
    expect(screen.queryByRole("heading", { name: "Want to join" })).toBeNull();
  });

  test("make a link with an end and a budget, show it as a code, and withdraw it after asking", async () => {
    const chosen = group("admin");
    await details(chosen);
    await click("New link");
    const sheet = await dialog("New link to the group");
    fireEvent.change(within(sheet).getByLabelText("How many people may join with it"), { target: { value: "5" } });
    pressIn(sheet, "Make link");
    const shown = await dialog("Link to Choir");
    expect(within(shown).getByRole("img", { name: "QR code of the link to the group" })).toBeTruthy();
    expect((within(shown).getByLabelText("Link to the group") as HTMLInputElement).value).toContain("/#/i/");
    expect(shown.textContent).toContain("0 of 5 joined · ends in 7 days · An admin lets in who comes by it.");
    pressIn(shown, "Close");
    await click(/^Withdraw the link/);
    const asked = await dialog("Withdraw this link?");
    expect(calls(chosen.pretend, "withdrawGroupInvite")).toEqual([]);
    pressIn(asked, "Withdraw");
    expect(await screen.findByText("No open links.")).toBeTruthy();
  });

  test("mute it", async () => {
    const chosen = group("member");
    await details(chosen);
    fireEvent.click(await screen.findByRole("switch", { name: "Mute" }));
    await waitFor(() => expect(chosen.pretend.calls).toContain("setMuted true"));
  });

  test("leave it after asking once more; the history stays", async () => {
    const chosen = group("member");
    await details(chosen);
    await click("Leave group");
    const asked = await dialog("Leave “Choir”?");
    pressIn(asked, "Leave");
    expect(await screen.findByText("You left this group. The history stays here.")).toBeTruthy();
    expect(await screen.findAllByRole("button", { name: "Delete this group here" })).toHaveLength(2);
  });

  test("lead an owner to the next one first", async () => {
    const chosen = group("owner");
    await details(chosen);
    await click("Leave group");
    const sheet = await dialog("Who takes over?");
    const next = within(sheet).getByRole<HTMLButtonElement>("button", { name: "Hand over" });
    expect(next.disabled).toBe(true);
    fireEvent.click(within(sheet).getByRole("radio", { name: /Carol/ }));
    fireEvent.click(next);
    await waitFor(() => expect(calls(chosen.pretend, "changeGroup")).toEqual(["changeGroup hand-over"]));
    expect(calls(chosen.pretend, "leaveGroup")).toEqual([]);
    chosen.pretend.groups.settle();
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await click("Leave group");
    expect(await dialog("Leave “Choir”?")).toBeTruthy();
  });
});

describe("a message in a group", () => {
  function show(chosen: ReturnType<typeof group>, find: (message: MessageView) => boolean) {
    const { pretend, id } = chosen;
    let view: Parameters<Parameters<ReturnType<typeof pretend.messenger.conversation>["subscribe"]>[0]>[0];
    let message: MessageView | undefined;
    pretend.messenger.conversation(id).subscribe((next) => {
      view = next;
    })();
    pretend.messenger.timeline(id, 50).subscribe(({ messages }) => {
      message = messages.find(find);
    })();
    const actions = { copy: vi.fn(), sendAgain: vi.fn(), info: vi.fn(), remove: vi.fn(), report: vi.fn() };
    const row = { kind: "message", key: "1", message: message!, first: true, last: true, detail: true } as const;
    render(() => (
      <MessengerContext.Provider value={pretend.messenger}>
        {(() => {
          const talk = createGroupTalk(
            () => id,
            () => view!.group!,
          );
          return (
            <GroupTalkContext.Provider value={talk}>
              <MessageRow
                row={{ ...row, newestOwn: true }}
                name="Choir"
                active={true}
                actions={actions}
                onFocus={() => undefined}
                onMenu={() => undefined}
              />
              <MessageMenu
                for={{ message: message!, at: { x: 0, y: 0 } }}
                actions={actions}
                onClose={() => undefined}
              />
            </GroupTalkContext.Provider>
          );
        })()}
      </MessengerContext.Provider>
    ));
    return { row: screen.getByRole("article"), message: message!, actions };
  }
  const texts = (message: MessageView) => message.body.kind === "text";
  const items = () => screen.queryAllByRole("menuitem").map((each) => each.textContent);

  test("says whose it is", () => {
    const chosen = group("member");
    chosen.pretend.groups.receive(chosen.id, chosen.mallory, "Hello");
    const { row } = show(chosen, texts);
    expect(row.getAttribute("aria-label")).toMatch(/^Mallory, .*: Hello$/);
    expect(row.querySelector(".message-author")?.textContent).toBe("Mallory");
  });

  test("of somebody blocked is hidden until it is asked for", async () => {
    const chosen = group("member");
    chosen.pretend.groups.receive(chosen.id, chosen.mallory, "BUY MY SEEDS");
    await chosen.pretend.messenger.groups.setBlocked(chosen.mallory, true);
    const { row } = show(chosen, texts);
    expect(row.getAttribute("aria-label")).toBe("Message of somebody you blocked");
    expect(row.textContent).not.toContain("SEEDS");
    expect(row.textContent).not.toContain("Mallory");
    fireEvent.click(within(row).getByRole("button", { name: "Show" }));
    expect(row.textContent).toContain("BUY MY SEEDS");
    expect(document.activeElement).toBe(row);
    fireEvent.click(within(row).getByRole("button", { name: "Hide again" }));
    expect(row.textContent).not.toContain("SEEDS");
  });

  test("that was taken away says who did it", () => {
    const chosen = group("member");
    chosen.pretend.groups.tell(chosen.id, chosen.mallory, { kind: "removed", by: chosen.bob });
    const { row } = show(chosen, (message) => message.body.kind === "removed");
    expect(row.textContent).toContain("Bob removed this message of Mallory");
  });

  test("of one's own says to how many it came", () => {
    const chosen = group("member");
    const id = chosen.pretend.say(chosen.id, "Hello");
    chosen.pretend.groups.reach(id, { delivered: 2, read: 1, of: 3 });
    const { row } = show(chosen, texts);
    expect(row.getAttribute("aria-label")).toMatch(/Hello\. Delivered to 2 of 3 · read by 1$/);
  });

  test.each<[GroupRole, "mine" | "theirs" | "owners", readonly string[]]>([
    ["member", "mine", ["Copy text", "Message info", "Remove for everybody"]],
    ["member", "theirs", ["Copy text", "Report to the admins"]],
    // Nobody is there who could be told of it.
    ["member", "owners", ["Copy text"]],
    ["admin", "theirs", ["Copy text", "Remove for everybody"]],
    ["admin", "owners", ["Copy text"]],
  ])("offers to a %s, for %s, what they may do", (role, whose, expected) => {
    const chosen = group(role);
    if (whose === "mine") chosen.pretend.say(chosen.id, "Hello");
    else chosen.pretend.groups.receive(chosen.id, whose === "owners" ? chosen.bob : chosen.mallory, "Hello");
    show(chosen, texts);
    expect(items()).toEqual(expected);
  });

  test("is removed for everybody, or reported, after asking", async () => {
    const chosen = group("admin");
    const id = chosen.pretend.groups.receive(chosen.id, chosen.mallory, "Hello");
    open(chosen.pretend, `/c/${chosen.id}`);
    await screen.findByRole("form", { name: "Message" });
    let message: MessageView | undefined;
    chosen.pretend.messenger.timeline(chosen.id, 9).subscribe(({ messages }) => {
      message = messages.find((each) => each.id === id);
    })();
    showOverlay({ kind: "remove", conversation: chosen.id, message: message! });
    const asked = await dialog("Remove this message for everybody?");
    expect(asked.textContent).toContain("you removed a message of Mallory");
    pressIn(asked, "Remove");
    await waitFor(() => expect(chosen.pretend.calls).toContain("removeMessage"));
    showOverlay({ kind: "report", conversation: chosen.id, message: message! });
    const sheet = await dialog("Report this message");
    fireEvent.input(within(sheet).getByLabelText("What is wrong with it?"), { target: { value: "Spam" } });
    pressIn(sheet, "Report");
    await waitFor(() => expect(chosen.pretend.calls).toContain("reportMessage Spam"));
  });

  test("has its facts per person", async () => {
    const chosen = group("member");
    const id = chosen.pretend.say(chosen.id, "Hello");
    chosen.pretend.groups.reach(id, { delivered: 2, read: 1, of: 3 });
    open(chosen.pretend, `/c/${chosen.id}`);
    await screen.findByRole("form", { name: "Message" });
    let message: MessageView | undefined;
    chosen.pretend.messenger.timeline(chosen.id, 9).subscribe(({ messages }) => {
      message = messages.find((each) => each.id === id);
    })();
    showOverlay({ kind: "message", conversation: chosen.id, message: message! });
    const sheet = await dialog("Message info");
    const under = (title: string) =>
      within(sheet).getByRole("heading", { name: title }).parentElement?.querySelector("ul")?.textContent;
    expect(under("Read by")).toContain("Bob");
    expect(under("Delivered to")).toContain("Carol");
    expect(under("Not delivered yet")).toContain("Mallory");
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
