// A member who gives somebody's device a leaf in a group of her own making: she leads nobody where she could not have led the
// group (PROTOCOL.md §13.7).
import { expect } from "vitest";
import { firstGroupRecord } from "../../core/engine/group-step.ts";
import { makeChange } from "../../core/group/change.ts";
import { viewGroup } from "../../core/group/state.ts";
import type { AccountId, ConversationId } from "../../core/index.ts";
import { noBytes, toHex } from "../../core/lang/bytes.ts";
import type { OutboxRecord } from "../../core/ports/outbox-records.ts";
import { encodeCommitNote } from "../../core/wire/commit-note.ts";
import { openEnvelope, type Payload } from "../../core/wire/envelope.ts";
import type { GroupFacts } from "../../core/wire/group-facts.ts";
import { envelopeKeyOf } from "../../core/wire/topic.ts";
import { leave } from "../support/groups-by-hand.ts";
import type { SimDevice } from "../support/sim-device.ts";
import {
  accountOf,
  conversationAt,
  groupAt,
  keysOf,
  profileOf,
  put,
  standGroup,
  topicAt,
  wants,
  wordsAt,
} from "../support/sim-group.ts";
import { homeNode, must, rowsOn, type World } from "../support/sim-world.ts";
import { story, threePeople } from "../support/story.ts";

const memory = { storage: "memory" } as const;

/**
 * A device that goes on by `times` changes in a group of its own, which nobody else was in. Answers the last one, which tells who
 * reads it that there are such epochs.
 */
