// A group whose owner is gone gets another one (PROTOCOL.md §13.13): a quorum, a waiting time, and the owner who was here after all.
import { expect } from "vitest";
import { ownerWaitMs } from "../../core/conversation/owner-gone.ts";
import { sealContent } from "../../core/group/messages.ts";
import type { ConversationId } from "../../core/index.ts";
import { err } from "../../core/lang/result.ts";
import { type Content, encodeContent } from "../../core/wire/content.ts";
import { sealEnvelope } from "../../core/wire/envelope.ts";
import { deriveTopic } from "../../core/wire/topic.ts";
import type { SimDevice } from "../support/sim-device.ts";
import {
  accountOf,
  endsAt,
  eventsAt,
  groupAt,
  keysOf,
  standGroup,
  topicAt,
  waitingAt,
  wants,
} from "../support/sim-group.ts";
import { homeNode, must, type World } from "../support/sim-world.ts";
import { story, viewOf } from "../support/story.ts";

const memory = { storage: "memory" } as const;
const day = 24 * 3_600_000;

/** Alice is the owner; Bob, Carol and Dave are admins; Eve is a member. */
async function five(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const carol = await world.person("carol");
  const dave = await world.person("dave");
  const eve = await world.person("eve");
  const all = [alice, bob, carol, dave, eve];
  const id = await standGroup(world, all, [bob, carol, dave]);
  return { alice, bob, carol, dave, eve, all, id };
}

const propose = async (world: World, who: SimDevice, id: ConversationId, next: SimDevice) =>
  must(await world.run(who.messenger.groups.proposeOwner(id, accountOf(world, next))));
const agree = async (world: World, who: SimDevice, id: ConversationId) =>
  must(await world.run(who.messenger.groups.agreeOwner(id)));
const goneAt = async (world: World, who: SimDevice, id: ConversationId) =>
  (await viewOf(world, who, id)).group?.ownerGone;
const ownerAt = (world: World, who: SimDevice, id: ConversationId) =>
  groupAt(world, who, id).facts.roles.find(({ role }) => role === "owner")?.account;
const days = async (world: World, count: number) => {
  for (let n = 0; n < count; n++) await world.advance(day);
};

story(
  "an owner who is gone is replaced once more than half of the admins agreed and each of their devices waited two weeks",
  async (world) => {
    const { alice, bob, carol, dave, eve, id } = await five(world);
    await world.run(alice.stop());
    await propose(world, bob, id, bob);
    await world.advance(30_000);
    expect(await goneAt(world, carol, id)).toMatchObject({
      owner: accountOf(world, alice),
      next: accountOf(world, bob),
      by: accountOf(world, bob),
      needed: 2,
      of: 3,
      voters: "admins",
      mine: false,
    });
    expect((await viewOf(world, eve, id)).group?.rights.replaceOwner).toBe(false);
    await agree(world, carol, id);
    await days(world, 13);
    expect(ownerAt(world, bob, id)).toBe(accountOf(world, alice));
    await days(world, 1);
    await world.advance(120_000);
    for (const one of [bob, carol, dave, eve]) {
      expect(ownerAt(world, one, id)).toBe(accountOf(world, bob));
      expect(groupAt(world, one, id).people).toHaveLength(5);
      expect(await goneAt(world, one, id)).toBeUndefined();
      expect(eventsAt(world, one, id)).toEqual([
        { kind: "owner-gone", owner: accountOf(world, alice), next: accountOf(world, bob) },
        { kind: "owner-gone", owner: accountOf(world, alice), next: accountOf(world, bob) },
        {
          kind: "owner-replaced",
          account: accountOf(world, bob),
          was: accountOf(world, alice),
          agreed: 2,
          of: 3,
          voters: "admins",
        },
      ]);
    }
    // Who was away is a member like any other, and told the same.
    await alice.start();
    await world.advance(60_000);
    expect(ownerAt(world, alice, id)).toBe(accountOf(world, bob));
    expect((await viewOf(world, alice, id)).group?.standing).toEqual({ kind: "member", role: "member" });
  },
  memory,
);

