// A laptop is closed and opened again: the browser stood still, and its connections died without a word.
import { expect, test } from "@playwright/test";
import { startChaosProxy } from "../support/chaos-proxy.ts";
import { startNodeProcess } from "../support/node-process.ts";
import { befriend, begin, gotThere, household, makeInvite, message, write } from "../support/people.ts";
import { putToSleep } from "../support/sleeping-browser.ts";

/** Long enough that the page finds its timer late by more than it is ever otherwise. */
const sleepMs = 18_000;
/** The page looks every 5 s, asks the wire for 5 s, and connects. Twice as much on a busy machine. */
const backWithinMs = 2 * 12_000;

test("after a sleep in which all connections died, what was missed is there in seconds without a hand on it", async () => {
  test.setTimeout(150_000);
  if (process.platform !== "linux") return console.log("  left out: a browser is put to sleep by Linux's means");
  const node = await startNodeProcess();
  const proxy = await startChaosProxy(node);
  const home = await household();
  const before = () => {
    Reflect.deleteProperty(globalThis, "RTCPeerConnection");
  };
  const flag = `--kith-sleeper=${process.pid}`;
  try {
    const alice = await home.open("Alice", proxy.url, { before });
    await begin(alice);
    const bob = await home.open("Bob", await makeInvite(alice), { before, flags: [flag] });
    await befriend(alice, bob);
    const madeBefore = proxy.made;

    const wake = putToSleep(flag);
    await write(alice, "while you slept");
    await expect(message(alice, "while you slept")).toContainText("Held until");
    // Whoever held the lines has forgotten them; new calls get through.
    proxy.become("deaf");
    proxy.become("clear");
    await new Promise((resolve) => setTimeout(resolve, sleepMs));
    wake();
    const wokenAtMs = performance.now();
    await expect(message(bob, "while you slept")).toBeVisible({ timeout: 60_000 });
    const tookMs = Math.round(performance.now() - wokenAtMs);
    // Nothing tells alice of her own dead line but its silence.
    await expect(message(alice, "while you slept")).toContainText(gotThere, { timeout: 45_000 });
    console.log(
      `  slept ${sleepMs / 1_000} s: caught up ${tookMs} ms after waking, with ${proxy.made - madeBefore} new connections of both, ${proxy.open} open`,
    );
    expect(tookMs).toBeLessThan(backWithinMs);
  } finally {
    await home.end();
    await proxy.stop();
    await node.discard();
  }
});
