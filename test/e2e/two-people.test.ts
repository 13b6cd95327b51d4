// The whole, as two strangers use it: two browsers, one node, one conversation.
import { expect, test } from "@playwright/test";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";
import {
  arriveBy,
  begin,
  composer,
  contacts,
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

async function linked(person: Person): Promise<void> {
  // After a restart of the node its devices return spread over 20 s.
  await expect.poll(async () => (await linkStats(person)).length, { timeout: 45_000 }).toBeGreaterThan(0);
  await person.page.getByRole("link", { name: "Details of" }).click();
  await expect(person.page.getByText("From browser to browser, nothing in between.")).toBeVisible();
  await person.page.keyboard.press("Escape");
}

test("become contacts by a link and exchange 100 messages each way over WebRTC, none of them through the node", async () => {
  test.setTimeout(240_000);
  const { alice, bob } = await contacts(home, node.url);
  await linked(alice);
  await linked(bob);
  const before = await node.metrics();
  for (let i = 1; i <= 100; i++) {
    await composer(alice).fill(`alice says ${i}.`);
    await composer(alice).press("Enter");
    await composer(bob).fill(`bob says ${i}.`);
    await composer(bob).press("Enter");
  }
  await expect(message(alice, "alice says 100.")).toContainText(gotThere);
  await expect(message(bob, "bob says 100.")).toContainText(gotThere);
  await expect(message(alice, "bob says 100.")).toBeVisible();
  await expect(message(bob, "alice says 100.")).toBeVisible();
  const after = await node.metrics();
  const gained = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  // No message went through the node. After 100 own messages a device renews its keys, and that change, one envelope of
  // each side, takes its slot there.
  expect(gained("envelopes_appended_total")).toBeLessThanOrEqual(2);
  expect(gained("stored_bytes")).toBeLessThanOrEqual(2 * 16_384);
  const [link] = await linkStats(alice);
  expect(link?.localKind).toMatch(/host|prflx/);
  expect(link?.remoteKind).toMatch(/host|prflx/);
  // 200 envelopes of at least 1 KiB went over it.
  expect((link?.bytesSent ?? 0) + (link?.bytesReceived ?? 0)).toBeGreaterThan(200 * 1_024);
});

test("a reload keeps everything", async () => {
  const { alice, bob } = await contacts(home, node.url);
  await write(alice, "written before the reload");
  await expect(message(bob, "written before the reload")).toBeVisible();
  await alice.page.reload();
  await expect(message(alice, "written before the reload")).toContainText(gotThere);
  await expect(message(alice, "Hello Alice")).toBeVisible();
  await write(alice, "written after it");
  await expect(message(bob, "written after it")).toBeVisible();
});

test("a message to a closed browser arrives when it opens, although the sender has closed by then", async () => {
  const { alice, bob } = await contacts(home, node.url);
  await bob.close();
  await write(alice, "for when you are back");
  await expect(message(alice, "for when you are back")).toContainText("Held until");
  await alice.close();
  const bobAgain = await home.open("Bob", node.url);
  await openChat(bobAgain, "Alice");
  await expect(message(bobAgain, "for when you are back")).toBeVisible();
  const aliceAgain = await home.open("Alice", node.url);
  await openChat(aliceAgain, "Bob");
  await expect(message(aliceAgain, "for when you are back")).toContainText(gotThere);
});

test("an invite works while its maker is away: request and text are there on return", async () => {
  const alice = await home.open("Alice", node.url);
  await begin(alice);
  const link = await makeInvite(alice);
  await alice.close();
  const bob = await home.open("Bob", link);
  await arriveBy(bob);
  await write(bob, "are you there?");
  await expect(message(bob, "are you there?")).toContainText("Held until");
  const aliceAgain = await home.open("Alice", node.url);
  await openChat(aliceAgain, "Bob");
  await expect(aliceAgain.page.getByText("Bob wants to talk to you.")).toBeVisible();
  await expect(message(aliceAgain, "are you there?")).toBeVisible();
  // Nothing was told to the stranger by reading it.
  await expect(message(bob, "are you there?")).toContainText("Held until");
  await aliceAgain.page.getByRole("button", { name: "Accept" }).click();
  await expect(message(bob, "are you there?")).toContainText(gotThere);
});

test("the node stops and starts: both come back by themselves and nothing is lost", async () => {
  const { alice, bob } = await contacts(home, node.url);
  await bob.close();
  await node.stop();
  await write(alice, "written without a node");
  await expect(alice.page.getByText(/cannot be reached|Connecting to/).first()).toBeVisible();
  await expect(message(alice, "written without a node")).toContainText("Saved on this device");
  await node.start();
  await expect(message(alice, "written without a node")).toContainText("Held until", { timeout: 45_000 });
  const bobAgain = await home.open("Bob", node.url);
  await openChat(bobAgain, "Alice");
  await expect(message(bobAgain, "written without a node")).toBeVisible();
  await node.stop();
  await node.start();
  await linked(alice);
  await write(bobAgain, "and after another restart");
  await expect(message(alice, "and after another restart")).toBeVisible();
});

test("without WebRTC the chat works through the node and says so", async () => {
  const before = () => {
    Reflect.deleteProperty(globalThis, "RTCPeerConnection");
  };
  const alice = await home.open("Alice", node.url, { before });
  await begin(alice);
  const bob = await home.open("Bob", await makeInvite(alice));
  await arriveBy(bob);
  await write(bob, "no direct way");
  await openChat(alice, "Bob");
  await alice.page.getByRole("button", { name: "Accept" }).click();
  await expect(message(bob, "no direct way")).toContainText(gotThere);
  await write(alice, "but here we are");
  await expect(message(bob, "but here we are")).toBeVisible();
  await expect(message(alice, "but here we are")).toContainText(gotThere);
  await expect(alice.page.getByText("no WebRTC").first()).toBeVisible();
  await bob.page.getByRole("link", { name: "Details of" }).click();
  await expect(bob.page.getByText("It sees that you talk, not what.")).toBeVisible();
});
