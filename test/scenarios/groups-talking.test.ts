// What is said in a group reaches everybody who is in it, strangers among them, and its marks tell of persons (PROTOCOL.md §13.10).
import { expect } from "vitest";
import type { ConversationId } from "../../core/index.ts";
import type { OutboxRecord } from "../../core/ports/outbox-records.ts";
import type { ContactRecord } from "../../core/ports/people-records.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { accountOf, groupAt, standGroup, wordsAt } from "../support/sim-group.ts";
import { must, rowsOn, type World } from "../support/sim-world.ts";
import { story, threePeople, viewOf } from "../support/story.ts";

const memory = { storage: "memory" } as const;

async function say(world: World, device: SimDevice, id: ConversationId, text: string) {
  return must(await world.run(device.messenger.sendText(id, text)));
}

const waitsOn = (world: World, { name }: SimDevice) => rowsOn<OutboxRecord>(world.disk(name), "outbox");

async function messageOf(world: World, device: SimDevice, id: ConversationId, text: string) {
  const { messages } = await world.see(device.messenger.timeline(id, 1_000));
  const found = messages.find(({ body }) => body.kind === "text" && body.text === text);
  if (found === undefined) throw new Error(`${device.name} does not show "${text}"`);
  return found;
}

story(
  "what one says comes to everybody, by the name of who said it, and counts as unread",
  async (world) => {
    const { alice, bob, carol, all } = await threePeople(world);
    const id = await standGroup(world, all);
    await say(world, alice, id, "who comes along?");
    await world.advance(60_000);
    for (const one of [bob, carol]) {
      expect(wordsAt(world, one, id)).toEqual(["who comes along?"]);
      const view = await viewOf(world, one, id);
      expect(view).toMatchObject({ kind: "group", title: "Walkers", unread: 1, last: { from: "Alice", mine: false } });
      expect(view.firstUnread).toBe((await messageOf(world, one, id, "who comes along?")).id);
    }
    await say(world, carol, id, "I do");
    await world.advance(60_000);
    for (const one of all) expect(wordsAt(world, one, id)).toEqual(["who comes along?", "I do"]);
    expect((await viewOf(world, carol, id)).unread).toBe(0);
  },
  memory,
);

story(
  "the mark of a message is that of whom it reached last, and each person is told of by name",
  async (world) => {
    const { alice, bob, carol, all } = await threePeople(world);
    const id = await standGroup(world, all);
    await world.run(carol.stop());
    const message = await say(world, alice, id, "tea?");
    await world.advance(60_000);
    expect(await messageOf(world, alice, id, "tea?")).toMatchObject({
      mark: { kind: "held" },
      reached: { delivered: 1, read: 0, of: 2 },
    });
    await carol.start();
    await world.advance(60_000);
    expect((await messageOf(world, alice, id, "tea?")).reached).toEqual({ delivered: 2, read: 0, of: 2 });
    must(await world.run(bob.messenger.markRead(id)));
    await world.advance(60_000);
    expect(await messageOf(world, alice, id, "tea?")).toMatchObject({
      mark: { kind: "delivered" },
      reached: { delivered: 2, read: 1, of: 2 },
    });
    must(await world.run(carol.messenger.markRead(id)));
    must(await world.run(alice.messenger.groups.setKnownAs(accountOf(world, bob), "Bobby")));
    await world.advance(60_000);
    expect(await messageOf(world, alice, id, "tea?")).toMatchObject({ mark: { kind: "read" }, reached: { read: 2 } });
    const info = await world.see(alice.messenger.messageInfo(message));
    expect(info?.recipients.map(({ name }) => name).sort()).toEqual(["Bobby", "Carol"]);
    expect(info?.recipients.every(({ readAtMs }) => readAtMs !== undefined)).toBe(true);
    expect(waitsOn(world, alice)).toEqual([]);
  },
  memory,
);

story(
  "what is said while no node is in reach waits, and comes to all once one is",
  async (world) => {
    const { alice, all } = await threePeople(world);
    const id = await standGroup(world, all);
    world.node.setUp(false);
    await world.advance(1_000);
    for (const text of ["one", "two", "three"]) await say(world, alice, id, text);
    await world.advance(30_000);
    expect(await messageOf(world, alice, id, "two")).toMatchObject({ mark: { kind: "saved" } });
    world.node.setUp(true);
    await world.advance(120_000);
    for (const one of all) expect(wordsAt(world, one, id)).toEqual(["one", "two", "three"]);
    expect((await messageOf(world, alice, id, "three")).reached).toMatchObject({ delivered: 2, of: 2 });
  },
  memory,
);

story(
  "strangers in a group are told nothing outside of it: no presence, no nodes, no link",
  async (world) => {
    const { alice, bob, all } = await threePeople(world);
    const signals: string[] = [];
    world.taps.add({ signalled: (device) => signals.push(device) });
    const id = await standGroup(world, all);
    await say(world, alice, id, "hello");
    must(await world.run(alice.messenger.rename("Alicia")));
    await world.advance(120_000);
    expect(signals).toEqual([]);
    expect(world.place.open.size).toBe(0);
    const contact = rowsOn<ContactRecord>(world.disk("bob"), "contacts").find(
      ({ key }) => key === accountOf(world, alice),
    );
    expect(contact).toMatchObject({ name: "Alicia", state: "stranger", nodes: [], answered: false });
    expect((await viewOf(world, bob, id)).group?.members.map(({ name, standing }) => [name, standing])).toEqual([
      ["Alicia", "stranger"],
      ["Bob", "contact"],
      ["Carol", "stranger"],
    ]);
  },
  memory,
);

