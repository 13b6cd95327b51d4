// No server that Alice and Bob share is in reach. Carol, whom both know by a server of hers, keeps what they say to each
// other, if she agreed to. What goes over her links, frame by frame, is in keepers-by-hand.test.ts.
import { expect } from "vitest";
import { keptForMs } from "../../core/conversation/keeping.ts";
import type { ConversationId } from "../../core/index.ts";
import type { ContactRecord } from "../../core/ports/people-records.ts";
import { cutOff, framesOf, keptBy, newestInfo, profileOf, waitingAt, write } from "../support/keeping.ts";
import { must, textsOf } from "../support/sim-world.ts";
import { marksOf, story, viewOf } from "../support/story.ts";

const memory = { storage: "memory" } as const;

story(
  "brings what was said to Bob by way of Carol, in order and once, and Alice hears that he has it",
  async (world) => {
    const { alice, bob, ab, carol } = await cutOff(world);
    await write(world, alice, ab, "one", "two", "three");
    await world.advance(20_000);
    expect(keptBy(world, "carol"), "a server may come back within half a minute").toEqual([]);
    expect(await marksOf(world, alice, ab)).toEqual(["saved", "saved", "saved"]);
    await world.advance(20_000);
    expect(keptBy(world, "carol")).toHaveLength(3);
    expect(await marksOf(world, alice, ab)).toEqual(["kept", "kept", "kept"]);
    const { keepings, held } = await newestInfo(world, alice, ab);
    expect(held).toEqual([]);
    expect(keepings).toMatchObject([{ account: profileOf(world, "carol").account, name: "Carol", state: "kept" }]);
    expect(keepings[0]!.untilMs).toBe(keptBy(world, "carol").at(-1)!.untilMs);

    bob.setOnline(true);
    await world.advance(40_000);
    expect(await textsOf(world, bob.messenger, ab)).toEqual(["one", "two", "three"]);
    expect((await viewOf(world, bob, ab)).unread).toBe(3);
    await world.advance(60_000);
    expect(await marksOf(world, alice, ab)).toEqual(["delivered", "delivered", "delivered"]);
    expect(keptBy(world, "carol"), "nothing is left behind").toEqual([]);
    expect(await world.see(carol.messenger.conversations)).toHaveLength(3);
  },
  memory,
);

story(
  "keeps nothing for whom Carol did not agree to keep",
  async (world) => {
    const { alice, ab, ca } = await cutOff(world, ["bob"]);
    const asked = framesOf(world, "keep");
    expect((await viewOf(world, alice, ca)).person?.keeper).toBe(false);
    await write(world, alice, ab, "one");
    await world.advance(120_000);
    expect(asked).toEqual([]);
    expect(keptBy(world, "carol")).toEqual([]);
    expect(await marksOf(world, alice, ab)).toEqual(["saved"]);
  },
  memory,
);

story(
  "keeps no more once Carol has changed her mind, and what she promised to its time",
  async (world) => {
    const { alice, carol, ab, ca } = await cutOff(world);
    await write(world, alice, ab, "one");
    await world.advance(40_000);
    must(await world.run(carol.messenger.setKeepsFor(profileOf(world, "alice").account, false)));
    await world.advance(5_000);
    expect((await viewOf(world, alice, ca)).person?.keeper).toBe(false);
    await write(world, alice, ab, "two");
    await world.advance(60_000);
    expect(keptBy(world, "carol")).toHaveLength(1);
    expect(await marksOf(world, alice, ab)).toEqual(["kept", "saved"]);
  },
  memory,
);

story(
  "gives Carol nothing while a server is in reach",
  async (world) => {
    const { alice, ab } = await cutOff(world);
    const asked = framesOf(world, "keep");
    world.node.setUp(true);
    await write(world, alice, ab, "one");
    await world.advance(60_000);
    expect(asked).toEqual([]);
    expect(await marksOf(world, alice, ab)).toEqual(["held"]);
  },
  memory,
);

