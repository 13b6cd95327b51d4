/**
 * Two people in a network that comes and goes (FAULTS F7): browsers and node are real, the wire between them is cut and
 * healed, and the browsers notice that they are offline. Both write in every flap, up and down.
 */
import { expect } from "@playwright/test";
import { startChaosProxy } from "./chaos-proxy.ts";
import { keptTexts } from "./kept-texts.ts";
import { startNodeProcess } from "./node-process.ts";
import { composer, contacts, household, type Person } from "./people.ts";

export interface Flaps {
  readonly count: number;
  readonly upMs: number;
  readonly downMs: number;
}

export interface FlapFigures {
  /** From the last up until everything was at the other, milliseconds. */
  readonly deliveredMs: number;
  /** For each person: connections to the mailbox on which the node said hello, without the first. */
  readonly reconnects: readonly number[];
  readonly minutes: number;
}

/** Everything has arrived once when it returns. */
export async function flapStory({ count, upMs, downMs }: Flaps): Promise<FlapFigures> {
  const node = await startNodeProcess();
  const proxy = await startChaosProxy(node);
  const home = await household();
  // A link would carry everything past the wire that this is about.
  const before = () => {
    Reflect.deleteProperty(globalThis, "RTCPeerConnection");
  };
  try {
    const { alice, bob } = await contacts(home, proxy.url, { before });

    const people = [alice, bob];
    const hellos = people.map(countHellos);
    const sent: string[] = [];
    const say = async (when: string) => {
      for (const person of people) {
        const text = `${person.name}, ${when}.`;
        sent.push(text);
        await composer(person).fill(text);
        await composer(person).press("Enter");
      }
    };
    const startedAtMs = performance.now();
    const phase = async (ms: number, when: string) => {
      const endsAtMs = performance.now() + ms;
      await say(when);
      await new Promise((resolve) => setTimeout(resolve, endsAtMs - performance.now()));
    };
    let upAtMs = 0;
    for (let flap = 0; flap < count; flap++) {
      proxy.become("cut");
      proxy.reset();
      await Promise.all(people.map(({ context }) => context.setOffline(true)));
      await phase(downMs, `down ${flap}`);
      proxy.become("clear");
      await Promise.all(people.map(({ context }) => context.setOffline(false)));
      upAtMs = performance.now();
      if (flap < count - 1) await phase(upMs, `up ${flap}`);
    }
    const minutes = (upAtMs - startedAtMs) / 60_000;
    const reconnects = hellos.map((hello) => hello.count);
    for (const person of people) {
      await expect
        .poll(
          async () => {
            const there = new Set(await keptTexts(person.page));
            return sent.filter((text) => !there.has(text));
          },
          { intervals: [100], timeout: 60_000 },
        )
        .toEqual([]);
    }
    const deliveredMs = performance.now() - upAtMs;
    for (const person of people) {
      const there = (await keptTexts(person.page)).filter((text) => sent.includes(text));
      expect(there.length).toBe(sent.length);
    }
    return { deliveredMs, reconnects, minutes };
  } finally {
    await home.end();
    await proxy.stop();
    await node.discard();
  }
}

/** The node says hello first: a WebSocket to the mailbox on which something was heard is a connection. */
function countHellos({ page }: Person): { readonly count: number } {
  const hellos = { count: 0 };
  page.on("websocket", (socket) => {
    if (!socket.url().endsWith("/topics")) return;
    socket.once("framereceived" as never, () => {
      hellos.count += 1;
    });
  });
  return hellos;
}