story(
  "an owner who writes on the thirteenth day ends it, and nothing that was confirmed counts later",
  async (world) => {
    const { alice, bob, carol, dave, id } = await five(world);
    await world.run(alice.stop());
    await propose(world, bob, id, bob);
    await world.advance(30_000);
    await agree(world, carol, id);
    await days(world, 13);
    await alice.start();
    await world.advance(60_000);
    must(await world.run(alice.messenger.sendText(id, "Back from the mountains")));
    await world.advance(60_000);
    for (const one of [bob, carol, dave]) {
      expect(await goneAt(world, one, id)).toBeUndefined();
      expect(eventsAt(world, one, id)).toContainEqual({ kind: "owner-here", account: accountOf(world, alice) });
    }
    await days(world, 3);
    for (const one of [alice, bob, carol, dave]) expect(ownerAt(world, one, id)).toBe(accountOf(world, alice));
  },
  memory,
);

story(
  "the owner is told who says that they are gone, and says with one press that they are here",
  async (world) => {
    const { alice, bob, carol, id } = await five(world);
    await propose(world, bob, id, carol);
    await world.advance(30_000);
    expect(await goneAt(world, alice, id)).toMatchObject({ agreed: [accountOf(world, bob)], mine: false });
    must(await world.run(alice.messenger.groups.withdrawOwnerProposal(id)));
    await world.advance(60_000);
    for (const one of [alice, bob, carol]) expect(await goneAt(world, one, id)).toBeUndefined();
    expect(eventsAt(world, bob, id)).toContainEqual({ kind: "owner-here", account: accountOf(world, alice) });
  },
  memory,
);

story(
  "of two proposals the one that more than half agree to counts, and who changes their mind is counted once",
  async (world) => {
    const { alice, bob, carol, dave, id } = await five(world);
    await world.run(alice.stop());
    await propose(world, bob, id, bob);
    await propose(world, carol, id, carol);
    await world.advance(30_000);
    expect(await goneAt(world, bob, id)).toMatchObject({
      next: accountOf(world, bob),
      agreed: [accountOf(world, bob)],
    });
    await propose(world, dave, id, carol);
    await days(world, 14);
    await world.advance(120_000);
    for (const one of [bob, carol, dave]) expect(ownerAt(world, one, id)).toBe(accountOf(world, carol));
  },
  memory,
);

story(
  "who takes their word back is not counted, and says no more once their device confirmed",
  async (world) => {
    const { alice, bob, carol, id } = await five(world);
    await world.run(alice.stop());
    await propose(world, bob, id, bob);
    await world.advance(30_000);
    await agree(world, carol, id);
    must(await world.run(carol.messenger.groups.withdrawOwnerProposal(id)));
    await days(world, 15);
    expect(ownerAt(world, bob, id)).toBe(accountOf(world, alice));
    expect(await goneAt(world, carol, id)).toMatchObject({
      agreed: [accountOf(world, bob)],
      confirmed: [accountOf(world, bob)],
    });
    expect(await world.run(bob.messenger.groups.withdrawOwnerProposal(id))).toEqual({
      ok: false,
      error: "not-allowed",
    });
  },
  memory,
);

story(
  "where there is no admin the members decide: of two others both, after two weeks",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const carol = await world.person("carol");
    const id = await standGroup(world, [alice, bob, carol]);
    await world.run(alice.stop());
    await propose(world, bob, id, bob);
    await world.advance(30_000);
    await agree(world, carol, id);
    await days(world, 13);
    expect(ownerAt(world, bob, id)).toBe(accountOf(world, alice));
    await days(world, 1);
    await world.advance(120_000);
    for (const one of [bob, carol]) expect(ownerAt(world, one, id)).toBe(accountOf(world, bob));
    expect(ownerWaitMs).toBe(14 * day);
  },
  memory,
);

story(
  "nobody takes an owner's place alone: neither the only admin of a group nor the only other member",
  async (world) => {
    const [alice, bob, carol] = [await world.person("alice"), await world.person("bob"), await world.person("carol")];
    const pair = await standGroup(world, [alice, bob]);
    const three = await standGroup(world, [alice, bob, carol], [bob]);
    for (const id of [pair, three]) {
      expect((await viewOf(world, bob, id)).group?.rights.replaceOwner).toBe(false);
      const proposed = await world.run(bob.messenger.groups.proposeOwner(id, accountOf(world, bob)));
      expect(proposed).toEqual({ ok: false, error: "not-allowed" });
    }
  },
  memory,
);

story(
  "an owner who hands over at the same moment: one order decides, and the other side's change says why it did not happen",
  async (world) => {
    const { alice, bob, carol, dave, id } = await five(world);
    await world.run(alice.stop());
    await propose(world, bob, id, bob);
    await world.advance(30_000);
    await agree(world, carol, id);
    await days(world, 14);
    await world.advance(120_000);
    // Alice ordered it while nothing could be reached: hers comes second.
    await wants(world, alice, id, { kind: "hand-over", account: accountOf(world, dave) });
    await world.advance(60_000);
    for (const one of [alice, bob, dave]) expect(ownerAt(world, one, id)).toBe(accountOf(world, bob));
    expect(endsAt(world, alice, id)).toMatchObject([{ why: "not-allowed" }]);
  },
  memory,
);