story(
  "takes in once what comes from the server and from Carol",
  async (world) => {
    const { alice, bob, ab } = await cutOff(world);
    await write(world, alice, ab, "one", "two");
    await world.advance(40_000);
    expect(keptBy(world, "carol")).toHaveLength(2);
    world.node.setUp(true);
    await world.advance(60_000);
    bob.setOnline(true);
    await world.advance(90_000);
    expect(await textsOf(world, bob.messenger, ab)).toEqual(["one", "two"]);
    expect((await viewOf(world, bob, ab)).unread).toBe(2);
    expect(await marksOf(world, alice, ab)).toEqual(["delivered", "delivered"]);
    expect(keptBy(world, "carol")).toEqual([]);
  },
  memory,
);

story(
  "hands over what Carol kept before her own engine crashed",
  async (world) => {
    const { alice, bob, carol, ab } = await cutOff(world);
    await write(world, alice, ab, "one", "two");
    await world.advance(40_000);
    carol.crash();
    await world.advance(1_000);
    await carol.start();
    await world.advance(1_000);
    bob.setOnline(true);
    await world.advance(120_000);
    expect(await textsOf(world, bob.messenger, ab)).toEqual(["one", "two"]);
    expect(keptBy(world, "carol").filter(({ from }) => from === profileOf(world, "alice").account)).toEqual([]);
  },
  memory,
);

story(
  "says that the promise is over when it is, and Carol deletes what nobody fetched",
  async (world) => {
    const { alice, ab } = await cutOff(world);
    await write(world, alice, ab, "one");
    await world.advance(40_000);
    alice.setOnline(false);
    await world.advance(keptForMs + 2 * 3_600_000);
    expect(keptBy(world, "carol")).toEqual([]);
    expect((await newestInfo(world, alice, ab)).keepings).toMatchObject([{ state: "over" }]);
    expect(await marksOf(world, alice, ab)).toEqual(["saved"]);
  },
  memory,
);

story(
  "forgets what it kept for whom it blocks",
  async (world) => {
    const { alice, carol, ab, ca } = await cutOff(world);
    await write(world, alice, ab, "one");
    await world.advance(40_000);
    expect(keptBy(world, "carol")).toHaveLength(1);
    must(await world.run(carol.messenger.answerRequest(ca, "block")));
    await world.advance(1_000);
    expect(keptBy(world, "carol")).toEqual([]);
  },
  memory,
);

story(
  "leaves with Carol what is for Bob from somebody whom he has not accepted",
  async (world) => {
    const { bob, carol, cb } = await cutOff(world);
    world.node.setUp(true);
    await world.advance(30_000);
    const dave = await world.person("dave");
    await world.befriend(carol, dave);
    must(await world.run(carol.messenger.setKeepsFor(profileOf(world, "dave").account, true)));
    bob.setOnline(true);
    await world.advance(10_000);
    const invite = must(await world.run(bob.messenger.createInvite()));
    const bd = must(await world.run(dave.messenger.acceptInvite(invite.link)));
    await world.advance(5_000);
    world.apart.add("bob dave");
    world.node.setUp(false);
    bob.setOnline(false);
    await write(world, dave, bd, "do you remember me?");
    await world.advance(60_000);
    expect(await marksOf(world, dave, bd)).toEqual(["kept"]);
    bob.setOnline(true);
    await world.advance(60_000);
    expect((await viewOf(world, bob, cb)).person?.path).toBe("direct");
    expect(await textsOf(world, bob.messenger, bd)).toEqual([]);
    expect(keptBy(world, "carol").length).toBeGreaterThan(0);
    must(await world.run(bob.messenger.answerRequest(bd, "accept")));
    for (const pair of [...world.place.open]) pair.cut("at once");
    await world.advance(60_000);
    expect(await textsOf(world, bob.messenger, bd)).toEqual(["do you remember me?"]);
  },
  memory,
);