async function goesOnAlone(
  world: World,
  device: SimDevice,
  id: ConversationId,
  { facts, times }: { readonly facts: GroupFacts; readonly times: number },
): Promise<Uint8Array> {
  await world.run(device.stop());
  let { state } = keysOf(world, device, id)!;
  let last: Uint8Array = noBytes;
  const note = must(
    encodeCommitNote({
      id: toHex(world.random.bytes(8)),
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
  for (let n = 0; n < times; n++) {
    const { context } = await viewGroup(state);
    if (context.kind !== "group") throw new Error("no group");
    const wish = { add: [], removeLeaves: [], note, context: { ...context, facts } };
    const made = must(await makeChange(state, wish, () => true));
    state = made.next;
    last = made.commit;
  }
  put(world, device, "groups", await firstGroupRecord(id, state, world.clock.now()));
  const row = conversationAt(world, device, id);
  put(world, device, "conversations", { ...row, group: { ...row.group!, facts } });
  return last;
}

type HealRequest = Extract<Payload, { readonly kind: "heal-request" }>;

/** The request that lies in the topic, without what its maker knows of the group: an honest device answers that as well. */
function leaveBare(world: World, mallory: SimDevice, id: ConversationId): HealRequest {
  const topic = topicAt(world, mallory, id)!;
  const requests = world.node.read(topic.key, 0, 100).entries.flatMap(({ envelope }) => {
    const opened = openEnvelope(envelopeKeyOf(topic.secret), topic.key, envelope);
    return opened.ok && opened.value.kind === "heal-request" ? [opened.value] : [];
  });
  const last = requests.at(-1);
  if (last === undefined) throw new Error("nobody asked");
  const { known: _, ...bare } = last;
  leave(world, topic, bare);
  return last;
}

const tries = [
  ["roles", (own: AccountId): Partial<GroupFacts> => ({ roles: [{ account: own, role: "owner" }] })],
  ["rules", (): Partial<GroupFacts> => ({ name: "Mine", writers: "admins" })],
] as const;

for (const [what, change] of tries) {
  story(
    `who says that there are later changes leads nobody to other ${what} than they may make`,
    async (world) => {
      const alice = await world.person("alice");
      const bob = await world.person("bob");
      const mallory = await world.person("mallory");
      const id = await standGroup(world, [alice, bob, mallory]);
      await world.run(alice.stop());
      const { facts } = groupAt(world, mallory, id);
      const made = { facts: { ...facts, ...change(accountOf(world, mallory)) }, times: 3 };
      const message = await goesOnAlone(world, mallory, id, made);
      leave(world, topicAt(world, mallory, id)!, { kind: "mls", message, generation: 0 });
      await world.advance(10_000);
      expect(conversationAt(world, bob, id).healing).toMatchObject({ why: "behind" });
      expect(leaveBare(world, mallory, id)).toMatchObject({ afterEpoch: 1, known: { facts } });
      await mallory.start();
      await world.advance(120_000);
      expect(groupAt(world, bob, id).facts).toEqual(facts);
      await world.run(mallory.stop());
      await alice.start();
      await world.advance(120_000);
      await staysOneGroup(world, id, [alice, bob], facts);
    },
    memory,
  );

  story(
    `who claims to have words that somebody forgot leads them to no other ${what} than they may make; others do`,
    async (world) => {
      const alice = await world.person("alice");
      const bob = await world.person("bob");
      const mallory = await world.person("mallory");
      await world.befriend(bob, mallory);
      const id = await standGroup(world, [alice, bob, mallory]);
      await world.run(alice.stop());
      const { facts } = groupAt(world, mallory, id);
      const made = { facts: { ...facts, ...change(accountOf(world, mallory)) }, times: 3 };
      await goesOnAlone(world, mallory, id, made);
      const row = conversationAt(world, mallory, id);
      const { device } = profileOf(world, bob);
      put(world, mallory, "conversations", { ...row, received: { ...row.received, [device]: [[1, 40]] } });
      await mallory.start();
      await world.advance(10_000);
      expect(conversationAt(world, bob, id).healing).toMatchObject({
        why: "rolled-back",
        claimedBy: accountOf(world, mallory),
      });
      expect(leaveBare(world, mallory, id)).toMatchObject({ known: { facts } });
      await world.advance(120_000);
      expect(groupAt(world, bob, id).facts).toEqual(facts);
      await world.run(mallory.stop());
      await alice.start();
      await world.advance(120_000);
      await staysOneGroup(world, id, [alice, bob], facts);
    },
    memory,
  );
}

story(
  "who is led far ahead by a member, where the others are not, is with them again at their next change, and not led there again",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const mallory = await world.person("mallory");
    const id = await standGroup(world, [alice, bob, mallory]);
    await world.run(alice.stop());
    const { facts } = groupAt(world, mallory, id);
    const message = await goesOnAlone(world, mallory, id, { facts, times: 20 });
    leave(world, topicAt(world, mallory, id)!, { kind: "mls", message, generation: 0 });
    await world.advance(10_000);
    await mallory.start();
    await world.advance(120_000);
    expect(keysOf(world, bob, id)?.joinedEpoch).toBe(22);
    await alice.start();
    must(await world.run(alice.messenger.sendText(id, "where are you?")));
    await wants(world, alice, id, { kind: "describe", description: "up there" });
    await world.advance(120_000);
    expect(conversationAt(world, bob, id).misled).toMatchObject({ by: accountOf(world, mallory) });
    expect(keysOf(world, bob, id)?.epochSecrets[0]).toEqual(keysOf(world, alice, id)?.epochSecrets[0]);
    expect(wordsAt(world, bob, id)).toEqual(["where are you?"]);
    await world.run(mallory.stop());
    await staysOneGroup(world, id, [alice, bob], { ...facts, description: "up there" });
  },
  memory,
);

story(
  "who honestly gave a leaf is still believed when somebody comes who was away, and had sealed words before",
  async (world) => {
    const { alice, bob, carol, all } = await threePeople(world);
    const id = await standGroup(world, all);
    world.node.refuses = { kind: "full", what: "topic" };
    must(await world.run(carol.messenger.sendText(id, "from far away")));
    await world.advance(1_000);
    expect(rowsOn<OutboxRecord>(world.disk("carol"), "outbox")).toContainEqual(expect.objectContaining({ epoch: 1 }));
    await world.run(carol.stop());
    await world.run(bob.stop());
    world.node.refuses = undefined;
    // More than the epochs of which keys are kept, and Bob sees none of them.
    for (let n = 0; n < 8; n++) {
      await wants(world, alice, id, { kind: "rename", name: `Climbers ${n}` });
      await world.advance(5_000);
    }
    const topic = topicAt(world, bob, id)!;
    const places = topic.places.map((place) => ({ ...place, cursor: world.node.latest(topic.key) }));
    put(world, bob, "topics", { ...topic, places });
    const healing = { why: "behind", sinceMs: world.clock.now(), asked: undefined } as const;
    put(world, bob, "conversations", { ...conversationAt(world, bob, id), healing });
    await bob.start();
    await world.advance(2 * 3_600_000);
    const given = { by: accountOf(world, alice) };
    expect(conversationAt(world, bob, id).given).toMatchObject(given);
    expect(keysOf(world, bob, id)?.joinedEpoch).toBe(10);
    await carol.start();
    await world.advance(120_000);
    expect(conversationAt(world, bob, id)).toMatchObject({ given, healing: undefined });
    expect(conversationAt(world, bob, id).misled).toBeUndefined();
    expect(wordsAt(world, bob, id)).toEqual(["from far away"]);
  },
  { ...memory, links: false },
);

story(
  "one claims to have words that somebody forgot and another one gives the leaf: they lead to no other roles together than alone",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const [mallory, sue] = [await world.person("mallory"), await world.person("sue")];
    await world.befriend(bob, sue);
    const id = await standGroup(world, [alice, bob, mallory, sue]);
    await world.run(alice.stop());
    const { facts } = groupAt(world, mallory, id);
    const roles = [{ account: accountOf(world, mallory), role: "owner" as const }];
    await goesOnAlone(world, mallory, id, { facts: { ...facts, roles }, times: 3 });
    await world.run(sue.stop());
    const row = conversationAt(world, sue, id);
    const received = { ...row.received, [profileOf(world, bob).device]: [[1, 40]] as const };
    put(world, sue, "conversations", { ...row, received });
    let asked = false;
    world.taps.add({
      appended(device) {
        if (asked || device !== bob.name) return;
        asked = true;
        // It is not she who answers.
        world.split([[homeNode, alice.name, bob.name, mallory.name], [sue.name]]);
      },
    });
    await sue.start();
    await world.advance(20_000);
    expect(conversationAt(world, bob, id).healing).toMatchObject({ claimedBy: accountOf(world, sue) });
    leaveBare(world, mallory, id);
    await mallory.start();
    await world.advance(120_000);
    expect(groupAt(world, bob, id).facts).toEqual(facts);
    await world.run(mallory.stop());
    await alice.start();
    await world.advance(120_000);
    await staysOneGroup(world, id, [alice, bob], facts);
  },
  memory,
);

async function staysOneGroup(
  world: World,
  id: ConversationId,
  [owner, other]: readonly [SimDevice, SimDevice],
  facts: GroupFacts,
) {
  await wants(world, owner, id, { kind: "rename", name: "Climbers" });
  must(await world.run(other.messenger.sendText(id, "here")));
  await world.advance(30_000);
  expect(wordsAt(world, owner, id)).toContain("here");
  expect(groupAt(world, other, id).facts).toEqual({ ...facts, name: "Climbers" });
  expect(conversationAt(world, other, id).healing).toBeUndefined();
  expect(keysOf(world, other, id)?.epochSecrets[0]).toEqual(keysOf(world, owner, id)?.epochSecrets[0]);
}
