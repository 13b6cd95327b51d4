// What becomes of a profile whose storage is full, cleared away, or upgraded under its feet (FAULTS F9, F10, F20).
import { type CDPSession, expect, test } from "@playwright/test";
import { isAccessible } from "../support/accessible.ts";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";
import {
  arriveBy,
  begin,
  composer,
  contacts,
  gotThere,
  type Household,
  household,
  makeInvite,
  message,
  type OpenOptions,
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

/**
 * The same profile in a browser started anew, on an empty page: one that runs on still goes by what it reckoned about a
 * database before.
 */
async function startedAnew(person: Person, options?: OpenOptions): Promise<Person> {
  await person.close();
  return home.open(person.name, "about:blank", options);
}

/** Counts the transactions that take something in and that the browser ended for want of room. */
function rememberRefusals(): void {
  const refused = { count: 0 };
  Object.assign(globalThis, { kithRefused: refused });
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (...given) {
    const made = transaction.apply(this, given);
    made.addEventListener("abort", () => {
      // What is ahead of the keys is looked at again first, which writes how far was read.
      const isTaking = ["messages", "topics"].some((table) => made.objectStoreNames.contains(table));
      if (made.error?.name === "QuotaExceededError" && isTaking) refused.count++;
    });
    return made;
  };
}
const refusals = ({ page }: Person) =>
  page.evaluate(() => (globalThis as unknown as { kithRefused: { count: number } }).kithRefused.count);

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
  const { alice, bob: before } = await contacts(home, node.url);
  const bob = await startedAnew(before, { before: rememberRefusals });
  const disk = await devtools(bob);
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
  await expect(message(alice, "there is no room for this")).toContainText("Held until", { timeout: 30_000 });
  // It comes again and again, and each time there is no room for it.
  const refusedBefore = await refusals(bob);
  await expect.poll(() => refusals(bob), { timeout: 60_000 }).toBeGreaterThanOrEqual(refusedBefore + 2);
  await expect(bob.page.getByRole("article").filter({ hasText: "there is no room for this" })).toHaveCount(0);
  await expect(message(alice, "there is no room for this")).not.toContainText("Delivered");

  // The one thing to do leads to what takes the space.
  await bob.page.getByRole("link", { name: "Make room" }).click();
  await expect(bob.page.getByRole("heading", { name: "Largest chats" })).toBeVisible();
  await expect(bob.page.getByText("There is no room left now.")).toBeVisible();
  await isAccessible(bob.page, "storage without room");

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
  const bob = await startedAnew((await contacts(home, node.url)).bob);
  const disk = await devtools(bob);
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
  const thawed = await home.open("Alice", `${node.url}/health`);
  await thawRaw(thawed.page, "0001-in-use", node.url);
  const before = await rawKeys(thawed.page);
  const alice = await startedAnew(thawed);
  const disk = await devtools(alice);
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
  const before = await home.open("Alice", node.url);
  await begin(before);
  await openChat(before, "Note to self");
  await write(before, "soon to be gone");
  const alice = await startedAnew(before, { before: clockSentence });
  await clearDatabase(await devtools(alice));
  await alice.page.goto(node.url);
  await expect(alice.page.getByRole("heading", { name: "Your chats are gone from this browser" })).toBeVisible();
  const noticedMs = await alice.page.evaluate(() => (globalThis as unknown as { kithNoticedMs: number }).kithNoticedMs);
  console.log(`F10: noticed ${Math.round(noticedMs)} ms after the page began`);
  expect(noticedMs).toBeLessThan(1_000 * slack);
  await expect(alice.page.getByText("If you wrote down your 12 recovery words, keep them.")).toBeVisible();
  await isAccessible(alice.page, "chats gone");
  // Neither coming again nor an invitation makes anybody.
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
