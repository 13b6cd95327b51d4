// Five people in one group, as they use it: one of them came by a link, one is away for a while, some know each other from it
// alone, one is removed and one leaves.
import { expect, test } from "@playwright/test";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";
import {
  befriend,
  begin,
  composer,
  type Household,
  household,
  makeGroupLink,
  makeInvite,
  message,
  openChat,
  type Person,
  write,
} from "../support/people.ts";

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

/** Alice and four contacts of hers, who do not know each other. */
async function acquainted(names: readonly string[]): Promise<{ alice: Person; others: readonly Person[] }> {
  const alice = await home.open("Alice", node.url);
  await begin(alice);
  const others: Person[] = [];
  for (const name of names) {
    await alice.page.goto(`${node.url}/#/`);
    const guest = await home.open(name, await makeInvite(alice));
    await befriend(alice, guest);
    others.push(guest);
  }
  return { alice, others };
}

async function makeGroup({ page }: Person, name: string, people: readonly string[]): Promise<void> {
  await page.getByRole("button", { name: "New chat or group" }).click();
  await page.getByRole("menuitem", { name: "New group" }).click();
  await page.getByLabel("Name of the group").fill(name);
  for (const one of people) await page.getByRole("checkbox", { name: one }).check({ force: true });
  await page.getByRole("button", { name: "Create group" }).click();
  await expect(page.getByRole("heading", { name })).toBeVisible();
}

/** A new person opens somebody's link to a group and asks to be let in. */
async function askToJoin({ page, name }: Person, group: string): Promise<void> {
  await expect(page.getByRole("heading", { name: group })).toBeVisible();
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Ask to join" }).click();
  await expect(page.getByRole("heading", { name: "You asked to join" })).toBeVisible();
  await page.getByRole("button", { name: "Go to my chats" }).click();
  await expect(page.getByText("Waiting to be let in")).toBeVisible();
}

/** A sentence of the timeline. */
function event({ page }: Person, words: string) {
  return page.locator(".timeline-event").filter({ hasText: words });
}

async function details({ page }: Person, group: string): Promise<void> {
  await page.getByRole("link", { name: `About the group ${group}` }).click();
  await expect(page.getByRole("list", { name: "Members" })).toBeVisible();
}

async function actOn({ page }: Person, name: string, act: string): Promise<void> {
  await page.getByRole("button", { name: `What to do about ${name}` }).click();
  await page.getByRole("menuitem", { name: act }).click();
}

test("five people talk in a group, one came by a link and one is away for a while; one removes another, one leaves", async () => {
  test.setTimeout(300_000);
  const { alice, others } = await acquainted(["Bob", "Carol", "Dana"]);
  const [bob, carol, dana] = others as [Person, Person, Person];
  await makeGroup(alice, "Walkers", ["Bob", "Carol", "Dana"]);
  await expect(event(alice, "You added")).toBeVisible({ timeout: 30_000 });
  for (const one of [bob, carol, dana]) {
    await openChat(one, "Walkers");
    await expect(event(one, "Alice added")).toBeVisible({ timeout: 30_000 });
  }
  // Erin knows nobody: she has a link, and Alice lets her in.
  await details(alice, "Walkers");
  const erin = await home.open("Erin", await makeGroupLink(alice));
  await askToJoin(erin, "Walkers");
  await alice.page.getByRole("button", { name: "Let in Erin" }).click({ timeout: 30_000 });
  await openChat(erin, "Walkers");
  for (const one of [alice, bob, carol, dana]) {
    await expect(event(one, "Erin joined by a link")).toBeVisible({ timeout: 30_000 });
  }
  await alice.page.getByRole("button", { name: "Edit name and picture" }).click();
  await alice.page.getByLabel("Name", { exact: true }).fill("Hikers");
  await alice.page.getByRole("button", { name: "Save", exact: true }).click();
  for (const one of [alice, bob, carol, dana, erin]) {
    await expect(one.page.getByRole("main", { name: "Group Hikers" })).toBeVisible({ timeout: 30_000 });
  }
  await alice.page.getByRole("link", { name: "Close group details" }).click();

  await dana.close();
  await write(alice, "who comes along?");
  for (const one of [bob, carol, erin]) await expect(message(one, "who comes along?")).toBeVisible();
  // Bob and Carol know each other from here alone.
  await write(bob, "I do");
  await expect(message(carol, "I do")).toContainText("Bob");
  await expect(message(alice, "I do")).toBeVisible();

  // Dana was away meanwhile.
  const back = await home.open("Dana", node.url);
  await openChat(back, "Hikers");
  for (const words of ["who comes along?", "I do"]) await expect(message(back, words)).toBeVisible({ timeout: 30_000 });
  await write(back, "me too");
  for (const one of [alice, bob, carol, erin]) await expect(message(one, "me too")).toBeVisible();
  await expect(message(alice, "who comes along?")).toContainText(/Delivered to all 4|Read by all 4/, {
    timeout: 60_000,
  });

  await details(alice, "Hikers");
  await actOn(alice, "Bob", "Make admin");
  await expect(event(bob, "Alice made you an admin")).toBeVisible({ timeout: 30_000 });
  await details(bob, "Hikers");
  await actOn(bob, "Erin", "Remove from the group");
  await bob.page.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(erin.page.getByText("Bob removed you from this group").first()).toBeVisible({ timeout: 30_000 });
  await expect(composer(erin)).toHaveCount(0);
  await expect(event(carol, "Bob removed Erin")).toBeVisible({ timeout: 30_000 });
  await bob.page.getByRole("link", { name: "Close group details" }).click();
  await write(bob, "without her now");
  for (const one of [carol, back]) await expect(message(one, "without her now")).toBeVisible({ timeout: 30_000 });
  await expect(message(erin, "without her now")).toHaveCount(0);

  await details(carol, "Hikers");
  await carol.page.getByRole("button", { name: "Leave group" }).click();
  await carol.page.getByRole("button", { name: "Leave", exact: true }).click();
  await expect(carol.page.getByText("You left this group").first()).toBeVisible({ timeout: 30_000 });
  await expect(event(bob, "Carol left")).toBeVisible({ timeout: 60_000 });
});
