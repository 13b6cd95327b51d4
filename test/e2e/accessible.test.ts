// Every screen, judged by axe in both themes, wide and narrow, with the real headers.
import { expect, test } from "@playwright/test";
import { isAccessibleEverywhere } from "../support/accessible.ts";
import { startNodeProcess } from "../support/node-process.ts";
import { arriveBy, begin, household, makeInvite, message, openChat, write } from "../support/people.ts";

test("every screen is accessible in both themes, wide and at 360 px, and the strict headers break nothing", async () => {
  test.setTimeout(300_000); // some sixty runs of axe
  const node = await startNodeProcess();
  const home = await household();
  try {
    const alice = await home.open("Alice", node.url);
    await isAccessibleEverywhere(alice.page, "welcome");
    await begin(alice);
    await isAccessibleEverywhere(alice.page, "chat list");
    const link = await makeInvite(alice);
    await isAccessibleEverywhere(alice.page, "invite");
    const bob = await home.open("Bob", link);
    await expect(bob.page.getByRole("button", { name: "Accept" })).toBeVisible();
    await isAccessibleEverywhere(bob.page, "arrival");
    await arriveBy(bob);
    await write(bob, "hello there");
    await openChat(alice, "Bob");
    await expect(message(alice, "hello there")).toBeVisible();
    await isAccessibleEverywhere(alice.page, "request");
    await alice.page.getByRole("button", { name: "Accept" }).click();
    await write(alice, "and hello to you");
    await isAccessibleEverywhere(alice.page, "conversation");
    await message(alice, "and hello to you").focus();
    await alice.page.keyboard.press("Shift+F10");
    await expect(alice.page.getByRole("menu")).toBeVisible();
    await isAccessibleEverywhere(alice.page, "menu of a message");
    await alice.page.getByRole("menuitem", { name: "Message info" }).click();
    await expect(alice.page.getByRole("dialog", { name: "Message info" })).toContainText("Saved on this device");
    await isAccessibleEverywhere(alice.page, "message info");
    await alice.page.keyboard.press("Escape");
    await expect(message(alice, "and hello to you")).toBeFocused();
    await alice.page.getByRole("link", { name: "Details of" }).click();
    await isAccessibleEverywhere(alice.page, "details");
    await alice.page.getByRole("button", { name: /Why can’t I reach Bob|Check the connection/ }).click();
    await expect(alice.page.getByRole("dialog", { name: "Reaching Bob" })).toContainText("answers");
    await isAccessibleEverywhere(alice.page, "doctor");
    await alice.page.keyboard.press("Escape");
    await alice.page.getByRole("button", { name: "Keep at other nodes…" }).click();
    await expect(alice.page.getByRole("dialog", { name: "Keep at other nodes" })).toContainText("Connected");
    await isAccessibleEverywhere(alice.page, "nodes of a conversation");
    await alice.page.keyboard.press("Escape");
    await alice.page.goto(`${node.url}/#/settings`);
    await isAccessibleEverywhere(alice.page, "settings");
    await alice.page.goto(`${node.url}/#/invite`);
    await alice.page.getByRole("button", { name: "Withdraw" }).first().click();
    await isAccessibleEverywhere(alice.page, "withdrawing an invitation");
    expect([...alice.complaints, ...bob.complaints]).toEqual([]);
  } finally {
    await home.end();
    await node.discard();
  }
});