story(
  "keeps again what Carol lost with her disk, once Alice meets her again",
  async (world) => {
    const { alice, bob, carol, ab } = await cutOff(world);
    await write(world, alice, ab, "one", "two");
    await world.advance(40_000);
    expect(keptBy(world, "carol")).toHaveLength(2);
    carol.crash();
    world.disk("carol").tables.get("kept")!.clear();
    await world.advance(40_000);
    await carol.start();
    await world.advance(40_000);
    expect(keptBy(world, "carol").filter(({ from }) => from === profileOf(world, "alice").account)).toHaveLength(2);
    await world.run(alice.stop());
    bob.setOnline(true);
    await world.advance(60_000);
    expect(await textsOf(world, bob.messenger, ab)).toEqual(["one", "two"]);
  },
  memory,
);

story(
  "shows Carol one envelope, and no more, of those for somebody whom she does not know",
  async (world) => {
    const { alice } = await cutOff(world);
    world.node.setUp(true);
    await world.advance(30_000);
    const dave = await world.person("dave");
    world.apart.add("alice dave");
    const ad = await world.befriend(alice, dave);
    await world.advance(10_000);
    dave.setOnline(false);
    world.node.setUp(false);
    const asked = framesOf(world, "keep");
    await write(world, alice, ad, "one", "two", "three", "four");
    await world.advance(120_000);
    expect(asked).toEqual([{ from: "alice", to: "carol" }]);
    expect(await marksOf(world, alice, ad)).toEqual(["saved", "saved", "saved", "saved"]);
  },
  memory,
);

story(
  "deletes what it kept for whom it blocked right before its engine died",
  async (world) => {
    const { alice, carol, ab } = await cutOff(world);
    await write(world, alice, ab, "one");
    await world.advance(40_000);
    expect(keptBy(world, "carol")).toHaveLength(1);
    carol.crash();
    const contacts = world.disk("carol").tables.get("contacts") as Map<string, ContactRecord>;
    const { account } = profileOf(world, "alice");
    contacts.set(account, { ...contacts.get(account)!, state: "blocked" });
    await carol.start();
    await world.advance(1_000);
    expect(keptBy(world, "carol")).toEqual([]);
  },
  memory,
);

story(
  "tells of consent in every conversation with the person, since one may have lost its keys",
  async (world) => {
    const alice = await world.person("alice");
    const carol = await world.person("carol");
    // Each opens the other's invite at the same time.
    const fromAlice = must(await world.run(alice.messenger.createInvite()));
    const fromCarol = must(await world.run(carol.messenger.createInvite()));
    const accepts = [alice.messenger.acceptInvite(fromCarol.link), carol.messenger.acceptInvite(fromAlice.link)];
    const [one, other] = (await world.run(Promise.all(accepts))).map(must) as [ConversationId, ConversationId];
    await world.advance(5_000);
    world.node.setUp(false);
    alice.setOnline(false);
    await world.advance(60_000);
    must(await world.run(carol.messenger.setKeepsFor(profileOf(world, "alice").account, true)));
    const told = waitingAt(world, "carol").map(({ conversation }) => conversation);
    expect([...new Set(told)].sort()).toEqual([one, other].sort());
    world.node.setUp(true);
    alice.setOnline(true);
    await world.advance(60_000);
    expect((await viewOf(world, alice, one)).person?.keeper).toBe(true);
  },
  memory,
);

story(
  "knows of the consent that was given before its person was accepted",
  async (world) => {
    const alice = await world.person("alice");
    const carol = await world.person("carol");
    const invite = must(await world.run(alice.messenger.createInvite()));
    const id = must(await world.run(carol.messenger.acceptInvite(invite.link)));
    await world.advance(1_000);
    must(await world.run(carol.messenger.setKeepsFor(profileOf(world, "alice").account, true)));
    await world.advance(5_000);
    must(await world.run(alice.messenger.answerRequest(id, "accept")));
    await world.advance(5_000);
    expect((await viewOf(world, alice, id)).person?.keeper).toBe(true);
  },
  memory,
);
