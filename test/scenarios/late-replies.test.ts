// Replies to an invite: left in time, too late, and beside the one that has the slot.
import { expect } from "vitest";
import { type InviteView, parseInviteLink } from "../../core/index.ts";
import { sealEnvelope } from "../../core/wire/envelope.ts";
import { deriveTopic, inviteTopicSecret } from "../../core/wire/topic.ts";
import { must, textsOf, type World } from "../support/sim-world.ts";
import { marksOf, story, viewOf } from "../support/story.ts";

const day = 24 * 3_600_000;

/** Something like a reply, by somebody who has the link, without asking for the slot. */
function leaveJunk(world: World, { link }: InviteView): void {
  const place = deriveTopic(inviteTopicSecret(must(parseInviteLink(link)).secret));
  const junk = { kind: "invite-reply", deviceList: world.random.bytes(200), welcome: world.random.bytes(900) } as const;
  const envelope = must(sealEnvelope(place.envelopeKey, place.topic, junk, world.random.bytes(24)));
  must(world.node.append(place.topic, envelope, undefined));
}

story("hears who answered an invite in time, although its maker came back after the invite's end", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const invite = must(await world.run(alice.messenger.createInvite()));
  await world.advance(1_000);
  await world.run(alice.stop());
  await world.advance(6 * day);
  const id = must(await world.run(bob.messenger.acceptInvite(invite.link)));
  must(await world.run(bob.messenger.sendText(id, "there you are")));
  await world.advance(2 * day);
  await alice.start();
  await world.advance(5_000);
  expect(await viewOf(world, alice, id)).toMatchObject({ title: "Bob", standing: "request" });
  expect(await textsOf(world, alice.messenger, id)).toEqual(["there you are"]);
  expect(await world.see(alice.messenger.invites)).toMatchObject([{ state: "used", usedBy: "Bob" }]);
  must(await world.run(alice.messenger.answerRequest(id, "accept")));
  await world.advance(5_000);
  expect(await marksOf(world, bob, id)).toEqual(["delivered"]);
});

for (const here of [true, false]) {
  story(
    `does not hear who answered after the invite's end, ${here ? "being" : "not being"} there then`,
    async (world) => {
      const alice = await world.person("alice");
      const bob = await world.person("bob");
      const invite = must(await world.run(alice.messenger.createInvite()));
      await world.advance(1_000);
      if (!here) await world.run(alice.stop());
      await world.advance(8 * day);
      // His own engine keeps him from it, unless its clock is wrong.
      bob.clock.offsetMs = -3 * day;
      must(await world.run(bob.messenger.acceptInvite(invite.link)));
      await world.advance(5_000);
      if (!here) await alice.start();
      await world.advance(60_000);
      expect((await world.see(alice.messenger.conversations)).map(({ kind }) => kind)).toEqual(["self"]);
      expect(await world.see(alice.messenger.invites)).toMatchObject([{ state: "expired", usedBy: undefined }]);
    },
  );
}

story("lets the one who has the slot in, whatever was left beside it before and after", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const invite = must(await world.run(alice.messenger.createInvite()));
  await world.advance(1_000);
  await world.run(alice.stop());
  // Bob has read what is there, and his reply is on its way: the junk is there first, and the slot is his.
  const junkFirst = {
    appended(device: string, _: unknown, __: unknown, slot: Uint8Array | undefined) {
      if (device !== "bob" || slot === undefined) return;
      world.taps.delete(junkFirst);
      leaveJunk(world, invite);
    },
  };
  world.taps.add(junkFirst);
  const id = must(await world.run(bob.messenger.acceptInvite(invite.link)));
  leaveJunk(world, invite);
  await world.advance(1_000);
  await alice.start();
  await world.advance(5_000);
  expect(await viewOf(world, alice, id)).toMatchObject({ title: "Bob", standing: "request" });
  expect(await world.see(alice.messenger.invites)).toMatchObject([{ state: "used", usedBy: "Bob" }]);
});
