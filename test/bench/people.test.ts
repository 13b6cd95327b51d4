/** What two people wait for, in real browsers (README: figures). Prints figures; asserts only that all was done. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";
import {
  arriveBy,
  begin,
  composer,
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
beforeAll(async () => {
  node = await startNodeProcess();
  home = await household();
});
afterAll(async () => {
  await home.end();
  await node.discard();
});

const rounds = 40;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function tell(what: string, values: readonly number[]): void {
  const sorted = [...values].sort((a, b) => a - b);
  const [least = 0] = sorted;
  const most = sorted.at(-1) ?? 0;
  console.log(
    `${what}: median ${median(values).toFixed(1)} ms (${least.toFixed(1)} to ${most.toFixed(1)}, n = ${values.length})`,
  );
}

const noWebrtc = () => {
  Reflect.deleteProperty(globalThis, "RTCPeerConnection");
};

interface Pair {
  readonly alice: Person;
  readonly bob: Person;
  /** From opening the link to the first mark "Delivered" at the one who opened it, clicks of both included. */
  readonly firstDeliveredMs: number;
}

async function contacts(names: readonly [string, string], before?: () => void): Promise<Pair> {
  const options = before ? { before } : {};
  const alice = await home.open(names[0], node.url, options);
  await begin(alice);
  const link = await makeInvite(alice);
  const bob = await home.open(names[1], "about:blank", options);
  const openedAtMs = performance.now();
  await bob.page.goto(link);
  await arriveBy(bob);
  await write(bob, "first words");
  await openChat(alice, names[1]);
  await alice.page.getByRole("button", { name: "Accept" }).click();
  await message(bob, "first words").getByText("Delivered").first().waitFor({ state: "attached" });
  return { alice, bob, firstDeliveredMs: performance.now() - openedAtMs };
}

/** From the key press to the mark, measured in the page. */
async function pressToDelivered(person: Person, round: number): Promise<number> {
  const text = `round ${round} of ${rounds}.`;
  await composer(person).fill(text);
  const measured = person.page.evaluate(
    (words) =>
      new Promise<number>((resolve) => {
        let pressedAtMs = 0;
        const onKey = () => {
          pressedAtMs = performance.now();
        };
        addEventListener("keydown", onKey, { capture: true, once: true });
        const look = () => {
          const rows = [...document.querySelectorAll('article, [role="article"]')];
          if (!rows.some((row) => row.textContent?.includes(words) && row.textContent.includes("Delivered"))) return;
          observer.disconnect();
          resolve(performance.now() - pressedAtMs);
        };
        const observer = new MutationObserver(look);
        observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
      }),
    text,
  );
  await composer(person).press("Enter");
  return measured;
}

/** 1 KiB there and back between two pages over nothing but an RTCDataChannel. */
async function bareRoundTrips(a: Person, b: Person): Promise<readonly number[]> {
  const offer = await a.page.evaluate(async () => {
    const connection = new RTCPeerConnection();
    const channel = connection.createDataChannel("bench");
    channel.binaryType = "arraybuffer";
    Object.assign(globalThis, { bench: { connection, channel } });
    await connection.setLocalDescription();
    while (connection.iceGatheringState !== "complete") await new Promise((resolve) => setTimeout(resolve, 20));
    return connection.localDescription?.sdp ?? "";
  });
  const answer = await b.page.evaluate(async (sdp) => {
    const connection = new RTCPeerConnection();
    connection.ondatachannel = ({ channel }) => {
      channel.binaryType = "arraybuffer";
      channel.onmessage = ({ data }) => channel.send(data);
    };
    Object.assign(globalThis, { bench: { connection } });
    await connection.setRemoteDescription({ type: "offer", sdp });
    await connection.setLocalDescription();
    while (connection.iceGatheringState !== "complete") await new Promise((resolve) => setTimeout(resolve, 20));
    return connection.localDescription?.sdp ?? "";
  }, offer);
  return a.page.evaluate(
    async ({ sdp, times }) => {
      const { connection, channel } = (
        globalThis as unknown as { bench: { connection: RTCPeerConnection; channel: RTCDataChannel } }
      ).bench;
      await connection.setRemoteDescription({ type: "answer", sdp });
      while (channel.readyState !== "open") await new Promise((resolve) => setTimeout(resolve, 5));
      const taken: number[] = [];
      for (let i = 0; i < times; i++) {
        const sentAtMs = performance.now();
        const back = new Promise((resolve) => {
          channel.onmessage = resolve;
        });
        channel.send(new Uint8Array(1_024));
        await back;
        taken.push(performance.now() - sentAtMs);
      }
      connection.close();
      return taken;
    },
    { sdp: answer, times: rounds },
  );
}

it("first delivered message, and round trips direct, bare and through the node", async () => {
  const { alice, bob, firstDeliveredMs } = await contacts(["Alice", "Bob"]);
  tell("invite opened to first delivered message", [firstDeliveredMs]);
  await expect.poll(async () => (await linkStats(alice)).length, { timeout: 30_000 }).toBeGreaterThan(0);
  const direct: number[] = [];
  for (let i = 0; i < rounds; i++) direct.push(await pressToDelivered(bob, i));
  tell("key press to delivered mark, direct", direct);
  tell("bare RTCDataChannel, 1 KiB there and back", await bareRoundTrips(alice, bob));
  const away = await contacts(["Carol", "Dave"], noWebrtc);
  const throughNode: number[] = [];
  for (let i = 0; i < rounds; i++) throughNode.push(await pressToDelivered(away.bob, i));
  tell("key press to delivered mark, through the node", throughNode);
});

it("a profile of 10,000 messages opens", async () => {
  const alice = await home.open("Erin", node.url);
  await begin(alice);
  await openChat(alice, "Note to self");
  await write(alice, "the first note");
  const address = alice.page.url();
  await alice.page.evaluate(fillWithNotes, 10_000);
  const toList: number[] = [];
  const toMessages: number[] = [];
  for (let i = 0; i < 7; i++) {
    await alice.page.goto("about:blank");
    const openedAtMs = performance.now();
    await alice.page.goto(address);
    await alice.page.getByRole("heading", { name: "Chats" }).waitFor();
    toList.push(performance.now() - openedAtMs);
    await message(alice, "note number 9999.").waitFor();
    toMessages.push(performance.now() - openedAtMs);
  }
  tell("10,000 messages: page opened to chat list", toList);
  tell("10,000 messages: page opened to newest messages", toMessages);
});

/** Copies the profile's one message, in the page, as often as asked. */
async function fillWithNotes(count: number): Promise<void> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open("kith");
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const transaction = database.transaction("messages", "readwrite");
  const store = transaction.objectStore("messages");
  const reading = store.getAll();
  reading.onsuccess = () => {
    const [model] = reading.result as { key: string; order: string; sentAtMs: number }[];
    if (model === undefined) throw new Error("no message to copy");
    for (let i = 0; i < count; i++) {
      const number = i.toString(16).padStart(16, "0");
      const sentAtMs = model.sentAtMs - (count - i) * 60_000;
      const order = sentAtMs.toString(16).padStart(14, "0") + model.order.slice(14, 54) + number;
      const text = `note number ${i}.`;
      store.put({ ...model, key: `${model.key.slice(0, 33)}${number}`, order, sentAtMs, body: { kind: "text", text } });
    }
  };
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onerror = () => reject(transaction.error);
  });
  database.close();
}
