import { expect } from "vitest";
import { parseInviteLink } from "../../core/index.ts";
import { openEnvelope, sealEnvelope } from "../../core/wire/envelope.ts";
import { deriveTopic, inviteTopicSecret } from "../../core/wire/topic.ts";
import { homeNode, must, textsOf } from "../support/sim-world.ts";
import { marksOf, story, viewOf } from "../support/story.ts";

story("becomes a contact by an invite while the inviter is offline", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const invite = must(await world.run(alice.messenger.createInvite()));
  expect(invite.state).toBe("ready");
  await alice.stop();

  const preview = must(await world.run(bob.messenger.previewInvite(invite.link)));
  expect(preview).toMatchObject({ name: "Alice", node: homeNode, expiresAtMs: expect.any(Number) });
  const id = must(await world.run(bob.messenger.acceptInvite(invite.link)));
  must(await world.run(bob.messenger.sendText(id, "it is me, Bob")));
  await world.advance(1_000);
  expect(await viewOf(world, bob, id)).toMatchObject({ title: "Alice", standing: "invited" });
  expect(await marksOf(world, bob, id)).toEqual(["held"]);

  await alice.start();
  await world.advance(1_000);
  expect(await viewOf(world, alice, id)).toMatchObject({ title: "Bob", standing: "request", unread: 1 });
  expect(await textsOf(world, alice.messenger, id)).toEqual(["it is me, Bob"]);
  const [used] = await world.see(alice.messenger.invites);
  expect(used).toMatchObject({ state: "used", usedBy: "Bob" });

  must(await world.run(alice.messenger.answerRequest(id, "accept")));
  await world.advance(1_000);
  expect(await viewOf(world, alice, id)).toMatchObject({ standing: "connected" });
  expect(await viewOf(world, bob, id)).toMatchObject({ standing: "connected" });
  expect(await marksOf(world, bob, id)).toEqual(["delivered"]);
});

story("shows both people the same safety number", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  const [atAlice, atBob] = [await viewOf(world, alice, id), await viewOf(world, bob, id)];
  expect(atAlice.person?.safetyNumber).toMatch(/^\d{60}$/);
  expect(atAlice.person?.safetyNumber).toBe(atBob.person?.safetyNumber);
  must(await world.run(alice.messenger.setVerified(atAlice.person!.account, true)));
  expect((await viewOf(world, alice, id)).person?.verified).toBe(true);
});

story("publishes an invite made without a network once the node is reached", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  alice.setOnline(false);
  await world.advance(100);
  const invite = must(await world.run(alice.messenger.createInvite()));
  expect(invite.state).toBe("preparing");
  expect(await world.run(bob.messenger.previewInvite(invite.link))).toEqual({ ok: false, error: "not-found" });
  alice.setOnline(true);
  await world.advance(30_000);
  expect((await world.see(alice.messenger.invites))[0]).toMatchObject({ state: "ready" });
  must(await world.run(bob.messenger.acceptInvite(invite.link)));
});

story("gives the conversation there is when a contact's other invite is opened", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  const second = must(await world.run(alice.messenger.createInvite()));
  expect(await world.run(bob.messenger.acceptInvite(second.link))).toEqual({ ok: true, value: id });
  await world.advance(1_000);
  expect((await world.see(alice.messenger.invites)).find(({ id: one }) => one === second.id)?.state).toBe("ready");
});

story("tells the second user of a one-time invite that it is used", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const carol = await world.person("carol");
  const invite = must(await world.run(alice.messenger.createInvite()));
  must(await world.run(bob.messenger.acceptInvite(invite.link)));
  expect(await world.run(carol.messenger.previewInvite(invite.link))).toEqual({ ok: false, error: "used" });
  expect(await world.run(carol.messenger.acceptInvite(invite.link))).toEqual({ ok: false, error: "used" });
  // Nothing of the attempt stays behind.
  expect((await world.see(carol.messenger.conversations)).map(({ kind }) => kind)).toEqual(["self"]);
});

story("tells one of two who answer at the same moment that the invite is used", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const carol = await world.person("carol");
  const invite = must(await world.run(alice.messenger.createInvite()));
  const answers = await world.run(
    Promise.all([bob.messenger.acceptInvite(invite.link), carol.messenger.acceptInvite(invite.link)]),
  );
  expect(answers.filter((one) => one.ok)).toHaveLength(1);
  expect(answers.find((one) => !one.ok)).toEqual({ ok: false, error: "used" });
  await world.advance(1_000);
  const requests = (await world.see(alice.messenger.conversations)).filter(({ standing }) => standing === "request");
  expect(requests).toHaveLength(1);
  const loser = answers[0]!.ok ? carol : bob;
  expect((await world.see(loser.messenger.conversations)).map(({ kind }) => kind)).toEqual(["self"]);
});

