// The node is gone for good, but the links that it made are there: Carol keeps what Alice says to Bob, who comes by when
// Alice is away. The node that lets Bob find Carol has never seen it.
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "@playwright/test";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";
import {
  arriveBy,
  begin,
  composer,
  gotThere,
  type Household,
  household,
  linkStats,
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

async function accepted(inviter: Person, guest: Person, words: string): Promise<void> {
  await write(guest, words);
  await openChat(inviter, guest.name);
  await inviter.page.getByRole("button", { name: "Accept" }).click();
  await expect(message(guest, words)).toContainText(gotThere);
}

/** Alice, Bob and Carol know each other, and each is linked with the two others. */
async function three(): Promise<Record<"alice" | "bob" | "carol", Person>> {
  const carol = await home.open("Carol", node.url);
  await begin(carol);
  const alice = await home.open("Alice", await makeInvite(carol));
  await arriveBy(alice);
  await accepted(carol, alice, "Hello Carol, this is Alice");
  await alice.page.goto(`${node.url}/#/`);
  const bob = await home.open("Bob", await makeInvite(alice));
  await arriveBy(bob);
  await accepted(alice, bob, "Hello Alice, this is Bob");
  await carol.page.goto(`${node.url}/#/`);
  await bob.page.goto(await makeInvite(carol));
  await bob.page.getByRole("button", { name: "Accept" }).click();
  await expect(composer(bob)).toBeVisible();
  await accepted(carol, bob, "Hello Carol, this is Bob");
  for (const person of [alice, bob, carol]) {
    await expect.poll(async () => (await linkStats(person)).length, { timeout: 45_000 }).toBe(2);
  }
  return { alice, bob, carol };
}

/** By the switch in the details of the contact. */
async function agreeToKeep(keeper: Person, name: string): Promise<void> {
  await openChat(keeper, name);
  await keeper.page.getByRole("link", { name: `Details of ${name}` }).click();
  const agree = keeper.page.getByRole("switch", { name: `Keep messages for ${name}` });
  await agree.click();
  await expect(agree).toBeChecked();
  await keeper.page.keyboard.press("Escape");
}

test("Bob gets what Carol kept for him, although Alice is away and no node ever held it", async () => {
  test.setTimeout(300_000);
  const { alice, bob, carol } = await three();
  await agreeToKeep(carol, "Alice");
  await openChat(alice, "Carol");
  await alice.page.getByRole("link", { name: "Details of Carol" }).click();
  await expect(alice.page.getByText("Carol keeps messages for you")).toBeVisible();
  await alice.page.keyboard.press("Escape");

  await openChat(alice, "Bob");
  await bob.close();
  await node.kill();
  await write(alice, "by way of Carol");
  const row = message(alice, "by way of Carol");
  await expect(row).toContainText("With a contact until", { timeout: 90_000 });
  await row.getByRole("button", { name: /^With a contact until/ }).click();
  const info = alice.page.getByRole("dialog", { name: "Message info" });
  await expect(info).toContainText("Carol keeps it until");
  await expect(info).toContainText("Not delivered yet");
  await alice.close();

  // Whatever the node was given is gone.
  const stored = (await readdir(node.folder)).filter((name) => name.startsWith("topics.sqlite"));
  expect(stored.length).toBeGreaterThan(0);
  for (const name of stored) await rm(path.join(node.folder, name));
  await node.start();
  const bobAgain = await home.open("Bob", node.url);
  await openChat(bobAgain, "Alice");
  await expect(message(bobAgain, "by way of Carol")).toBeVisible({ timeout: 90_000 });

  const aliceAgain = await home.open("Alice", node.url);
  await openChat(aliceAgain, "Bob");
  await expect(message(aliceAgain, "by way of Carol")).toContainText(gotThere, { timeout: 60_000 });
});
