// FAULTS F9 at every write there is: a whole acquaintance is lived once for each write of one of the two, which finds no
// room. Whoever asked for it is told and asks again, as a person does; what nobody asked for heals by itself.
import { expect, it } from "vitest";
import type { ConversationId, Result } from "../../core/index.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { checkPeace, type Watch, watchWorld } from "../support/sim-watch.ts";
import { createWorld, homeNode, textsOf, type World } from "../support/sim-world.ts";

const names = ["alice", "bob"] as const;
type Name = (typeof names)[number];

/** From the `first` write of `who` on there is no room, until so much time has passed. */
interface Shortage {
  readonly who: Name;
  readonly first: number;
  readonly lastsMs: number;
}

interface Life {
  /** Writes of each that found room or not. */
  readonly writes: Readonly<Record<Name, number>>;
  readonly refused: number;
  readonly watch: Watch;
}

async function live(shortage: Shortage | undefined, links: boolean): Promise<Life> {
  const world = await createWorld({ storage: "memory", links });
  const watch = watchWorld(world, names);
  const writes = { alice: 0, bob: 0 };
  let refused = 0;
  let roomAtMs: number | undefined;
  for (const name of names) {
    const disk = world.disk(name);
    const watched = disk.onCommit;
    disk.onCommit = (moment, batch) => {
      if (moment === "after") return watched?.(moment, batch);
      writes[name]++;
      if (shortage?.who === name && writes[name] >= shortage.first) {
        roomAtMs ??= world.clock.now() + shortage.lastsMs;
        if (world.clock.now() <= roomAtMs) {
          disk.failNext = "full";
          refused++;
          return;
        }
      }
      watched?.(moment, batch);
    };
  }
  const [alice, bob] = names.map((name) => world.device(name)) as [SimDevice, SimDevice];
  await alice.start();
  await bob.start();
  await asked(world, () => alice.messenger.start({ name: "Alice", node: homeNode }));
  await asked(world, () => bob.messenger.start({ name: "Bob", node: homeNode }));
  const invite = await asked(world, () => alice.messenger.createInvite());
  const id = await asked(world, () => bob.messenger.acceptInvite(invite.link));
  await asked(world, () => bob.messenger.sendText(id, "hello alice"));
  await arrived(world, alice, id, "hello alice");
  await asked(world, () => alice.messenger.answerRequest(id, "accept"));
  await asked(world, () => alice.messenger.sendText(id, "hello bob"));
  await arrived(world, bob, id, "hello bob");
  await asked(world, () => bob.messenger.saveDraft(id, "half a th"));
  await asked(world, () => bob.messenger.markRead(id));
  await asked(world, () => bob.messenger.rename("Robert"));
  await asked(world, () => bob.messenger.sendText(id, "how are you?"));
  await arrived(world, alice, id, "how are you?");
  await asked(world, () => alice.messenger.markRead(id));
  await asked(world, () => alice.messenger.sendText(id, "well, thank you"));
  await world.advance(180_000);

  const said = ["hello alice", "hello bob", "how are you?", "well, thank you"];
  for (const { messenger, faults, name } of [alice, bob]) {
    expect(await textsOf(world, messenger, id), name).toEqual(said);
    expect(faults, `${name}'s log`).toEqual([]);
    expect(await world.see(messenger.storage), name).toEqual({ kind: "well" });
    const { messages } = await world.see(messenger.timeline(id, 100));
    expect(
      messages.flatMap(({ mark }) => mark?.kind ?? []).filter((kind) => kind !== "delivered" && kind !== "read"),
    ).toEqual([]);
  }
  expect((await world.see(alice.messenger.conversations)).find((one) => one.id === id)?.title).toBe("Robert");
  checkPeace(world, watch, names);
  expect(watch.breaches).toEqual([]);
  await world.end();
  return { writes, refused, watch };
}

async function arrived(world: World, device: SimDevice, id: ConversationId, text: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < 180_000; waitedMs += 1_000) {
    if ((await textsOf(world, device.messenger, id)).includes(text)) return;
    await world.advance(1_000);
  }
  throw new Error(`"${text}" did not come`);
}

/** What somebody asks for, again every few seconds while it is answered that there is no room. */
async function asked<T>(world: World, ask: () => Promise<Result<T, unknown>>): Promise<T> {
  for (;;) {
    const answer = await world.run(ask());
    if (answer.ok) return answer.value;
    expect(answer.error).toBe("storage-full");
    await world.advance(5_000);
  }
}

it.each<{ who: Name; lasts: string; lastsMs: number; over: string; links: boolean }>([
  { who: "alice", lasts: "once", lastsMs: 0, over: "with links", links: true },
  { who: "bob", lasts: "for half a minute", lastsMs: 30_000, over: "with links", links: true },
  { who: "alice", lasts: "for half a minute", lastsMs: 30_000, over: "through the node", links: false },
  { who: "bob", lasts: "once", lastsMs: 0, over: "through the node", links: false },
])(
  "whichever write of $who finds no room $lasts, nothing is lost, doubled or told too early, $over",
  async ({ who, lastsMs, links }) => {
    const { writes } = await live(undefined, links);
    expect(writes[who]).toBeGreaterThan(15);
    for (let first = 1; first <= writes[who]; first++) {
      const { refused, watch } = await live({ who, first, lastsMs }, links).catch((error: unknown) => {
        throw new Error(`with no room at write ${first} of ${writes[who]}`, { cause: error });
      });
      expect(refused).toBeGreaterThan(0);
      expect(watch.looks.get(1)).toBeGreaterThan(0);
    }
  },
);
