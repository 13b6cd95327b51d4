// What becomes of a profile whose storage is full, cleared away, or upgraded under its feet (FAULTS F9, F10, F20).
import { AxeBuilder } from "@axe-core/playwright";
import { type CDPSession, expect, test } from "@playwright/test";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";
import {
  arriveBy,
  begin,
  composer,
  gotThere,
  type Household,
  household,
  makeInvite,
  message,
  openChat,
  type Person,
  write,
} from "../support/people.ts";
import { rawKeys, thawRaw, upgradeRaw } from "../support/raw-database.ts";

let node: NodeProcess;
let home: Household;

test.beforeEach(async () => {
  node = await startNodeProcess();
  home = await household();
});

test.afterEach(async () => {
  await home.end();
  await node.discard();
});

/** Chromium forgets what it reckoned about a database some seconds after the last tab has let go of it. */
const forgottenMs = 2_500;
/** The figures of FAULTS.md are for a quiet machine of two cores. */
const slack = 3;

const devtools = (person: Person): Promise<CDPSession> => person.context.newCDPSession(person.page);
const limit = (session: CDPSession, quotaSize?: number) =>
  session.send("Storage.overrideQuotaForOrigin", {
    origin: node.url,
    ...(quotaSize === undefined ? {} : { quotaSize }),
  });
const clearDatabase = (session: CDPSession) =>
  session.send("Storage.clearDataForOrigin", { origin: node.url, storageTypes: "indexeddb" });

/** Closes Kith in this tab for long enough that what changes meanwhile is seen on return. */
async function leaveAwhile({ page }: Person): Promise<void> {
  await page.goto("about:blank");
  await page.waitForTimeout(forgottenMs);
}

