// Anybody can make a copy of a group, with what was said in it, and ask the others to come along (PROTOCOL.md §13.14).
import { expect } from "vitest";
import type { ConversationId } from "../../core/index.ts";
import { groupsOn, profileOn } from "../support/groups-by-hand.ts";
import { add, countsOf, hikers, readBy, say, textsOf } from "../support/shared-history.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { must, rowsOn, type World } from "../support/sim-world.ts";
import { story, viewOf } from "../support/story.ts";

const memory = { storage: "memory" } as const;
const accountsOf = (world: World, names: readonly string[]) => names.map((name) => profileOn(world, name).account);

interface Wish {
  readonly people?: readonly string[];
  readonly history?: boolean;
  readonly byLink?: boolean;
}

function fork(world: World, by: SimDevice, id: ConversationId, { people = [], history = true, byLink = false }: Wish) {
  const choice = { name: "Old hikers", emoji: "", people: accountsOf(world, people), history, byLink };
  return world.run(by.messenger.groups.forkGroup(id, choice));
}

async function eventsOf(world: World, device: SimDevice, id: ConversationId): Promise<readonly unknown[]> {
  const { messages } = await world.see(device.messenger.timeline(id, 1_000));
  return messages.flatMap(({ body }) => (body.kind === "event" ? [body.event] : []));
}

story(
  "a member makes a copy with its history and takes a contact along, who is given the history, and is the copy's owner",
  async (world) => {
    const { id, alice, bob, carol } = await hikers(world, "none");
    await world.befriend(bob, carol);
    await add(world, alice, id, "carol");
    await say(world, alice, id, "who comes along?");
    await say(world, bob, id, "I do");
    await say(world, carol, id, "me too");
    const copy = must(await fork(world, bob, id, { people: ["carol"] }));
    await world.advance(60_000);
    expect(await readBy(world, bob, copy)).toEqual([
      { text: "who comes along?", author: "Alice", sharedBy: "Bob" },
      { text: "I do", author: "Bob", sharedBy: "Bob" },
      { text: "me too", author: "Carol", sharedBy: "Bob" },
    ]);
    expect(await readBy(world, carol, copy)).toEqual(await readBy(world, bob, copy));
    for (const one of [bob, carol]) {
      expect(await countsOf(world, one, copy)).toBe("3 of 3");
      expect((await viewOf(world, one, copy)).unread).toBe(0);
    }
    const people = accountsOf(world, ["carol"]);
    expect(await eventsOf(world, bob, copy)).toEqual([
      { kind: "created", from: "Hikers" },
      { kind: "added", people },
    ]);
    const { group } = await viewOf(world, bob, copy);
    expect(group).toMatchObject({ name: "Old hikers", standing: { kind: "member", role: "owner" } });
    expect(group?.rules.history).toBe("all");
    // The copy goes its own way, also where somebody's device wrote in both.
    await say(world, carol, copy, "off we go");
    await say(world, bob, copy, "at nine");
    for (const one of [bob, carol]) {
      const texts = textsOf(await readBy(world, one, copy));
      expect(texts).toEqual(["who comes along?", "I do", "me too", "off we go", "at nine"]);
      expect((await viewOf(world, one, copy)).missing).toBe(0);
    }
    expect(textsOf(await readBy(world, carol, id))).toEqual(["who comes along?", "I do", "me too"]);
    expect(groupsOn(world, "alice")).toHaveLength(1);
  },
  memory,
);

story(
  "who was removed makes a copy of what they have",
  async (world) => {
    const { id, alice, bob } = await hikers(world, "none");
    await say(world, alice, id, "who comes along?");
    await say(world, bob, id, "I do");
    must(
      await world.run(
        alice.messenger.groups.changeGroup(id, { kind: "remove", account: profileOn(world, "bob").account }),
      ),
    );
    await world.advance(10_000);
    await say(world, alice, id, "without Bob");
    const copy = must(await fork(world, bob, id, {}));
    await world.advance(5_000);
    expect(textsOf(await readBy(world, bob, copy))).toEqual(["who comes along?", "I do"]);
    expect(await world.run(bob.messenger.sendText(copy, "to myself"))).toMatchObject({ ok: true });
    await world.advance(5_000);
    expect((await viewOf(world, bob, id)).group?.standing.kind).toBe("removed");
  },
  memory,
);