story(
  "an owner whose hand-over is first stays out of reach of what was confirmed",
  async (world) => {
    const { alice, bob, carol, dave, id } = await five(world);
    await world.run(alice.stop());
    await propose(world, bob, id, bob);
    await world.advance(30_000);
    await agree(world, carol, id);
    await days(world, 13);
    for (const one of [bob, carol, dave]) await world.run(one.stop());
    await wants(world, alice, id, { kind: "hand-over", account: accountOf(world, dave) });
    await world.advance(30_000);
    await world.run(alice.stop());
    await days(world, 2);
    for (const one of [bob, carol, dave]) await one.start();
    await world.advance(120_000);
    for (const one of [bob, carol, dave]) {
      expect(ownerAt(world, one, id)).toBe(accountOf(world, dave));
      expect(await goneAt(world, one, id)).toBeUndefined();
    }
  },
  memory,
);

story(
  "an admin who confirmed and then leaves counts no more, neither for it nor among how many it takes",
  async (world) => {
    const { alice, bob, carol, dave, id } = await five(world);
    await world.run(alice.stop());
    await propose(world, bob, id, bob);
    await world.advance(30_000);
    await agree(world, carol, id);
    await days(world, 13);
    await world.run(bob.stop());
    await days(world, 2);
    expect((await goneAt(world, dave, id))?.confirmed).toEqual([accountOf(world, carol)]);
    must(await world.run(carol.messenger.groups.leaveGroup(id)));
    await world.advance(60_000);
    await bob.start();
    await world.advance(120_000);
    expect(await goneAt(world, bob, id)).toMatchObject({ confirmed: [accountOf(world, bob)], needed: 2, of: 2 });
    for (const one of [bob, dave]) expect(ownerAt(world, one, id)).toBe(accountOf(world, alice));
    await agree(world, dave, id);
    await world.advance(120_000);
    for (const one of [bob, dave]) expect(ownerAt(world, one, id)).toBe(accountOf(world, bob));
    expect(eventsAt(world, dave, id)).toContainEqual(
      expect.objectContaining({ kind: "owner-replaced", agreed: 2, of: 2 }),
    );
  },
  memory,
);

story(
  "an owner whose device changes something while confirmations are under way is here, without a word of theirs",
  async (world) => {
    const { alice, bob, carol, dave, id } = await five(world);
    await world.run(alice.stop());
    await propose(world, bob, id, bob);
    await world.advance(30_000);
    await agree(world, carol, id);
    await days(world, 13);
    await world.run(carol.stop());
    await days(world, 1);
    await world.advance(60_000);
    expect((await goneAt(world, dave, id))?.confirmed).toEqual([accountOf(world, bob)]);
    const epoch = keysOf(world, dave, id)!.epoch;
    await wants(world, alice, id, { kind: "rename", name: "Ramblers" });
    await world.advance(30_000);
    await world.run(alice.stop());
    await carol.start();
    await world.advance(120_000);
    expect(keysOf(world, dave, id)!.epoch).toBeGreaterThan(epoch);
    for (const one of [bob, carol, dave]) {
      expect(await goneAt(world, one, id), one.name).toBeUndefined();
      expect(ownerAt(world, one, id), one.name).toBe(accountOf(world, alice));
    }
  },
  memory,
);

