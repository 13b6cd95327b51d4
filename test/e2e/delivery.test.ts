// What a person sees of a message on its way and of the way itself, with everything real: read marks, the facts behind
// a mark, and the doctor.
import { expect, test } from "@playwright/test";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";
import { contacts, type Household, household, message, openChat, write } from "../support/people.ts";

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

test("a message that was read says so, and its facts say when; text of any message can be copied", async () => {
  const { alice, bob } = await contacts(home, node.url);
  await write(alice, "have you read this?");
  await expect(message(bob, "have you read this?")).toBeVisible();
  const sign = message(alice, "have you read this?").getByRole("button", { name: "Read", exact: true });
  await expect(sign).toBeVisible({ timeout: 30_000 });
  await sign.click();
  const info = alice.page.getByRole("dialog", { name: "Message info" });
  const facts = info.getByRole("listitem");
  await expect(facts.filter({ hasText: "Saved on this device" })).toHaveText(/\d:\d\d/);
  await expect(facts.filter({ hasText: "Delivered" })).toHaveText(/\d:\d\d/);
  await expect(facts.filter({ hasText: "Read" })).toHaveText(/\d:\d\d/);
  await alice.page.keyboard.press("Escape");
  await expect(sign).toBeFocused();

  await message(bob, "have you read this?").click({ button: "right" });
  await bob.page.getByRole("menuitem", { name: "Copy text" }).click();
  expect(await bob.page.evaluate(() => navigator.clipboard.readText())).toBe("have you read this?");
});

test("a message waiting at the node names the node and the date, until it is fetched", async () => {
  const { alice, bob } = await contacts(home, node.url);
  await bob.close();
  await write(alice, "for later");
  await expect(message(alice, "for later")).toContainText("Held until");
  await message(alice, "for later")
    .getByRole("button", { name: /^Held until/ })
    .click();
  const info = alice.page.getByRole("dialog", { name: "Message info" });
  await expect(info).toContainText(`${new URL(node.url).host} keeps it until`);
  await expect(info).toContainText("Not delivered yet");
  await home.open("Bob", node.url);
  await expect(info).toContainText("Delivered", { timeout: 30_000 });
});

test("the doctor says what keeps somebody away, sees it mended, and its report names nobody", async () => {
  const { alice, bob } = await contacts(home, node.url);
  await bob.close();
  await node.stop();
  await write(alice, "can you hear me?");
  await alice.page.getByRole("link", { name: "Details of" }).click();
  await alice.page.getByRole("button", { name: /Why can’t I reach Bob|Check the connection/ }).click();
  const doctor = alice.page.getByRole("dialog", { name: "Reaching Bob" });
  await expect(doctor).toContainText(/cannot be reached since|is being called/);
  await expect(doctor).toContainText("1 message of yours waits for Bob", { timeout: 30_000 });
  await doctor.getByRole("button", { name: "Copy report" }).click();
  const report = await alice.page.evaluate(() => navigator.clipboard.readText());
  expect(report).toMatch(/^Kith connection report\n/);
  expect(report).toMatch(/^waiting: 1,/m);
  expect(report).not.toMatch(/Alice|Bob|127\.0\.0\.1|localhost|:\/\/|[0-9a-f]{16}/);

  await node.start();
  await doctor.getByRole("button", { name: "Check again" }).click();
  await expect(doctor).toContainText("answers", { timeout: 30_000 });
  await expect(doctor).toContainText("A node keeps it until", { timeout: 45_000 });
  await home.open("Bob", node.url);
  await expect(doctor).toContainText("Bob is here", { timeout: 45_000 });
  await expect(doctor).toContainText("Nothing of yours waits");
});

test("a conversation is kept at a second node and outlives the first", async () => {
  const { alice, bob } = await contacts(home, node.url);
  const second = await startNodeProcess();
  try {
    const host = new URL(second.url).host;
    await alice.page.goto(`${node.url}/#/settings`);
    await alice.page.getByLabel("Add a node by its address").fill(second.url);
    await alice.page.getByRole("button", { name: "Add", exact: true }).click();
    const mine = alice.page.getByRole("list", { name: "Your nodes" });
    await expect(mine.getByRole("listitem").filter({ hasText: host })).toContainText("Connected");

    await openChat(alice, "Bob");
    await alice.page.getByRole("link", { name: "Details of" }).click();
    await alice.page.getByRole("button", { name: "Keep at other nodes…" }).click();
    const moving = alice.page.getByRole("dialog", { name: "Keep at other nodes" });
    await moving.getByLabel("Add a node by its address").fill(second.url);
    await moving.getByRole("button", { name: "Add", exact: true }).click();
    await moving.getByRole("button", { name: "Keep it there" }).click();
    await expect(moving).toHaveCount(0);
    const details = alice.page.getByRole("complementary", { name: "Details of Bob" });
    await expect(details.getByRole("listitem").filter({ hasText: host })).toContainText("Connected");
    await bob.page.getByRole("link", { name: "Details of" }).click();
    const known = bob.page.getByRole("complementary", { name: "Details of Alice" });
    await expect(known.getByRole("listitem").filter({ hasText: host })).toContainText("Connected", { timeout: 30_000 });

    await bob.close();
    await node.stop();
    await write(alice, "the first node is gone");
    await expect(message(alice, "the first node is gone")).toContainText("Held until", { timeout: 45_000 });
    await message(alice, "the first node is gone")
      .getByRole("button", { name: /^Held until/ })
      .click();
    await expect(alice.page.getByRole("dialog", { name: "Message info" })).toContainText(`${host} keeps it until`);
  } finally {
    await second.discard();
  }
});

test("a node without room is named, and another one is the way on", async () => {
  const small = await startNodeProcess("--max-topic-envelopes", "8");
  const second = await startNodeProcess();
  try {
    const { alice, bob } = await contacts(home, small.url);
    await bob.close();
    for (let i = 1; i <= 9; i++) await write(alice, `message ${i} of many.`);
    // What is behind the first waits its turn, in order.
    const stuck = alice.page
      .getByRole("article")
      .filter({ has: alice.page.getByRole("button", { name: "Send again" }) });
    await expect(stuck).toContainText("The node is full", { timeout: 45_000 });

    await stuck.getByRole("button", { name: "The node is full" }).click();
    const info = alice.page.getByRole("dialog", { name: "Message info" });
    await expect(info).toContainText(`${new URL(small.url).host} has no room for this message`);
    await info.getByRole("button", { name: "Use another node" }).click();
    const moving = alice.page.getByRole("dialog", { name: "Keep at other nodes" });
    await moving.getByLabel("Add a node by its address").fill(second.url);
    await moving.getByRole("button", { name: "Add", exact: true }).click();
    await moving.getByRole("button", { name: "Keep it there" }).click();
    await expect(stuck).toHaveCount(0, { timeout: 45_000 });
    await expect(message(alice, "message 9 of many.")).toContainText("Held until", { timeout: 45_000 });
  } finally {
    await small.discard();
    await second.discard();
  }
});
