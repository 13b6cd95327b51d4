// How a group begins, the whole app on a pretend engine: as a new one, or as a copy of another.
import type { MessageView } from "@kith/core";
import { fireEvent, screen, waitFor, within } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
// What the app fetches lazily is here before the tests begin: how long that takes is not what they ask.
import "../../../app/views/group/group-details.tsx";
import "../../../app/views/new-group/new-group-page.tsx";
import { showOverlay } from "../../../app/views/shell/overlays.ts";
import { createPretendMessenger } from "../../support/pretend-messenger.ts";
import { click, dialog, open, pressIn, putAwayAfterEach } from "./open-app.tsx";
import { calls, details, group } from "./pretend-choir.ts";

putAwayAfterEach();

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