story(
  "a commit that makes another the owner and found no node is not carried on with once the owner was heard",
  async (world) => {
    const { alice, bob, carol, dave, eve, id } = await five(world);
    const admins = [bob, carol, dave];
    for (const one of [alice, eve]) await world.run(one.stop());
    await propose(world, bob, id, bob);
    await world.advance(30_000);
    await agree(world, carol, id);
    await days(world, 13);
    // With new keys, so that no renewal comes first later.
    for (const one of admins) must(await world.run(one.messenger.sendText(id, `${one.name} is here`)));
    await world.advance(60_000);
    await world.advance(day - 120_000);
    // It has no room for commits, which come with a slot.
    const append = world.node.append;
    world.node.append = (topic, envelope, slot, by) =>
      slot === undefined ? append(topic, envelope, slot, by) : err({ kind: "full", what: "topic" });
    await world.advance(180_000);
    const holder = admins.find((one) => {
      const change = keysOf(world, one, id)?.pending?.change;
      return waitingAt(world, one, id).some(({ key, act }) => key === change && act.kind === "succeed");
    });
    expect(holder).toBeDefined();
    // Nobody else's commit comes first.
    for (const one of admins) if (one !== holder) await world.run(one.stop());
    expect(ownerAt(world, bob, id)).toBe(accountOf(world, alice));
    world.split([admins.map(({ name }) => name), [homeNode]]);
    world.node.append = append;
    // Words alone: no change of hers makes theirs void.
    await sayByHand(world, alice, id, {
      id: "00000000000000a1",
      clockMs: world.clock.now(),
      clockCount: 0,
      number: 1,
      body: { kind: "text", text: "Here I am" },
    });
    world.split([]);
    await world.advance(60_000);
    for (const one of admins) if (one !== holder) await one.start();
    await world.advance(120_000);
    for (const one of admins) {
      expect(ownerAt(world, one, id), one.name).toBe(accountOf(world, alice));
      expect(keysOf(world, one, id)?.pending, one.name).toBeUndefined();
      expect(waitingAt(world, one, id), one.name).toEqual([]);
    }
  },
  memory,
);

story(
  "an admin who was away while the others waited reads what the owner said before their own device confirms",
  async (world) => {
    const { alice, bob, carol, id } = await five(world);
    await world.run(alice.stop());
    await propose(world, bob, id, bob);
    await world.advance(30_000);
    await agree(world, carol, id);
    await world.advance(30_000);
    for (const one of [bob, carol]) await world.run(one.stop());
    await alice.start();
    must(await world.run(alice.messenger.sendText(id, "I am travelling")));
    await world.advance(30_000);
    await days(world, 15);
    for (const one of [bob, carol]) await one.start();
    await world.advance(120_000);
    expect(ownerAt(world, bob, id)).toBe(accountOf(world, alice));
    expect(await goneAt(world, bob, id)).toBeUndefined();
  },
  memory,
);

story(
  "a clock that runs a year ahead makes one device confirm early and takes nothing from the owner",
  async (world) => {
    const { alice, bob, carol, dave, id } = await five(world);
    await world.run(alice.stop());
    await propose(world, carol, id, bob);
    await world.advance(30_000);
    await world.run(bob.stop());
    bob.clock.offsetMs = 365 * day;
    await bob.start();
    await agree(world, bob, id);
    await world.run(bob.stop());
    bob.clock.offsetMs = 2 * 365 * day;
    await bob.start();
    await world.advance(120_000);
    expect((await goneAt(world, carol, id))?.confirmed).toEqual([accountOf(world, bob)]);
    for (const one of [bob, carol, dave]) expect(ownerAt(world, one, id)).toBe(accountOf(world, alice));
    await world.advance(120_000);
    expect(ownerAt(world, carol, id)).toBe(accountOf(world, alice));
  },
  memory,
);

story(
  "what an admin makes up instead of a confirmation is not counted, and spoils nothing",
  async (world) => {
    const { alice, bob, carol, dave, id } = await five(world);
    await world.run(alice.stop());
    await propose(world, bob, id, bob);
    await world.advance(30_000);
    const [claim] = groupAt(world, carol, id).missed?.claims ?? [];
    const { claim: name, owner, next } = claim!;
    await sayByHand(world, dave, id, {
      id: "00000000000000d1",
      clockMs: world.clock.now(),
      clockCount: 0,
      number: 1,
      body: { kind: "owner-confirm", claim: name, owner, next, signature: new Uint8Array(64).fill(7) },
    });
    await days(world, 14);
    await world.advance(120_000);
    expect(ownerAt(world, bob, id)).toBe(accountOf(world, alice));
    expect(groupAt(world, carol, id).missed?.claims[0]?.confirmations).toHaveLength(2);
    expect(keysOf(world, carol, id)?.pending).toBeUndefined();
  },
  memory,
);

/** What a Kith of somebody's own making says with this device's keys. */
async function sayByHand(world: World, device: SimDevice, id: ConversationId, content: Content): Promise<void> {
  const { state, generation } = keysOf(world, device, id)!;
  const { key, secret } = topicAt(world, device, id)!;
  const { message } = await sealContent(state, encodeContent(content));
  const payload = { kind: "mls", message, generation } as const;
  const sealed = sealEnvelope(deriveTopic(secret).envelopeKey, key, payload, world.random.bytes(24));
  if (!sealed.ok) throw new Error("too large");
  world.node.append(key, sealed.value, undefined);
}
