/** A browser that comes back to 1,000 waiting messages (README: figures). Prints figures; asserts only that all was done. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { keptTexts } from "../support/kept-texts.ts";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";
import { composer, contacts, type Household, household, message, openChat } from "../support/people.ts";

const waiting = 1_000;

let node: NodeProcess;
let home: Household;
beforeAll(async () => {
  node = await startNodeProcess();
  home = await household();
});
afterAll(async () => {
  await home.end();
  await node.discard();
});

it("1,000 messages wait at the node: reopened to shown", async () => {
  const before = () => {
    Reflect.deleteProperty(globalThis, "RTCPeerConnection");
  };
  const { alice, bob } = await contacts(home, node.url, { before });
  await bob.close();
  await composer(alice).focus();
  for (let i = 1; i <= waiting; i++) {
    await alice.page.keyboard.insertText(`waiting ${i}.`);
    await alice.page.keyboard.press("Enter");
  }
  const held = message(alice, `waiting ${waiting}.`).getByText("Held until").first();
  await held.waitFor({ state: "attached", timeout: 300_000 });
  await alice.close();

  const back = await home.open("Bob", "about:blank", { before });
  const openedAtMs = performance.now();
  const sinceMs = () => Math.round(performance.now() - openedAtMs);
  await back.page.goto(node.url);
  await openChat(back, "Alice");
  const toChatMs = sinceMs();
  await message(back, `waiting ${waiting}.`).waitFor({ state: "attached", timeout: 120_000 });
  const toNewestMs = sinceMs();
  const arrived = async () => (await keptTexts(back.page)).filter((text) => text.startsWith("waiting ")).length;
  await expect.poll(arrived, { timeout: 120_000, interval: 50 }).toBe(waiting);
  console.log(
    `${waiting} waiting messages: page opened to chat ${toChatMs} ms, to the newest shown ${toNewestMs} ms, all kept by ${sinceMs()} ms`,
  );
});
