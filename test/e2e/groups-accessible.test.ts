// Every screen of groups, judged by axe: light and wide, dark and at 360 px. On a pretend engine, which has a group in
// every state at once; what groups do is tested elsewhere.
import path from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { build } from "vite";
import { isAccessible } from "../support/accessible.ts";

const origin = "http://localhost:9";
const looks = [
  { colorScheme: "light", width: 1200 },
  { colorScheme: "dark", width: 360 },
] as const;

async function isAccessibleInLooks(page: Page, screen: string): Promise<void> {
  for (const { colorScheme, width } of looks) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize({ width, height: 720 });
    await isAccessible(page, `${screen}, ${colorScheme}, ${width} px`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow, `${screen} at ${width} px scrolls sideways`).toBeLessThanOrEqual(0);
  }
  await page.setViewportSize({ width: 1200, height: 720 });
}

test("every screen of groups is accessible in both themes, wide and at 360 px", async ({ page }, testInfo) => {
  test.setTimeout(300_000); // some forty runs of axe
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
  await page.goto(origin);
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
  await isAccessibleInLooks(page, "details of a group");
  await press("What to do about Dora Ilves");
  await isAccessibleInLooks(page, "menu of a member");
  await page.keyboard.press("Escape");
  await sheet(/^Tomás from the shed/, "a stranger in a group");
  await sheet("Add people", "adding people");
  await sheet(/^Show the link/, "a link to a group");
  await sheet("New link", "a new link");
  await sheet("Change the rules", "rules of a group");
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
  expect(complaints).toEqual([]);
});
