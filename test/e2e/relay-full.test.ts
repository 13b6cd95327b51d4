// A node whose relay has room for nobody.
import { expect, test } from "@playwright/test";
import { startNodeProcess } from "../support/node-process.ts";
import { arriveBy, begin, gotThere, household, makeInvite, message, openChat, write } from "../support/people.ts";

test("with a full relay the chat works through the mailbox and says so", async () => {
  const node = await startNodeProcess("--relay-reservations", "1");
  const home = await household();
  try {
    const alice = await home.open("Alice", node.url);
    await begin(alice);
    const bob = await home.open("Bob", await makeInvite(alice));
    await arriveBy(bob);
    await write(bob, "is there room?");
    await openChat(alice, "Bob");
    await alice.page.getByRole("button", { name: "Accept" }).click();
    await expect(message(bob, "is there room?")).toContainText(gotThere);
    // One of the two has the only place.
    const full = (page: typeof alice.page) => page.getByText("No room for direct connections").first().isVisible();
    await expect.poll(async () => (await full(alice.page)) || (await full(bob.page)), { timeout: 30_000 }).toBe(true);
    await write(alice, "through the mailbox then");
    await expect(message(bob, "through the mailbox then")).toBeVisible();
    await expect(message(alice, "through the mailbox then")).toContainText(gotThere);
  } finally {
    await home.end();
    await node.discard();
  }
});