story(
  "who is verified in a group is verified whoever they are, by the number that both see",
  async (world) => {
    const { alice, bob, all } = await threePeople(world);
    const id = await standGroup(world, all);
    const bobs = (await viewOf(world, alice, id)).group?.members.find(({ name }) => name === "Bob");
    const alices = (await viewOf(world, bob, id)).group?.members.find(({ name }) => name === "Alice");
    expect(bobs?.safetyNumber).toMatch(/^[0-9]{60}$/);
    expect(bobs?.safetyNumber).toBe(alices?.safetyNumber);
    must(await world.run(alice.messenger.setVerified(accountOf(world, bob), true)));
    const seen = (await viewOf(world, alice, id)).group?.members.find(({ name }) => name === "Bob");
    expect(seen).toMatchObject({ verified: true, standing: "stranger" });
  },
  memory,
);

story(
  "words of a blocked person are hidden, count as nothing unread, and are not told to be read",
  async (world) => {
    const { alice, bob, carol, all } = await threePeople(world);
    const id = await standGroup(world, all);
    must(await world.run(alice.messenger.groups.setBlocked(accountOf(world, bob), true)));
    await say(world, bob, id, "noise");
    await say(world, carol, id, "music");
    await world.advance(60_000);
    expect(await viewOf(world, alice, id)).toMatchObject({ unread: 1, last: { text: "music" } });
    expect((await messageOf(world, alice, id, "noise")).hidden).toBe(true);
    expect((await messageOf(world, alice, id, "music")).hidden).toBe(false);
    must(await world.run(alice.messenger.markRead(id)));
    await world.advance(60_000);
    expect((await messageOf(world, bob, id, "noise")).reached).toMatchObject({ delivered: 2, read: 0 });
    must(await world.run(alice.messenger.groups.setBlocked(accountOf(world, bob), false)));
    expect((await messageOf(world, alice, id, "noise")).hidden).toBe(false);
    expect(groupAt(world, alice, id).people).toHaveLength(3);

    await say(world, bob, id, "more noise");
    await world.advance(10_000);
    must(await world.run(alice.messenger.groups.setBlocked(accountOf(world, bob), true)));
    expect((await viewOf(world, alice, id)).last).toMatchObject({ text: "", without: "blocked" });
  },
  memory,
);

story(
  "who is blocked in a group and not any more is what they were: nobody becomes a contact by it",
  async (world) => {
    const { alice, bob, all } = await threePeople(world);
    const id = await standGroup(world, all);
    const invite = must(await world.run(alice.messenger.createInvite()));
    must(await world.run(bob.messenger.acceptInvite(invite.link)));
    await world.advance(10_000);
    const account = accountOf(world, bob);
    const stateOf = () =>
      rowsOn<ContactRecord>(world.disk("alice"), "contacts").find(({ key }) => key === account)?.state;
    expect(stateOf()).toBe("requested");
    for (const on of [true, true, false]) must(await world.run(alice.messenger.groups.setBlocked(account, on)));
    expect(stateOf()).toBe("requested");
    await say(world, bob, id, "here still");
    await world.advance(10_000);
    expect(wordsAt(world, alice, id)).toEqual(["here still"]);
  },
  memory,
);

story(
  "contacts who are linked get what is said in a group over the link",
  async (world) => {
    const { alice, bob, all } = await threePeople(world);
    await world.befriend(alice, bob);
    const id = await standGroup(world, all);
    await world.advance(60_000);
    expect(world.place.open.size).toBe(1);
    world.node.setUp(false);
    await world.advance(1_000);
    await say(world, alice, id, "over the link");
    await world.advance(10_000);
    expect(wordsAt(world, bob, id)).toEqual(["over the link"]);
    expect((await messageOf(world, alice, id, "over the link")).reached).toEqual({ delivered: 1, read: 0, of: 2 });
  },
  memory,
);

story(
  "a group that somebody muted is muted for them alone, whatever changes meanwhile and once they open Kith again",
  async (world) => {
    const { alice, bob, all } = await threePeople(world);
    const id = await standGroup(world, all);
    await Promise.all([
      world.run(bob.messenger.groups.setMuted(id, true)),
      world.run(alice.messenger.groups.changeGroup(id, { kind: "rename", name: "Climbers" })),
    ]);
    await say(world, alice, id, "who comes along?");
    await world.advance(60_000);
    await world.run(bob.stop());
    await bob.start();
    expect(await viewOf(world, bob, id)).toMatchObject({ title: "Climbers", muted: true, unread: 1 });
    expect(await viewOf(world, alice, id)).toMatchObject({ title: "Climbers", muted: false });
    must(await world.run(bob.messenger.groups.setMuted(id, false)));
    expect((await viewOf(world, bob, id)).muted).toBe(false);
  },
  memory,
);
