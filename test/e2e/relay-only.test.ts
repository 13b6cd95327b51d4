// Two browsers whose persons hide their addresses from each other, by the switches a person sees; and what each browser
// is told of the other's addresses. All that arrives, byte by byte, is read in contracts/links-addresses.test.ts.
import { expect, test } from "@playwright/test";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";
import {
  arriveBy,
  begin,
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
let alice: Person;
let bob: Person;

test.beforeAll(async () => {
  test.setTimeout(60_000);
  node = await startNodeProcess();
  home = await household();
  alice = await home.open("Alice", node.url, { before: rememberToldAddresses });
  await begin(alice);
  bob = await home.open("Bob", await makeInvite(alice), { before: rememberToldAddresses });
  await arriveBy(bob);
  await write(bob, "Hello Alice");
  await openChat(alice, "Bob");
});
test.afterAll(async () => {
  await home?.end();
  await node?.discard();
});

test("tells a stranger nothing, an accepted contact where to find the browser, and nobody else's wish is needed to stop it", async () => {
  await expect(message(alice, "Hello Alice")).toBeVisible();
  expect(await made(alice)).toBe(0);
  expect(await made(bob)).toBe(0);

  await alice.page.getByRole("button", { name: "Accept" }).click();
  await linkedDirectly(true);
  // One side's addresses are enough to connect.
  expect([await toldTo(alice), await toldTo(bob)].flat().join()).toContain("typ host");

  await details(bob);
  const hide = bob.page.getByRole("switch", { name: "Hide my internet address from Alice" });
  await hide.click();
  await expect(hide).toBeChecked();
  await linkedDirectly(false);
  await expect(bob.page.getByText("Through node")).toBeVisible();
  await forget();
  await talk("over the node", "and back");
  // Both begin anew: no address is told again.
  for (const person of [alice, bob]) {
    await person.page.reload();
    await expect(message(person, "and back")).toBeVisible();
  }
  await details(alice);
  await expect(alice.page.getByText("passes it on, locked")).toBeVisible();
  await talk("once more", "heard you");
  for (const person of [alice, bob]) {
    expect(await toldTo(person)).toEqual([]);
    expect(await made(person)).toBe(0);
  }

  await hide.click();
  await linkedDirectly(true);
});

async function details(person: Person): Promise<void> {
  await person.page.getByRole("link", { name: "Details of" }).click();
}

async function talk(there: string, back: string): Promise<void> {
  await write(alice, there);
  await expect(message(alice, there)).toContainText(gotThere);
  await write(bob, back);
  await expect(message(bob, back)).toContainText(gotThere);
}

async function linkedDirectly(wanted: boolean): Promise<void> {
  for (const person of [alice, bob]) {
    await expect.poll(async () => (await linkStats(person)).length, { timeout: 20_000 }).toBe(wanted ? 1 : 0);
  }
}

interface Told {
  made: number;
  readonly heard: string[];
}

/** Keeps what the page is told of others' addresses: their SDP and candidates. */
function rememberToldAddresses(): void {
  const told: Told = { made: 0, heard: [] };
  const Original = RTCPeerConnection;
  Object.assign(globalThis, { kithTold: told });
  globalThis.RTCPeerConnection = class extends Original {
    constructor(...given: ConstructorParameters<typeof RTCPeerConnection>) {
      super(...given);
      told.made++;
    }
    override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
      told.heard.push(description.sdp ?? "");
      return super.setRemoteDescription(description);
    }
    override addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
      told.heard.push(candidate?.candidate ?? "");
      return super.addIceCandidate(candidate);
    }
  };
}

const told = ({ page }: Person): Promise<Told> =>
  page.evaluate(() => (globalThis as unknown as { kithTold: Told }).kithTold);
const toldTo = async (person: Person) => (await told(person)).heard;
const made = async (person: Person) => (await told(person)).made;

async function forget(): Promise<void> {
  for (const { page } of [alice, bob]) {
    await page.evaluate(() => {
      const { kithTold } = globalThis as unknown as { kithTold: Told };
      kithTold.made = 0;
      kithTold.heard.length = 0;
    });
  }
}