story(
  "keeps the words of somebody who had written before the race for the invite was lost",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const carol = await world.person("carol");
    const invite = must(await world.run(alice.messenger.createInvite()));
    // Carol reads the bundle, and the node is gone before her reply.
    const accepting = carol.messenger.acceptInvite(invite.link);
    while (world.disk("carol").tables.get("outbox")?.size !== 2) await world.advance(1);
    carol.setOnline(false);
    const id = must(await world.run(accepting));
    must(await world.run(carol.messenger.sendText(id, "hello Alice")));
    must(await world.run(bob.messenger.acceptInvite(invite.link)));
    carol.setOnline(true);
    await world.advance(30_000);
    expect(await viewOf(world, carol, id)).toMatchObject({ standing: "invite-used", title: "Alice" });
    expect(await textsOf(world, carol.messenger, id)).toEqual(["hello Alice"]);
    expect(await world.run(carol.messenger.sendText(id, "more"))).toEqual({ ok: false, error: "not-allowed" });

    // A new invite of Alice's makes a new conversation in its place.
    const another = must(await world.run(alice.messenger.createInvite()));
    const again = must(await world.run(carol.messenger.acceptInvite(another.link)));
    const direct = (await world.see(carol.messenger.conversations)).filter(({ kind }) => kind === "direct");
    expect(direct.map((one) => one.id)).toEqual([again]);
  },
  { storage: "memory" },
);

story("says what is wrong with a link, each in its own word", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const { link } = must(await world.run(alice.messenger.createInvite()));
  const ask = (text: string) => world.run(bob.messenger.acceptInvite(text));
  const fault = (error: string) => ({ ok: false, error });
  expect(await world.run(alice.messenger.acceptInvite(link))).toEqual(fault("own"));
  expect(await ask("good morning")).toEqual(fault("malformed"));
  expect(await ask(link.slice(0, -3))).toEqual(fault("damaged"));
  const code = link.indexOf("#/i/") + 4;
  expect(await ask(link.slice(0, code) + (link[code] === "A" ? "B" : "A") + link.slice(code + 1))).toMatchObject({
    ok: false,
  });
  expect(await ask(`${link.slice(0, code)}Aw${link.slice(code + 2)}`)).toEqual(fault("newer-version"));
  await world.advance(8 * 24 * 3_600_000);
  expect(await ask(link)).toEqual(fault("expired"));
  expect((await world.see(alice.messenger.invites))[0]?.state).toBe("expired");
});

story("cannot use an invite that was withdrawn", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const invite = must(await world.run(alice.messenger.createInvite()));
  must(await world.run(alice.messenger.withdrawInvite(invite.id)));
  expect(await world.see(alice.messenger.invites)).toEqual([]);
  // The bundle may lie at the node still; who answers it is never heard.
  await world.run(bob.messenger.acceptInvite(invite.link));
  await world.advance(5_000);
  expect((await world.see(alice.messenger.conversations)).map(({ kind }) => kind)).toEqual(["self"]);
});

story("says that the node cannot be reached, after waiting for it", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const { link } = must(await world.run(alice.messenger.createInvite()));
  world.node.setUp(false);
  await world.advance(100);
  expect(await world.run(bob.messenger.acceptInvite(link))).toEqual({ ok: false, error: "node-unreachable" });
});

story("refuses a bundle that the person named in the link did not make", async (world) => {
  const alice = await world.person("alice");
  const mallory = await world.person("mallory");
  const bob = await world.person("bob");
  const invite = must(await world.run(alice.messenger.createInvite()));
  const hers = must(await world.run(mallory.messenger.createInvite()));
  // Mallory runs the node and knows the link: she puts her own bundle, sealed anew, in the place of Alice's.
  const topicOf = (link: string) => {
    const parsed = must(parseInviteLink(link));
    return deriveTopic(inviteTopicSecret(parsed.secret));
  };
  const from = topicOf(hers.link);
  const to = topicOf(invite.link);
  const [entry] = world.node.topics.get(from.topic)!.entries;
  const payload = must(openEnvelope(from.envelopeKey, from.topic, entry!.envelope));
  const forged = must(sealEnvelope(to.envelopeKey, to.topic, payload, world.random.bytes(24)));
  world.node.topics.delete(to.topic);
  must(world.node.append(to.topic, forged, undefined));
  expect(await world.run(bob.messenger.previewInvite(invite.link))).toEqual({ ok: false, error: "forged" });
  expect(await world.run(bob.messenger.acceptInvite(invite.link))).toEqual({ ok: false, error: "forged" });
});

story("talks in either conversation when two invites crossed", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const fromAlice = must(await world.run(alice.messenger.createInvite()));
  const fromBob = must(await world.run(bob.messenger.createInvite()));
  const [mine, yours] = await world.run(
    Promise.all([alice.messenger.acceptInvite(fromBob.link), bob.messenger.acceptInvite(fromAlice.link)]),
  );
  await world.advance(5_000);
  for (const id of [must(mine), must(yours)]) {
    must(await world.run(alice.messenger.sendText(id, "from Alice")));
    must(await world.run(bob.messenger.sendText(id, "from Bob")));
    await world.advance(5_000);
    expect(await viewOf(world, alice, id)).toMatchObject({ standing: "connected" });
    expect(await textsOf(world, alice.messenger, id)).toHaveLength(2);
    expect(await textsOf(world, bob.messenger, id)).toHaveLength(2);
  }
});
