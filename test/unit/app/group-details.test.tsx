// The details of a group, the whole app on a pretend engine: what a person sees and changes there, by their role.
import type { AccountId } from "@kith/core";
import { cleanup, fireEvent, screen, waitFor, within } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
// What the app fetches lazily is here before the tests begin: how long that takes is not what they ask.
import "../../../app/views/group/group-details.tsx";
import "../../../app/views/nodes/nodes-sheet.tsx";
import { node } from "./message.ts";
import { button, click, dialog, pressIn, putAwayAfterEach } from "./open-app.tsx";
import { calls, details, group } from "./pretend-choir.ts";

putAwayAfterEach();

const plainRules = { writers: "everybody", slowModeS: 0, history: "none", joining: "approval" } as const;

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

  test("leave as it is what others change while a form is open and that is not touched there", async () => {
    const chosen = group("owner");
    const part = await details(chosen);
    await click("Change the rules");
    const sheet = await dialog("Change the rules");
    chosen.pretend.groups.act(chosen.id, chosen.bob, { kind: "rules", rules: { ...plainRules, slowModeS: 60 } });
    fireEvent.change(within(sheet).getByLabelText("Who may write"), { target: { value: "admins" } });
    fireEvent.click(within(sheet).getByRole("button", { name: "Save rules" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    chosen.pretend.groups.settle();
    expect(await screen.findByText("Only owner and admins")).toBeTruthy();
    expect(screen.getByText("One message every 1 minute")).toBeTruthy();

    pressIn(part, "Edit name and picture");
    chosen.pretend.groups.act(chosen.id, chosen.bob, { kind: "rename", name: "Choir of the harbour" });
    fireEvent.input(within(part).getByLabelText("Description"), { target: { value: "We sing" } });
    pressIn(part, "Save");
    await waitFor(() =>
      expect(calls(chosen.pretend, "changeGroup")).toEqual(["changeGroup rules", "changeGroup describe"]),
    );
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
