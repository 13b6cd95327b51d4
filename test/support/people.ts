// People for the browser tests: each is a Chromium process of their own with a profile on disk, driven by what a person
// sees. Knows the interface's words; knows nothing of the engine.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type BrowserContext, chromium, expect, type Page } from "@playwright/test";
import { chromiumFlags, findChromium } from "./chromium.ts";

export interface Person {
  readonly name: string;
  readonly page: Page;
  readonly context: BrowserContext;
  /** Everything the page wrote to the console and every uncaught error. */
  readonly complaints: readonly string[];
  /** What this browser and any server said to each other so far: WebSocket payloads, addresses and headers of requests. */
  traffic(): Buffer;
  /** Ends the browser process; the profile stays. */
  close(): Promise<void>;
}

export interface Household {
  /** A new person, or the same one again with the profile they had. */
  open(name: string, address: string, options?: OpenOptions): Promise<Person>;
  /** Ends every browser and deletes every profile. */
  end(): Promise<void>;
}

export interface OpenOptions {
  /** Runs in the page before anything of Kith. */
  readonly before?: () => void;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: "light" | "dark";
  /** Instead of the Chromium that is found. */
  readonly executablePath?: string;
  readonly flags?: readonly string[];
}

export async function household(): Promise<Household> {
  const root = await mkdtemp(path.join(tmpdir(), "kith-people-"));
  const executablePath = await findChromium();
  const open = new Set<BrowserContext>();
  return {
    async open(name, address, options = {}) {
      const context = await chromium.launchPersistentContext(path.join(root, name), {
        executablePath: options.executablePath ?? executablePath,
        args: [...chromiumFlags, ...(options.flags ?? [])],
        viewport: options.viewport ?? { width: 1200, height: 800 },
        colorScheme: options.colorScheme ?? "light",
        permissions: ["clipboard-read", "clipboard-write"],
      });
      open.add(context);
      await context.addInitScript(rememberConnections);
      if (options.before) await context.addInitScript(options.before);
      const page = context.pages()[0] ?? (await context.newPage());
      const complaints: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      const traffic: Buffer[] = [];
      page.on("websocket", (socket) => {
        traffic.push(Buffer.from(socket.url()));
        for (const event of ["framesent", "framereceived"] as const) {
          // The `as never` picks one of two overloads with the same handler.
          socket.on(event as never, ({ payload }: { payload: string | Buffer }) => traffic.push(Buffer.from(payload)));
        }
      });
      page.on("request", (request) => {
        traffic.push(Buffer.from(JSON.stringify([request.url(), request.headers(), request.postData()])));
      });
      await page.goto(address);
      return {
        name,
        page,
        context,
        complaints,
        traffic: () => Buffer.concat(traffic),
        async close() {
          open.delete(context);
          await context.close();
        },
      };
    },
    async end() {
      await Promise.all([...open].map((context) => context.close()));
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Keeps every RTCPeerConnection of the page where `linkStats` finds it. */
function rememberConnections(): void {
  if (typeof RTCPeerConnection !== "function") return;
  const all: RTCPeerConnection[] = [];
  const Original = RTCPeerConnection;
  Object.assign(globalThis, { kithConnections: all });
  globalThis.RTCPeerConnection = class extends Original {
    constructor(...given: ConstructorParameters<typeof RTCPeerConnection>) {
      super(...given);
      all.push(this);
    }
  };
}

export interface LinkStats {
  /** Of the two chosen ICE candidates: host, srflx, prflx or relay. */
  readonly localKind: string;
  readonly remoteKind: string;
  readonly remoteAddress: string;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** The WebRTC connections of the page that carry data now. */
export function linkStats(person: Person): Promise<readonly LinkStats[]> {
  return person.page.evaluate(async () => {
    const all = (globalThis as unknown as { kithConnections: RTCPeerConnection[] }).kithConnections ?? [];
    const found = [];
    for (const connection of all.filter((one) => one.connectionState === "connected")) {
      const stats = new Map<string, Record<string, unknown>>();
      for (const [id, report] of await connection.getStats()) stats.set(id, report as Record<string, unknown>);
      const transport = [...stats.values()].find((one) => one["type"] === "transport");
      const pair = stats.get(String(transport?.["selectedCandidatePairId"]));
      const local = stats.get(String(pair?.["localCandidateId"]));
      const remote = stats.get(String(pair?.["remoteCandidateId"]));
      found.push({
        localKind: String(local?.["candidateType"]),
        remoteKind: String(remote?.["candidateType"]),
        remoteAddress: String(remote?.["address"]),
        // Of all pairs that were ever chosen: ICE changes to a better one.
        bytesSent: Number(transport?.["bytesSent"]),
        bytesReceived: Number(transport?.["bytesReceived"]),
      });
    }
    return found;
  });
}

/** First screen: a name and Start. */
export async function begin(person: Person): Promise<void> {
  const { page, name } = person;
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Start" }).click();
  await expect(page.getByRole("heading", { name: "Chats" })).toBeVisible();
}

/** The link of a new invite, once the node has it. */
export async function makeInvite(person: Person): Promise<string> {
  const { page } = person;
  await page.getByRole("link", { name: "Show my QR or share my link" }).click();
  const field = page.getByRole("textbox", { name: "Your invitation link" });
  await expect(field).toHaveValue(/#\/i\//);
  await expect(page.getByText("Ready to be used").first()).toBeVisible();
  return field.inputValue();
}

/** The link of a group whose details are open, once the node has it. */
export async function makeGroupLink({ page }: Person): Promise<string> {
  await page.getByRole("button", { name: "New link" }).click();
  await page.getByRole("button", { name: "Make link" }).click();
  const field = page.getByRole("textbox", { name: "Link to the group" });
  await expect(field).toHaveValue(/#\/i\//);
  await expect(page.getByRole("dialog").getByText("Not at the node yet")).toHaveCount(0);
  const link = await field.inputValue();
  await page.keyboard.press("Escape");
  return link;
}

/** Opens somebody's link as a new person. */
export async function arriveBy(person: Person): Promise<void> {
  const { page, name } = person;
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Accept" }).click();
  await expect(composer(person)).toBeVisible();
}

/** Alice invites, bob arrives by her link and writes, alice accepts. */
export async function contacts(
  home: Household,
  address: string,
  options?: OpenOptions,
): Promise<{ readonly alice: Person; readonly bob: Person }> {
  const alice = await home.open("Alice", address, options);
  await begin(alice);
  const bob = await home.open("Bob", await makeInvite(alice), options);
  await befriend(alice, bob);
  return { alice, bob };
}

/** The second half of it: the guest has opened the host's link. */
export async function befriend(host: Person, guest: Person): Promise<void> {
  const hello = `Hello ${host.name}`;
  await arriveBy(guest);
  await write(guest, hello);
  await openChat(host, guest.name);
  await expect(message(host, hello)).toBeVisible();
  await host.page.getByRole("button", { name: "Accept" }).click();
  await expect(message(guest, hello)).toContainText(gotThere);
}

export function composer({ page }: Person) {
  return page.getByRole("form", { name: "Message" }).getByRole("textbox");
}

export async function write(person: Person, text: string): Promise<void> {
  await composer(person).fill(text);
  await composer(person).press("Enter");
  await expect(message(person, text)).toBeVisible();
}

/** What the row of an own message says when it is with the other: it may have been read by then. */
export const gotThere = /Delivered|Read/;

/** The newest row with this text. */
export function message({ page }: Person, text: string) {
  return page.getByRole("article").filter({ hasText: text }).last();
}

export async function openChat(person: Person, name: string): Promise<void> {
  await person.page.getByRole("navigation", { name: "Chats" }).getByRole("link", { name }).click();
}
