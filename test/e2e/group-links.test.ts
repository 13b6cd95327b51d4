// Links to a group that lead nowhere: what a person sees who is not let in, and who holds a link that was withdrawn.
import { expect, test } from "@playwright/test";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";
import { begin, type Household, household, makeGroupLink, type Person } from "../support/people.ts";

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

/** A group of one, with its details open. */
async function beginGroup({ page }: Person, name: string): Promise<void> {
  await page.getByRole("button", { name: "New chat or group" }).click();
  await page.getByRole("menuitem", { name: "New group" }).click();
  await page.getByLabel("Name of the group").fill(name);
  await page.getByRole("button", { name: "Create with nobody else yet" }).click();
  await page.getByRole("link", { name: `About the group ${name}` }).click();
}

async function ask({ page, name }: Person): Promise<void> {
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Ask to join" }).click();
  await page.getByRole("button", { name: "Go to my chats" }).click();
  await expect(page.getByText("Waiting to be let in")).toBeVisible();
}

test("who is refused is told so, and who holds a withdrawn link is told so, waiting or coming anew", async () => {
  const alice = await home.open("Alice", node.url);
  await begin(alice);
  await beginGroup(alice, "Walkers");
  const link = await makeGroupLink(alice);

  const bob = await home.open("Bob", link);
  await ask(bob);
  await alice.page.getByRole("button", { name: "Refuse Bob" }).click();
  await expect(bob.page.getByText("You were not let in")).toBeVisible();
  await bob.page.getByRole("button", { name: "Dismiss that you asked to join Walkers" }).click();
  await expect(bob.page.getByText("You were not let in")).toBeHidden();

  const carol = await home.open("Carol", link);
  await ask(carol);
  await expect(alice.page.getByRole("button", { name: "Let in Carol" })).toBeVisible();
  await alice.page.getByRole("button", { name: /^Withdraw the link/ }).click();
  await alice.page.getByRole("button", { name: "Withdraw", exact: true }).click();
  await expect(carol.page.getByText("The link was withdrawn")).toBeVisible();

  await bob.page.goto("about:blank");
  await bob.page.goto(link);
  await expect(bob.page.getByRole("alert")).toContainText("withdrawn");
  await bob.page.getByRole("button", { name: "Go to my chats" }).click();
  await expect(bob.page.getByRole("heading", { name: "Chats" })).toBeVisible();
});
