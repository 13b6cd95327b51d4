// What is wrong gets its sentence on the screen, and nothing is lost by it.
import { expect, test } from "@playwright/test";
import type { AccountId, NodeUrl } from "../../core/lang/brand.ts";
import { toBase64Url } from "../../core/lang/bytes.ts";
import { formatInviteLink } from "../../core/wire/invite-link.ts";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";
import { arriveBy, begin, type Household, household, makeInvite, openChat, type Person } from "../support/people.ts";

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

const dayMs = 86_400_000;

function link(change: { readonly node?: NodeUrl; readonly expiresAtMs?: number } = {}): string {
  return formatInviteLink(node.url, {
    kind: "person",
    account: "ab".repeat(32) as AccountId,
    secret: new Uint8Array(16).fill(7),
    node: node.url,
    expiresAtMs: Date.now() + dayMs,
    ...change,
  });
}

async function says(person: Person, address: string, sentence: RegExp): Promise<void> {
  const { page } = person;
  await page.goto("about:blank");
  await page.goto(address);
  await expect(page.getByText(sentence).first()).toBeVisible({ timeout: 20_000 });
}

test("each invite that cannot be used says why", async () => {
  const bob = await home.open("Bob", node.url);
  await begin(bob);
  await says(bob, `${node.url}/#/i/?`, /cut off or changed|not a Kith invitation/);
  await says(bob, link().slice(0, -5), /The link was cut off or changed on its way/);
  await says(bob, `${node.url}/#/i/${toBase64Url(new Uint8Array(80).fill(7))}`, /made by a newer Kith/);
  await says(bob, link({ expiresAtMs: Date.now() - dayMs }), /This invitation has ended/);
  await says(bob, link(), /withdrawn, or the node that kept it is gone/);
  await says(bob, link({ node: "http://localhost:9" as NodeUrl }), /node that keeps this invitation cannot be reached/);
  await bob.page.goto(node.url);
  const own = await makeInvite(bob);
  await says(bob, own, /This is your own invitation/);
});

test("an invite that somebody used already says so to the next", async () => {
  const alice = await home.open("Alice", node.url);
  await begin(alice);
  const invite = await makeInvite(alice);
  const bob = await home.open("Bob", invite);
  await arriveBy(bob);
  await openChat(alice, "Bob");
  const carol = await home.open("Carol", invite);
  await expect(carol.page.getByText(/This invitation was used or withdrawn/).first()).toBeVisible();
});

test("a window that keeps nothing says so, and does not pretend", async () => {
  const before = () => {
    IDBFactory.prototype.open = () => {
      throw new DOMException("storage is off in this window", "SecurityError");
    };
  };
  const bob = await home.open("Bob", node.url, { before });
  await expect(bob.page.getByText("This browser does not let Kith keep anything")).toBeVisible();
  await expect(bob.page.getByRole("button", { name: "Start" })).toHaveCount(0);
});

test("a second tab offers to take over, and the first one stops", async () => {
  const alice = await home.open("Alice", node.url);
  await begin(alice);
  const second = await alice.context.newPage();
  await second.goto(node.url);
  await expect(second.getByText("Kith is open in another tab")).toBeVisible();
  await second.getByRole("button", { name: "Use it here" }).click();
  await expect(second.getByRole("heading", { name: "Chats" })).toBeVisible();
  await expect(alice.page.getByText("Kith is open in another tab")).toBeVisible();
});

test("with the node away from the start, notes can be written and the page says what is missing", async () => {
  const alice = await home.open("Alice", node.url);
  await begin(alice);
  // From here on the page itself comes from the service worker.
  await alice.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await node.stop();
  await alice.page.reload();
  await openChat(alice, "Note to self");
  await alice.page.getByRole("form", { name: "Message" }).getByRole("textbox").fill("kept without a node");
  await alice.page.keyboard.press("Enter");
  await expect(alice.page.getByRole("article").filter({ hasText: "kept without a node" })).toBeVisible();
  await expect(alice.page.getByText(/cannot be reached|Connecting to/).first()).toBeVisible();
  await node.start();
  await expect(alice.page.getByText(/cannot be reached|Connecting to/)).toHaveCount(0, { timeout: 45_000 });
});
