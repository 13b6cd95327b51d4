// Mallory has the link of an invite of Alice's and answers it by hand.
import { expect } from "vitest";
import { addDevices, createGroup } from "../../core/group/create.ts";
import { makeKeyPackage } from "../../core/group/key-package.ts";
import { type ConversationId, parseInviteLink } from "../../core/index.ts";
import { toHex } from "../../core/lang/bytes.ts";
import type { ProfileRecord } from "../../core/ports/people-records.ts";
import { openEnvelope, sealEnvelope } from "../../core/wire/envelope.ts";
import { acceptSlot, deriveTopic, inviteTopicSecret } from "../../core/wire/topic.ts";
import { must, rowsOn, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

const memory = { storage: "memory" } as const;

/** Answers Alice's invite by hand, with a device list and a group of Mallory's choice. */
async function answerByHand(
  world: World,
  link: string,
  choice: {
    account: string;
    device: string;
    deviceSeed: Uint8Array;
    deviceList: Uint8Array;
    node?: string;
    more?: boolean;
  },
) {
  const invite = must(parseInviteLink(link));
  const place = deriveTopic(inviteTopicSecret(invite.secret));
  const [entry] = world.node.topics.get(place.topic)!.entries;
  const bundle = must(openEnvelope(place.envelopeKey, place.topic, entry!.envelope));
  if (bundle.kind !== "invite-bundle") throw new Error("no bundle");
  const anybody = () => true;
  const own = await makeKeyPackage(
    { account: choice.account, device: choice.device, listSequence: 1 } as never,
    choice.deviceSeed,
  );
  const context = {
    conversation: toHex(world.random.bytes(16)) as ConversationId,
    kind: "direct",
    topicSecret: world.random.bytes(32),
    nodes: [(choice.node ?? invite.node) as typeof invite.node],
    generation: 0,
  } as const;
  const alone = await createGroup(world.random.bytes(16), context, own, anybody);
  const third = await makeKeyPackage(
    { account: "0".repeat(63).concat("1"), device: "2".repeat(32), listSequence: 1 } as never,
    world.random.bytes(32),
  );
  const added = must(
    await addDevices(alone, choice.more ? [...bundle.keyPackages, third.publicPackage] : bundle.keyPackages, anybody),
  );
  const reply = { kind: "invite-reply", deviceList: choice.deviceList, welcome: added.welcome } as const;
  const envelope = must(sealEnvelope(place.envelopeKey, place.topic, reply, world.random.bytes(24)));
  must(world.node.append(place.topic, envelope, acceptSlot(invite.secret)));
  await world.advance(5_000);
}

story(
  "lets nobody answer an invite in another's name, with strangers, or on a node of their choice",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const mallory = await world.person("mallory");
    await world.run(mallory.stop());
    await world.run(bob.stop());
    const [hers] = rowsOn<ProfileRecord>(world.disk("mallory"), "profile");
    const [bobs] = rowsOn<ProfileRecord>(world.disk("bob"), "profile");
    const damaged = hers!.deviceList.slice();
    damaged[damaged.length - 1]! ^= 1;
    const forgeries = {
      "Bob's list and account, her key": { ...bobs!, deviceSeed: hers!.deviceSeed },
      "Bob's list, her account": { ...hers!, deviceList: bobs!.deviceList },
      "her list, Bob's account": { ...bobs!, deviceList: hers!.deviceList },
      "a list that its account did not sign": { ...hers!, deviceList: damaged },
      "a third person in the group": { ...hers!, more: true },
      "a node of her own": { ...hers!, node: "http://mallory.example" },
    };
    for (const [forgery, choice] of Object.entries(forgeries)) {
      const invite = must(await world.run(alice.messenger.createInvite()));
      await answerByHand(world, invite.link, choice as never);
      expect(
        (await world.see(alice.messenger.conversations)).map(({ kind }) => kind),
        forgery,
      ).toEqual(["self"]);
      const shown = (await world.see(alice.messenger.invites)).find(({ id }) => id === invite.id);
      expect(shown, forgery).toMatchObject({ state: "used", usedBy: undefined });
    }
    // By the rules the same hand gets through: the refusals above were for what was forged.
    const invite = must(await world.run(alice.messenger.createInvite()));
    await answerByHand(world, invite.link, hers!);
    expect(await world.see(alice.messenger.conversations)).toHaveLength(2);
  },
  memory,
);
