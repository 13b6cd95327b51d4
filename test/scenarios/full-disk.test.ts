import { expect } from "vitest";
import type { SeenRecord } from "../../core/ports/outbox-records.ts";
import { decodeLinkFrame } from "../../core/wire/link-protocol.ts";
import { must, rowsOn, textsOf, type World } from "../support/sim-world.ts";
import { marksOf, story, viewOf, wiretap } from "../support/story.ts";

function fill(world: World, name: string): void {
  const disk = world.disk(name);
  disk.onCommit = (moment) => {
    if (moment === "before") disk.failNext = "full";
  };
}

function makeRoom(world: World, name: string): void {
  const disk = world.disk(name);
  disk.onCommit = undefined;
  disk.failNext = undefined;
}

for (const links of [true, false]) {
  story(
    `acknowledges nothing it cannot keep, and has it when there is room again, ${links ? "over a link" : "through the node"}`,
    async (world) => {
      const alice = await world.person("alice");
      const bob = await world.person("bob");
      const id = await world.befriend(alice, bob);
      await world.advance(5_000);
      fill(world, "bob");
      const leaving = wiretap(world);
      must(await world.run(alice.messenger.sendText(id, "do not lose me")));
      await world.advance(60_000);
      expect(await textsOf(world, bob.messenger, id)).toEqual([]);
      expect(await marksOf(world, alice, id)).toEqual(["held"]);
      const acknowledgements = leaving.filter(({ device, by, bytes }) => {
        const frame = by === "link" && device === "bob" ? decodeLinkFrame(bytes) : undefined;
        return frame?.ok && frame.value.kind === "got";
      });
      expect(acknowledgements).toEqual([]);
      expect(leaving.filter(({ device, by }) => device === "bob" && by === "append")).toEqual([]);
      makeRoom(world, "bob");
      await world.advance(20_000);
      expect(await textsOf(world, bob.messenger, id)).toEqual(["do not lose me"]);
      expect(await marksOf(world, alice, id)).toEqual(["delivered"]);
      expect(rowsOn<SeenRecord>(world.disk("bob"), "seen").length).toBeGreaterThan(0);
    },
    { storage: "memory", links },
  );
}

story(
  "says that there is no room, does nothing then, and works when there is",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    fill(world, "alice");
    const full = { ok: false, error: "storage-full" };
    const leaving = wiretap(world);
    expect(await world.run(alice.messenger.sendText(id, "too much"))).toEqual(full);
    expect(await world.run(alice.messenger.saveDraft(id, "too much"))).toEqual(full);
    expect(await world.run(alice.messenger.rename("Alicia"))).toEqual(full);
    expect(await world.run(alice.messenger.createInvite())).toEqual(full);
    expect(leaving.filter(({ device, by }) => device === "alice" && by === "append")).toEqual([]);
    expect((await viewOf(world, bob, id)).title).toBe("Alice");
    makeRoom(world, "alice");
    must(await world.run(alice.messenger.sendText(id, "now it fits")));
    await world.advance(5_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["now it fits"]);
  },
  { storage: "memory" },
);

story(
  "invariant 8: shows only what is committed",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    const shown: string[][] = [];
    const end = alice.messenger.timeline(id, 100).subscribe(({ messages }) => {
      const written = rowsOn<{ key: string }>(world.disk("alice"), "messages").map(({ key }) => key);
      for (const { id: message } of messages) expect(written).toContain(message);
      shown.push(messages.map(({ id: message }) => message));
    });
    await world.settle();
    fill(world, "alice");
    await world.run(alice.messenger.sendText(id, "never written"));
    makeRoom(world, "alice");
    await world.settle();
    expect(shown).toEqual([[]]);
    must(await world.run(alice.messenger.sendText(id, "written")));
    await world.advance(1_000);
    end();
    expect(shown.at(-1)).toHaveLength(1);
  },
  { storage: "memory" },
);