async function isAccessible({ page }: Person): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`)).toEqual(
    [],
  );
}

/** Asks for each persistent storage and whether a person's click stood behind it. */
function rememberPersist(): void {
  const asked: boolean[] = [];
  Object.assign(globalThis, { kithAsked: asked });
  StorageManager.prototype.persist = async () => {
    asked.push(navigator.userActivation.isActive);
    return false;
  };
}
const asked = ({ page }: Person) => page.evaluate(() => (globalThis as unknown as { kithAsked: boolean[] }).kithAsked);

/** Keeps the time, since the page began, at which a sentence was first on it. */
function clockSentence(): void {
  const look = () => {
    if (document.body?.textContent.includes("Your chats are gone from this browser")) {
      Object.assign(globalThis, { kithNoticedMs: performance.now() });
    } else requestAnimationFrame(look);
  };
  look();
}

test("storage is asked to be kept when the first contact is made, by a click, and not before", async () => {
  const alice = await home.open("Alice", node.url, { before: rememberPersist });
  await begin(alice);
  expect(await asked(alice)).toEqual([]);
  const link = await makeInvite(alice);
  expect(await asked(alice)).toEqual([true]);
  const bob = await home.open("Bob", link, { before: rememberPersist });
  await expect(bob.page.getByRole("button", { name: "Accept" })).toBeVisible();
  expect(await asked(bob)).toEqual([]);
  await arriveBy(bob);
  expect(await asked(bob)).toEqual([true]);
  await openChat(alice, "Bob");
  await alice.page.getByRole("button", { name: "Accept" }).click();
  await expect(composer(alice)).toBeVisible();
  expect(await asked(alice)).toEqual([true, true]);
});

test("a full disk: the line is there, nothing that was not kept is acknowledged, and all is there when there is room", async () => {
  test.setTimeout(180_000);
  const alice = await home.open("Alice", node.url);
  await begin(alice);
  const bob = await home.open("Bob", await makeInvite(alice));
  await arriveBy(bob);
  await write(bob, "Hello Alice");
  await openChat(alice, "Bob");
  await alice.page.getByRole("button", { name: "Accept" }).click();
  await expect(message(bob, "Hello Alice")).toContainText(gotThere);

  const disk = await devtools(bob);
  await leaveAwhile(bob);
  await limit(disk, 1);
  await bob.page.goto(node.url);
  await write(alice, "there is no room for this");
  const line = bob.page.getByRole("alert").filter({ hasText: "This device has no room left" });
  await expect(line).toBeVisible();
  await openChat(bob, "Alice");
  await expect(message(bob, "Hello Alice")).toBeVisible();
  await composer(bob).fill("nor for this");
  await composer(bob).press("Enter");
  await expect(bob.page.getByText("Not sent: this device has no room left")).toBeVisible();
  await expect(composer(bob)).toHaveValue("nor for this");
  await expect(bob.page.getByRole("article").filter({ hasText: "nor for this" })).toHaveCount(0);
  // Long enough for both the link and the node to have brought it more than once.
  await expect(message(alice, "there is no room for this")).toContainText("Held until", { timeout: 30_000 });
  await bob.page.waitForTimeout(6_000);
  await expect(bob.page.getByRole("article").filter({ hasText: "there is no room for this" })).toHaveCount(0);
  await expect(message(alice, "there is no room for this")).not.toContainText("Delivered");

  // The one thing to do leads to what takes the space.
  await bob.page.getByRole("link", { name: "Make room" }).click();
  await expect(bob.page.getByRole("heading", { name: "Largest chats" })).toBeVisible();
  await expect(bob.page.getByText("There is no room left now.")).toBeVisible();
  await isAccessible(bob);

  const roomAtMs = Date.now();
  await limit(disk);
  await expect(line).toHaveCount(0, { timeout: 30_000 });
  console.log(`F9: the line was gone ${Date.now() - roomAtMs} ms after there was room`);
  await openChat(bob, "Alice");
  await expect(message(bob, "there is no room for this")).toBeVisible();
  await expect(message(alice, "there is no room for this")).toContainText(gotThere);
  await expect(bob.page.getByRole("article").filter({ hasText: "there is no room for this" })).toHaveCount(1);
  await write(bob, "and now there is");
  await expect(message(alice, "and now there is")).toBeVisible();
});

test("a full disk lets a chat be deleted, which is how room is made", async () => {
  const alice = await home.open("Alice", node.url);
  await begin(alice);
  const bob = await home.open("Bob", await makeInvite(alice));
  await arriveBy(bob);
  await write(bob, "Hello Alice");
  const disk = await devtools(bob);
  await leaveAwhile(bob);
  await limit(disk, 1);
  await bob.page.goto(`${node.url}/#/settings/storage`);
  await bob.page.getByRole("main", { name: "Storage" }).getByRole("link", { name: "Alice" }).click();
  await bob.page.getByRole("button", { name: "Delete chat" }).click();
  await bob.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(bob.page.getByRole("navigation", { name: "Chats" }).getByRole("link", { name: "Alice" })).toHaveCount(0);
  expect((await rawKeys(bob.page))?.["messages"]).toEqual([]);
});

test("no room to begin with says so, and begins when there is", async () => {
  const bob = await home.open("Bob", "about:blank");
  const disk = await devtools(bob);
  await limit(disk, 1);
  await bob.page.goto(node.url);
  await bob.page.getByRole("button", { name: "Start" }).click();
  await expect(bob.page.getByText("Not kept: this device has no room left.")).toBeVisible();
  await limit(disk);
  await begin(bob);
});

test("a profile of an older Kith that has no room to be brought up to date is left as it is, and opens when there is", async () => {
  const alice = await home.open("Alice", `${node.url}/health`);
  await thawRaw(alice.page, "0001-in-use", node.url);
  const before = await rawKeys(alice.page);
  const disk = await devtools(alice);
  await leaveAwhile(alice);
  await limit(disk, 1);
  await alice.page.goto(node.url);
  await expect(alice.page.getByRole("heading", { name: "This device has no room left" })).toBeVisible();
  await limit(disk);
  await alice.page.getByRole("button", { name: "Try again" }).click();
  await expect(alice.page.getByRole("heading", { name: "Chats" })).toBeVisible();
  await alice.page.goto(`${node.url}/#/settings`);
  await expect(alice.page.getByLabel("Your name")).toHaveValue("Alice");
  expect(before?.["messages"]).toHaveLength(2);
  expect((await rawKeys(alice.page))?.["messages"]).toEqual(before?.["messages"]);
});