story(
  "a copy of 300 messages has them all, and so has a stranger who comes by its link, with a count",
  async (world) => {
    const { id, alice, bob, carol } = await hikers(world, "all");
    await add(world, alice, id, "carol");
    const texts = Array.from({ length: 300 }, (_, n) => `message ${n + 1}`);
    for (const [n, text] of texts.entries()) {
      must(await world.run((n % 2 === 0 ? alice : bob).messenger.sendText(id, text)));
      if (n % 10 === 9) await world.advance(500);
    }
    await world.advance(10_000);
    // Bob and Carol are strangers to each other.
    const copy = must(await fork(world, bob, id, { byLink: true }));
    expect(textsOf(await readBy(world, bob, copy))).toHaveLength(300);
    const wish = { lastsMs: 7 * 24 * 3_600_000, budget: 3 };
    const invite = must(await world.run(bob.messenger.groups.createGroupInvite(copy, wish)));
    must(await world.run(bob.messenger.sendText(id, invite.link)));
    await world.advance(5_000);
    expect((await readBy(world, carol, id)).at(-1)?.text).toBe(invite.link);
    expect(await world.run(carol.messenger.acceptInvite(invite.link))).toMatchObject({ error: "asked" });
    await world.advance(60_000);
    const read = await readBy(world, carol, copy);
    expect(textsOf(read).toSorted()).toEqual(texts.toSorted());
    expect(new Set(read.map(({ sharedBy }) => sharedBy))).toEqual(new Set(["Bob"]));
    expect(await countsOf(world, carol, copy)).toBe("300 of 300");
    expect(read).toEqual(await readBy(world, bob, copy));
  },
  memory,
);

story(
  "there is no copy, not even half of one, where there is no room for it",
  async (world) => {
    const { id, alice, bob } = await hikers(world, "none");
    for (let n = 1; n <= 20; n++) await say(world, alice, id, `message ${n}`);
    const disk = world.disk("bob");
    const before = ["conversations", "groups", "topics", "changes"] as const;
    const rowsBefore = before.map((table) => rowsOn(disk, table).length);
    const messages = rowsOn(disk, "messages").length;
    disk.failNext = "full";
    expect(await fork(world, bob, id, { people: ["alice"] })).toEqual({ ok: false, error: "storage-full" });
    expect(before.map((table) => rowsOn(disk, table).length)).toEqual(rowsBefore);
    expect(rowsOn(disk, "messages")).toHaveLength(messages);
    const copy = must(await fork(world, bob, id, { people: ["alice"] }));
    await world.advance(60_000);
    expect((await viewOf(world, bob, copy)).group?.members).toHaveLength(2);
    expect(textsOf(await readBy(world, alice, copy))).toHaveLength(20);
  },
  memory,
);

story(
  "who stops copying has no copy, not even half of one, and can make it again",
  async (world) => {
    const { id, alice, bob } = await hikers(world, "none");
    for (let n = 1; n <= 5; n++) await say(world, alice, id, `message ${n}`);
    const disk = world.disk("bob");
    const tables = ["conversations", "groups", "topics", "changes", "messages"] as const;
    const before = tables.map((table) => rowsOn(disk, table).length);
    const stop = { aborted: false };
    const read: number[] = [];
    const watch = {
      signal: stop,
      read(messages: number) {
        read.push(messages);
        stop.aborted = true;
      },
    };
    const choice = { name: "Old hikers", emoji: "", people: [], history: true, byLink: false };
    const stopped = await world.run(bob.messenger.groups.forkGroup(id, choice, watch));
    expect(stopped).toEqual({ ok: false, error: "cancelled" });
    // With the line that says who is in the group.
    expect(read).toEqual([6]);
    expect(tables.map((table) => rowsOn(disk, table).length)).toEqual(before);
    const copy = must(await fork(world, bob, id, {}));
    expect(textsOf(await readBy(world, bob, copy))).toHaveLength(5);
  },
  memory,
);

story(
  "a copy without its history has none, and nobody is taken along who is no contact or was not there",
  async (world) => {
    const { id, alice, bob, carol } = await hikers(world, "all");
    await say(world, alice, id, "who comes along?");
    expect(await fork(world, alice, id, { people: ["carol"] })).toEqual({ ok: false, error: "people" });
    await add(world, alice, id, "carol");
    expect(await fork(world, bob, id, { people: ["carol"] })).toEqual({ ok: false, error: "people" });
    const copy = must(await fork(world, alice, id, { people: ["carol"], history: false }));
    await world.advance(60_000);
    for (const one of [alice, carol]) {
      expect(await readBy(world, one, copy)).toEqual([]);
      expect(await countsOf(world, one, copy)).toBeUndefined();
    }
  },
  memory,
);
