// What a node has seen when two people have become contacts and talked: everything it stored and every byte on its wire.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "@playwright/test";
import { startNodeProcess } from "../support/node-process.ts";
import {
  arriveBy,
  begin,
  gotThere,
  household,
  makeInvite,
  message,
  openChat,
  type Person,
  write,
} from "../support/people.ts";

async function folderBytes(folder: string): Promise<Buffer> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const whole = files.filter((file) => file.isFile()).map((file) => readFile(path.join(file.parentPath, file.name)));
  return Buffer.concat(await Promise.all(whole));
}

/** Every form in which text or bytes are likely to lie in a file or frame. */
function formsOf(secret: Buffer): readonly Buffer[] {
  const texts = [secret.toString("hex"), secret.toString("base64").replace(/=+$/, ""), secret.toString("base64url")];
  return [secret, Buffer.from(secret.toString("utf8"), "utf16le"), ...texts.map((text) => Buffer.from(text))];
}

/** The raw account and device keys of the person's profile. */
async function keysOf({ page }: Person): Promise<readonly Buffer[]> {
  const hex = await page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open("kith");
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const profile = await new Promise<Record<string, unknown>>((resolve, reject) => {
      const reading = database.transaction("profile").objectStore("profile").get("me");
      reading.onsuccess = () => resolve(reading.result);
      reading.onerror = () => reject(reading.error);
    });
    database.close();
    const toHex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return [
      String(profile["account"]),
      toHex(profile["entropy"] as Uint8Array),
      toHex(profile["deviceSeed"] as Uint8Array),
    ];
  });
  expect(hex.every((text) => text.length >= 32)).toBe(true);
  return hex.map((text) => Buffer.from(text, "hex"));
}

test("the node's storage and traffic contain no plaintext, no name and no account key", async () => {
  const node = await startNodeProcess();
  const home = await household();
  try {
    const alice = await home.open("Aliceandrina", node.url);
    await begin(alice);
    const link = await makeInvite(alice);
    const bob = await home.open("Bobbington", link);
    await arriveBy(bob);
    await write(bob, "The quiet heron stands in cold water");
    await openChat(alice, "Bobbington");
    await alice.page.getByRole("button", { name: "Accept" }).click();
    await expect(message(bob, "quiet heron")).toContainText(gotThere);
    const ofBob = bob.traffic();
    await bob.close();
    await write(alice, "Wait for me at the seventh lock");
    await expect(message(alice, "seventh lock")).toContainText("Held until");
    const secrets = [
      ...["quiet heron", "seventh lock", "Aliceandrina", "Bobbington"].map((text) => Buffer.from(text)),
      ...(await keysOf(alice)),
      Buffer.from(link.slice(link.indexOf("#/i/") + 4)),
    ];
    const seen = { storage: await folderBytes(node.folder), traffic: Buffer.concat([ofBob, alice.traffic()]) };
    // The search must be able to find: these are what the node does have.
    expect(seen.storage.length).toBeGreaterThan(10_000);
    expect(seen.traffic.length).toBeGreaterThan(10_000);
    expect(seen.traffic.includes("/topics")).toBe(true);
    for (const [place, bytes] of Object.entries(seen)) {
      for (const secret of secrets) {
        for (const form of formsOf(secret))
          expect(bytes.includes(form), `${place}: ${secret.toString("hex")}`).toBe(false);
      }
    }
  } finally {
    await home.end();
    await node.discard();
  }
});