test("a database that was cleared away is noticed at start, and nobody new is made unasked", async () => {
  const alice = await home.open("Alice", node.url, { before: clockSentence });
  await begin(alice);
  await openChat(alice, "Note to self");
  await write(alice, "soon to be gone");
  const disk = await devtools(alice);
  await leaveAwhile(alice);
  await clearDatabase(disk);
  await alice.page.goto(node.url);
  await expect(alice.page.getByRole("heading", { name: "Your chats are gone from this browser" })).toBeVisible();
  const noticedMs = await alice.page.evaluate(() => (globalThis as unknown as { kithNoticedMs: number }).kithNoticedMs);
  console.log(`F10: noticed ${Math.round(noticedMs)} ms after the page began`);
  expect(noticedMs).toBeLessThan(1_000 * slack);
  await expect(alice.page.getByText("If you wrote down your 12 recovery words, keep them.")).toBeVisible();
  await isAccessible(alice);
  // Neither waiting, nor coming again, nor an invitation makes anybody.
  await alice.page.waitForTimeout(2_000);
  await alice.page.goto(`${node.url}/#/i/AQ`);
  await alice.page.reload();
  await expect(alice.page.getByRole("heading", { name: "Your chats are gone from this browser" })).toBeVisible();
  await expect(alice.page.getByLabel("Your name")).toHaveCount(0);
  expect((await rawKeys(alice.page))?.["profile"]).toEqual([]);

  await alice.page.goto(`${node.url}/#/`);
  await alice.page.getByRole("button", { name: "Start anew" }).click();
  await alice.page.getByRole("dialog").getByRole("button", { name: "Start anew" }).click();
  await begin(alice);
});

test("a database that is cleared away under an open Kith stops it, in words; what was being written can be copied", async () => {
  const alice = await home.open("Alice", node.url);
  await begin(alice);
  await openChat(alice, "Note to self");
  await composer(alice).fill("half a thought");
  const disk = await devtools(alice);
  await clearDatabase(disk);
  await expect(alice.page.getByRole("alert").filter({ hasText: "stopped letting Kith keep data" })).toBeVisible();
  await composer(alice).press("Enter");
  await expect(alice.page.getByText("Not sent: this browser stopped letting Kith keep data.")).toBeVisible();
  await expect(composer(alice)).toHaveValue("half a thought");
  expect(await rawKeys(alice.page)).toBeUndefined();
  await alice.page.getByRole("alert").locator("..").getByRole("button", { name: "Reload" }).click();
  await expect(alice.page.getByRole("heading", { name: "Your chats are gone from this browser" })).toBeVisible();
});

test("a newer Kith in another tab: the old one lets go, says so, and everything that was kept is there", async () => {
  const alice = await home.open("Alice", node.url);
  await begin(alice);
  await openChat(alice, "Note to self");
  // The old tab is at work while the newer one asks.
  const writing = (async () => {
    for (let i = 1; i <= 200; i++) {
      if ((await alice.page.getByRole("alert").count()) > 0) return;
      await composer(alice).fill(`note ${i}.`);
      await composer(alice).press("Enter");
    }
  })();
  await expect(message(alice, "note 5.")).toBeVisible();
  const newer = await alice.context.newPage();
  await newer.goto(`${node.url}/health`);
  const { blocked, grantedMs } = await upgradeRaw(newer);
  console.log(`F20: the old tab let go within ${Math.round(grantedMs)} ms`);
  expect(blocked).toBe(false);
  await expect(
    alice.page.getByRole("alert").filter({ hasText: "A newer Kith was opened in another tab" }),
  ).toBeVisible();
  await writing;
  const shown = await alice.page.getByRole("article").count();
  const kept = (await rawKeys(newer))?.["messages"]?.length ?? 0;
  expect(shown).toBeGreaterThanOrEqual(5);
  expect(kept).toBeGreaterThanOrEqual(shown);
  await alice.page.getByRole("button", { name: "Reload" }).click();
  await expect(alice.page.getByRole("heading", { name: "Your chats were last opened by a newer Kith" })).toBeVisible();
  expect((await rawKeys(newer))?.["messages"]).toHaveLength(kept);
});
