// Every screen, judged by axe in both themes, wide and narrow, with the real headers.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { startNodeProcess } from "../support/node-process.ts";
import { arriveBy, begin, household, makeInvite, message, openChat, type Person, write } from "../support/people.ts";

async function isAccessible({ page }: Person, screen: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1200, 360]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height: 720 });
      const { violations } = await new AxeBuilder({ page }).analyze();
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(", ")}`);
      expect(found, `${screen}, ${colorScheme}, ${width} px`).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, `${screen} at ${width} px scrolls sideways`).toBeLessThanOrEqual(0);
    }
  }
  await page.setViewportSize({ width: 1200, height: 720 });
}

test("every screen is accessible in both themes, wide and at 360 px, and the strict headers break nothing", async () => {
  test.setTimeout(300_000); // some sixty runs of axe
  const node = await startNodeProcess();
  const home = await household();
  try {
    const alice = await home.open("Alice", node.url);
    await isAccessible(alice, "welcome");
    await begin(alice);
    await isAccessible(alice, "chat list");
    const link = await makeInvite(alice);
    await isAccessible(alice, "invite");
    const bob = await home.open("Bob", link);
    await expect(bob.page.getByRole("button", { name: "Accept" })).toBeVisible();
    await isAccessible(bob, "arrival");
    await arriveBy(bob);
    await write(bob, "hello there");
    await openChat(alice, "Bob");
    await expect(message(alice, "hello there")).toBeVisible();
    await isAccessible(alice, "request");
    await alice.page.getByRole("button", { name: "Accept" }).click();
    await write(alice, "and hello to you");
    await isAccessible(alice, "conversation");
    await message(alice, "and hello to you").focus();
    await alice.page.keyboard.press("Shift+F10");
    await expect(alice.page.getByRole("menu")).toBeVisible();
    await isAccessible(alice, "menu of a message");
    await alice.page.getByRole("menuitem", { name: "Message info" }).click();
    await expect(alice.page.getByRole("dialog", { name: "Message info" })).toContainText("Saved on this device");
    await isAccessible(alice, "message info");
    await alice.page.keyboard.press("Escape");
    await expect(message(alice, "and hello to you")).toBeFocused();
    await alice.page.getByRole("link", { name: "Details of" }).click();
    await isAccessible(alice, "details");
    await alice.page.getByRole("button", { name: /Why can’t I reach Bob|Check the connection/ }).click();
    await expect(alice.page.getByRole("dialog", { name: "Reaching Bob" })).toContainText("answers");
    await isAccessible(alice, "doctor");
    await alice.page.keyboard.press("Escape");
    await alice.page.getByRole("button", { name: "Keep at other nodes…" }).click();
    await expect(alice.page.getByRole("dialog", { name: "Keep at other nodes" })).toContainText("Connected");
    await isAccessible(alice, "nodes of a conversation");
    await alice.page.keyboard.press("Escape");
    await alice.page.goto(`${node.url}/#/settings`);
    await isAccessible(alice, "settings");
    await alice.page.goto(`${node.url}/#/invite`);
    await alice.page.getByRole("button", { name: "Withdraw" }).first().click();
    await isAccessible(alice, "withdrawing an invitation");
    expect([...alice.complaints, ...bob.complaints]).toEqual([]);
  } finally {
    await home.end();
    await node.discard();
  }
});
