// A member who does not keep to the rules: what she leaves in the topic of a group holds nobody up for long, and changes only
// what she may change (PROTOCOL.md §13.3, §13.4).
import { expect } from "vitest";
import { makeChange } from "../../core/group/change.ts";
import { viewGroup } from "../../core/group/state.ts";
import type { ConversationId, TopicId } from "../../core/lang/brand.ts";
import { toHex } from "../../core/lang/bytes.ts";
import type { MessageRecord } from "../../core/ports/message-record.ts";
import { encodeCommitNote } from "../../core/wire/commit-note.ts";
import { openEnvelope, sealEnvelope } from "../../core/wire/envelope.ts";
import { commitSlot, deriveTopic } from "../../core/wire/topic.ts";
import { sayByHand } from "../support/history-by-hand.ts";
import type { SimDevice } from "../support/sim-device.ts";
import {
  accountOf,
  eventsAt,
  groupAt,
  keysOf,
  put,
  standGroup,
  storyAt,
  topicAt,
  waitingAt,
  want,
  wants,
  wordsAt,
} from "../support/sim-group.ts";
import { must, rowsOn, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

const memory = { storage: "memory" } as const;

/** Alice is the owner; mallory's engine has stopped. */
async function withMallory(world: World, isAdmin = false) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const mallory = await world.person("mallory");
  const id = await standGroup(world, [alice, bob, mallory], isAdmin ? [mallory] : []);
  await world.run(mallory.stop());
  return { alice, bob, mallory, honest: [alice, bob], id };
}

interface Wish {
  readonly removes?: SimDevice;
  readonly name?: string;
  /** Of her note. */
  readonly noteId?: string;
}

/** A commit of her own making; without a wish, new keys for her leaf, as anybody may. */
async function commitOf(world: World, mallory: SimDevice, id: ConversationId, wish: Wish): Promise<Uint8Array> {
  return (await changeOf(world, mallory, id, wish)).commit;
}

async function changeOf(world: World, mallory: SimDevice, id: ConversationId, wish: Wish) {
  const { state } = keysOf(world, mallory, id)!;
  const view = await viewGroup(state);
  if (view.context.kind !== "group") throw new Error("no group");
  const note = must(
    encodeCommitNote({
      id: wish.noteId ?? toHex(world.random.bytes(8)),
      clockMs: world.clock.now(),
      clockCount: 0,
      lists: [],
      names: [],
      leaves: [],
      healed: undefined,
      link: undefined,
      succession: undefined,
    }),
  );
  const { facts } = view.context;
  const account = wish.removes && accountOf(world, wish.removes);
  const gone = view.members.filter(({ credential }) => credential.account === account);
  const changed = { ...facts, name: wish.name ?? facts.name, rotation: facts.rotation + gone.length };
  return must(
    await makeChange(
      state,
      {
        add: [],
        removeLeaves: gone.map(({ leaf }) => leaf),
        note,
        ...(gone.length + (wish.name?.length ?? 0) > 0 && { context: { ...view.context, facts: changed } }),
      },
      () => true,
    ),
  );
}

function leave(world: World, mallory: SimDevice, id: ConversationId, message: Uint8Array, withSlot: boolean): void {
  const { key, secret } = topicAt(world, mallory, id)!;
  const payload = { kind: "mls", message, generation: 0 } as const;
  const envelope = must(sealEnvelope(deriveTopic(secret).envelopeKey, key, payload, world.random.bytes(24)));
  const keys = keysOf(world, mallory, id)!;
  must(world.node.append(key, envelope, withSlot ? commitSlot(keys.epochSecrets[0]!.secret, keys.epoch) : undefined));
}

for (const [what, wish] of [
  ["removes the owner", "owner"],
  ["renames the group", "name"],
] as const) {
  story(
    `a member who ${what} without the right to it takes the slot, and the next change comes into force without one`,
    async (world) => {
      const { alice, mallory, honest, id } = await withMallory(world);
      const illegal = wish === "owner" ? { removes: alice } : { name: "Mine" };
      leave(world, mallory, id, await commitOf(world, mallory, id, illegal), true);
      await world.advance(5_000);
      for (const one of honest) expect(keysOf(world, one, id)?.epoch).toBe(1);
      await wants(world, alice, id, { kind: "rename", name: "Climbers" });
      await world.advance(30_000);
      for (const one of honest) {
        expect(groupAt(world, one, id)).toMatchObject({ standing: { kind: "member" }, facts: { name: "Climbers" } });
        expect(keysOf(world, one, id)).toMatchObject({ epoch: 2, pending: undefined });
        expect(storyAt(world, one, id)).toEqual(storyAt(world, alice, id));
      }
      await mallory.start();
      await world.advance(10_000);
      expect(groupAt(world, mallory, id).facts.name).toBe("Climbers");
    },
    memory,
  );
}

