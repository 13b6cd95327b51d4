// Every screen of groups, judged by axe: light and wide, dark and at 360 px. On a pretend engine, which has a group in
// every state at once; what groups do is tested elsewhere.
import path from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { build } from "vite";
import { isAccessibleEverywhere, twoLooks } from "../support/accessible.ts";

const origin = "http://localhost:9";
const isAccessibleInLooks = (page: Page, screen: string) => isAccessibleEverywhere(page, screen, twoLooks);

test("every screen of groups is accessible in both themes, wide and at 360 px", async ({ page }, testInfo) => {
  test.setTimeout(300_000); // some sixty runs of axe
  const folder = testInfo.outputPath("app");
  const configFile = path.join(import.meta.dirname, "../support/pretend-app/vite.config.ts");
  await build({ configFile, logLevel: "error", build: { outDir: folder, emptyOutDir: true } });
  await page.route(`${origin}/**`, (route) => {
    const file = new URL(route.request().url()).pathname;
    return route.fulfill({ path: path.join(folder, file === "/" ? "index.html" : file) });
  });
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  const press = (name: string | RegExp) => page.getByRole("button", { name }).first().click();
  const group = (name: RegExp) => page.getByRole("link", { name }).first().click();
  const sheet = async (opener: string | RegExp, screen: string) => {
    await press(opener);
    await expect(page.getByRole("dialog")).toBeVisible();
    await isAccessibleInLooks(page, screen);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toBeHidden();
  };

  await page.setViewportSize({ width: 1200, height: 720 });
  await page.goto(`${origin}/?none&group-link#/i/any`);
  await expect(page.getByLabel("Your name")).toBeVisible();
  await isAccessibleInLooks(page, "arrival of a new person by a link to a group");
  await page.goto(origin);
  for (const words of ["Waiting to be let in", "You were not let in", "The link was withdrawn"]) {
    await expect(page.getByText(words)).toBeVisible();
  }
  await press("New chat or group");
  await isAccessibleInLooks(page, "menu of what is new");
  await page.getByRole("menuitem", { name: "New group" }).click();
  await page.getByLabel("Name of the group").fill("Bike kitchen");
  await page.getByRole("checkbox", { name: "Ana Petrović" }).check();
  await isAccessibleInLooks(page, "new group");

  await group(/Garden on Saturday/);
  await expect(page.getByRole("article", { name: /Lovely/ })).toBeVisible();
  await expect(page.getByRole("button", { name: "Cancel: Adding Jonas…" })).toBeVisible();
  await isAccessibleInLooks(page, "a group");
  await page.getByRole("link", { name: /^About the group/ }).click();
  await expect(page.getByRole("button", { name: "Let in Mei Lin" })).toBeVisible();
  await expect(page.getByRole("button", { name: "I am here" })).toBeVisible();
  await isAccessibleInLooks(page, "details of a group");
  await press("What to do about Dora Ilves");
  await isAccessibleInLooks(page, "menu of a member");
  await page.keyboard.press("Escape");
  await sheet(/^Tomás from the shed/, "a stranger in a group");
  await sheet("Add people", "adding people");
  await sheet(/^Show the link/, "a link to a group");
  await sheet("New link", "a new link");
  await sheet(/^Withdraw the link/, "withdrawing a link");
  await sheet("Change the rules", "rules of a group");
  await sheet(/^Keep at other nodes/, "nodes of a group");
  await sheet("Make a copy of this group", "a copy of a group");
  await sheet("Leave group", "the next owner");
  await press("Edit name and picture");
  await isAccessibleInLooks(page, "changing name and picture");

  for (const name of [/Choir of the old harbour/, /Street talk/, /Summer house/]) {
    await group(name);
    await expect(page.getByRole("main", { name: new RegExp(`^Group ${name.source}`) })).toBeVisible();
    await isAccessibleInLooks(page, `the group ${name.source}`);
  }
  await sheet("Delete this group here", "deleting a group");

  await group(/Street talk/);
  await page.getByRole("link", { name: /^About the group/ }).click();
  await expect(page.getByText("If Tomás from the shed is gone for good")).toBeVisible();
  await isAccessibleInLooks(page, "details of a group of others");
  await press("The owner is gone");
  await isAccessibleInLooks(page, "who should be the owner");
  await page.getByRole("radio", { name: "Ana Petrović" }).check({ force: true });
  await press("Propose");
  await expect(page.getByRole("button", { name: "Take it back" })).toBeVisible();
  await isAccessibleInLooks(page, "an owner who is said to be gone");

  await page.goto(`${origin}/?group-link#/i/any`);
  await expect(page.getByRole("heading", { name: "Bike kitchen" })).toBeVisible();
  await isAccessibleInLooks(page, "arrival by a link to a group");
  expect(complaints).toEqual([]);
});
