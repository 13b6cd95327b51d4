// A message in a group: whose it is, what can be done with it, and to whom it came.
import type { GroupRole, MessageView } from "@kith/core";
import { fireEvent, render, screen, waitFor, within } from "@solidjs/testing-library";
import { describe, expect, test, vi } from "vitest";
// What the app fetches lazily is here before the tests begin: how long that takes is not what they ask.
import "../../../app/views/conversation/message-info.tsx";
import "../../../app/views/group/message-sheets.tsx";
import { MessengerContext } from "../../../app/live/messenger-context.ts";
import { MessageMenu } from "../../../app/views/conversation/message-menu.tsx";
import { MessageRow } from "../../../app/views/conversation/message-row.tsx";
import { createGroupTalk, GroupTalkContext } from "../../../app/views/group/group-talk.ts";
import { showOverlay } from "../../../app/views/shell/overlays.ts";
import { dialog, open, pressIn, putAwayAfterEach } from "./open-app.tsx";
import { group } from "./pretend-choir.ts";

putAwayAfterEach();

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