story(
  "noise in the slot holds nobody up",
  async (world) => {
    const { alice, mallory, honest, id } = await withMallory(world);
    leave(world, mallory, id, world.random.bytes(200), true);
    await wants(world, alice, id, { kind: "rename", name: "Climbers" });
    await world.advance(30_000);
    for (const one of honest) expect(groupAt(world, one, id).facts.name).toBe("Climbers");
  },
  memory,
);

story(
  "a commit without a slot that lies before ours counts, and ours is made anew behind it",
  async (world) => {
    const { alice, mallory, honest, id } = await withMallory(world);
    await world.run(alice.stop());
    want(world, alice, id, { kind: "rename", name: "Climbers" });
    const renewal = await commitOf(world, mallory, id, {});
    // It comes in the very moment in which Alice's asks for the slot.
    let left = false;
    world.taps.add({
      appended(device, _, __, slot) {
        if (left || device !== "alice" || slot === undefined) return;
        left = true;
        leave(world, mallory, id, renewal, false);
      },
    });
    await alice.start();
    await world.advance(30_000);
    expect(left).toBe(true);
    for (const one of honest) {
      expect(groupAt(world, one, id).facts.name).toBe("Climbers");
      expect(keysOf(world, one, id)).toMatchObject({ epoch: 3, pending: undefined });
      expect(keysOf(world, one, id)?.epochSecrets).toEqual(keysOf(world, alice, id)?.epochSecrets);
    }
    expect(eventsAt(world, alice, id)).toHaveLength(1);
  },
  memory,
);

story(
  "who is removed can neither read what is said from then on nor leave anything where the others look",
  async (world) => {
    const { alice, bob, mallory, honest, id } = await withMallory(world);
    const old = topicAt(world, mallory, id)!;
    const before = keysOf(world, mallory, id)!;
    await wants(world, alice, id, { kind: "remove", account: accountOf(world, mallory) });
    await world.advance(10_000);
    const fresh = topicAt(world, alice, id)!;
    expect(fresh.key).not.toBe(old.key);
    expect(topicAt(world, bob, id)?.key).toBe(fresh.key);
    for (const one of honest) {
      expect(rowsOn<{ key: TopicId }>(world.disk(one.name), "topics").map(({ key }) => key)).not.toContain(old.key);
    }
    const lengthBefore = world.node.latest(old.key);
    await wants(world, alice, id, { kind: "rename", name: "Without her" });
    await world.advance(10_000);
    // Everything from then on lies where she has no key, and nothing in the topic that she knows.
    expect(world.node.latest(old.key)).toBe(lengthBefore);
    expect(world.node.latest(fresh.key)).toBeGreaterThan(0);
    for (const { envelope } of world.node.topics.get(fresh.key)!.entries) {
      expect(openEnvelope(deriveTopic(old.secret).envelopeKey, fresh.key, envelope).ok).toBe(false);
    }
    // What she leaves where she can is read by nobody.
    const storyBefore = storyAt(world, bob, id);
    leave(world, mallory, id, await commitOf(world, mallory, id, {}), false);
    await world.advance(10_000);
    for (const one of honest) expect(storyAt(world, one, id)).toEqual(storyBefore);
    await mallory.start();
    await world.advance(10_000);
    expect(groupAt(world, mallory, id).standing).toMatchObject({ kind: "removed", by: accountOf(world, alice) });
    expect(groupAt(world, mallory, id).facts.name).toBe("Walkers");
    expect(keysOf(world, mallory, id)).toBeUndefined();
    expect(rowsOn<{ key: TopicId }>(world.disk("mallory"), "topics").map(({ key }) => key)).not.toContain(old.key);
    expect(before.epoch).toBe(1);
    expect(
      rowsOn<MessageRecord>(world.disk("mallory"), "messages").some(({ conversation }) => conversation === id),
    ).toBe(true);
    expect(waitingAt(world, alice, id)).toEqual([]);
  },
  memory,
);

story(
  "whoever gives all that she does one name takes no line out of the others' timelines",
  async (world) => {
    const { alice, bob, mallory, honest, id } = await withMallory(world, true);
    const noteId = "0".repeat(16);
    await sayByHand(world, mallory, id, { id: noteId, body: { kind: "text", text: "I shall not touch the name" } });
    for (const name of ["Hers", "Hers alone"]) {
      await world.advance(1_000);
      const { commit, next } = await changeOf(world, mallory, id, { name, noteId });
      leave(world, mallory, id, commit, false);
      put(world, mallory, "groups", { ...keysOf(world, mallory, id)!, state: next });
    }
    await world.advance(10_000);
    for (const one of honest) {
      expect(wordsAt(world, one, id)).toEqual(["I shall not touch the name"]);
      expect(eventsAt(world, one, id)).toEqual([
        { kind: "renamed", name: "Hers" },
        { kind: "renamed", name: "Hers alone" },
      ]);
    }
    expect(storyAt(world, bob, id)).toEqual(storyAt(world, alice, id));
  },
  memory,
);
