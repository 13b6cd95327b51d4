// One random life of a group: people create it, come, go, are made admins, write and rename, while devices crash, the network
// parts and the node goes away. Then all is made well, and everybody who is a member must have the same group and the same
// story, and nobody what was said when they were none. Some persons have two or three devices.
import type { GroupAct } from "../../core/conversation/group-acts.ts";
import type { AccountId, ConversationId, DeviceId, MessageId } from "../../core/lang/brand.ts";
import type { ConversationRecord, OutboxRecord } from "../../core/ports/records.ts";
import type { SimDevice } from "./sim-device.ts";
import { listenWhenGone } from "./sim-gone-ears.ts";
import { accountOf, conversationAt, eventsAt, keysOf, profileOf, timelineAt, topicAt, waitingAt } from "./sim-group.ts";
import { linkSome } from "./sim-group-devices.ts";
import type { Faults } from "./sim-seat.ts";
import type { Invariant } from "./sim-watch.ts";
import { createWorld, rowsOn, type World, type WorldSnapshot } from "./sim-world.ts";

interface GroupPlan {
  readonly names: readonly string[];
  readonly snapshot: WorldSnapshot;
  /** Of a group that is there already (`groupedStart`); else one is founded. */
  readonly group?: ConversationId | undefined;
  /** From and up to. */
  readonly acts: readonly [number, number];
  readonly faults: readonly Faults[];
  /** How likely something goes wrong before an act. */
  readonly trouble: number;
  /** Makes everything well, and lets time pass. */
  heal(world: World, names: readonly string[]): Promise<void>;
}

interface GroupLife {
  readonly watch: {
    readonly breaches: { readonly invariant: Invariant; readonly what: string }[];
    readonly looks: Map<Invariant, number>;
  };
  readonly complaints: readonly string[];
  readonly sent: number;
  readonly crashes: number;
  readonly troubles: number;
}

interface Said {
  readonly id: MessageId;
  readonly by: AccountId;
  readonly atMs: number;
  /** Who was a member when it was said, as its author knew, and which devices. */
  readonly to: readonly AccountId[];
  readonly devices: readonly DeviceId[];
}

export async function liveInGroup(seed: number, plan: GroupPlan): Promise<GroupLife> {
  let { names } = plan;
  const world = await createWorld({ seed, from: plan.snapshot });
  const { random } = world;
  const breaches: GroupLife["watch"]["breaches"] = [];
  const looks = new Map<Invariant, number>();
  const complaints: string[] = [];
  const said: Said[] = [];
  let crashes = 0;
  let troubles = 0;
  const complain = (what: string) => void complaints.push(what);
  const check = (holds: boolean, what: string) => {
    looks.set(9, (looks.get(9) ?? 0) + 1);
    if (!holds) breaches.push({ invariant: 9, what });
  };
  const begin = (name: string) => {
    const device = world.devices.get(name)!;
    if (!device.running) device.start().catch((error: unknown) => complain(String(error)));
  };
  world.onCrash = (name) => {
    crashes++;
    world.clock.after(random.int(20_000), () => begin(name));
  };
  for (const name of names) {
    world.device(name);
    begin(name);
  }
  await world.advance(2_000);
  let group = plan.group;
  const ears = listenWhenGone(world, names, () => group);
  const id = group ?? (await foundGroup(world, names));
  group = id;
  await world.advance(random.int(2_000));
  const further = await linkSome(world, names, id, begin);
  names = [...names, ...further.names];
  world.faults = random.pick(plan.faults);
  await world.advance(random.int(5_000));

  const [least, most] = plan.acts;
  const count = least + random.int(most - least + 1);
  const revokedAt = random.chance(0.5) ? random.int(count) : count;
  for (let n = 0; n < count; n++) {
    if (n === revokedAt) await further.revokeOne();
    if (random.chance(plan.trouble)) {
      goWrong(world, random.pick(names), names);
      troubles++;
    }
    const actors = names.filter((name) => isMember(world, name, id));
    // Who may change something does so more often.
    const able = actors.filter((name) => mayChange(world, name, id) || random.chance(0.4));
    const actor = random.pick([able, actors, names].find((some) => some.length > 0)!);
    if (actors.length > 0) act(world, world.devices.get(actor)!, id, `${n} of ${actor}`, said, complain, names);
    await world.advance(random.chance(0.3) ? 0 : random.int(8_000));
  }

  await plan.heal(world, names);
  await further.tellAgain();
  checkGroup(world, names, id, said, check);
  const to = new Map(said.map((one) => [one.id.slice(one.id.indexOf("/") + 1), one.to]));
  const overheard = await ears.overheard(to);
  if (ears.count > 0) check(overheard.length === 0, overheard.join("; "));
  for (const { name, faults } of world.devices.values()) for (const one of faults) complain(`${name}: ${one}`);
  await world.end();
  if (!(await world.clock.runUntilIdle())) complain("a timer is left behind");
  return { watch: { breaches, looks }, complaints, sent: said.length, crashes, troubles };
}

/** The first founds it with most others, of whom two are made admins. */
async function foundGroup(world: World, names: readonly string[]): Promise<ConversationId> {
  const { random } = world;
  const [founder = ""] = names;
  const others = names.slice(1).filter(() => random.chance(0.8));
  const people = others.map((name) => accountOf(world, { name }));
  const { groups } = world.devices.get(founder)!.messenger;
  const made = await world.run(groups.createGroup({ name: "Walkers", emoji: "", people }));
  if (!made.ok) throw new Error(`no group: ${made.error}`);
  await world.advance(random.int(2_000));
  for (const account of people.slice(0, 2)) {
    await world.run(groups.changeGroup(made.value, { kind: "role", account, role: "admin" }));
  }
  await world.advance(2_000);
  return made.value;
}

/** A world to begin with in which the group is there, for many lives. */
export async function groupedStart(
  seed: number,
  { names, snapshot }: Pick<GroupPlan, "names" | "snapshot">,
): Promise<Pick<GroupPlan, "names" | "snapshot" | "group">> {
  const world = await createWorld({ seed, from: snapshot });
  for (const name of names) await world.device(name).start();
  await world.advance(2_000);
  const group = await foundGroup(world, names);
  await world.advance(5_000);
  await world.end();
  return { names, snapshot: world.snapshot(), group };
}

const rowAt = (world: World, name: string, id: ConversationId) =>
  world.disk(name).tables.get("conversations")?.get(id) as ConversationRecord | undefined;

const isMember = (world: World, name: string, id: ConversationId) =>
  rowAt(world, name, id)?.group?.standing.kind === "member";

const mayChange = (world: World, name: string, id: ConversationId) =>
  rowAt(world, name, id)?.group?.facts.roles.some(({ account }) => account === accountOf(world, { name })) === true;

function act(
  world: World,
  device: SimDevice,
  id: ConversationId,
  text: string,
  said: Said[],
  complain: (what: string) => void,
  names: readonly string[],
): void {
  const { random } = world;
  if (!device.running) return;
  const { messenger } = device;
  const failed = (error: unknown) => complain(`an act threw: ${error}`);
  if (random.chance(0.5)) {
    const { people } = conversationAt(world, device, id).group!;
    const to = people.map(({ account }) => account);
    const devices = people.flatMap((person) => person.devices);
    const by = accountOf(world, device);
    const atMs = world.clock.now();
    messenger.sendText(id, text).then((sent) => {
      if (sent.ok) said.push({ id: sent.value, by, atMs, to, devices });
      else if (!["not-allowed", "no-such-conversation", "storage-full"].includes(sent.error)) {
        complain(`sending failed: ${sent.error}`);
      }
    }, failed);
    return;
  }
  if (random.chance(0.08)) {
    messenger.groups.leaveGroup(id).catch(failed);
    return;
  }
  const own = accountOf(world, device);
  const account = random.pick(names.map((name) => accountOf(world, { name })).filter((one) => one !== own));
  const acts: readonly GroupAct[] = [
    { kind: "add", people: [account] },
    { kind: "add", people: [account] },
    { kind: "remove", account },
    { kind: "remove", account },
    { kind: "role", account, role: random.pick(["admin", "admin", "member"] as const) },
    { kind: "hand-over", account },
    { kind: "rename", name: `Group ${text}` },
    { kind: "describe", description: text },
  ];
  messenger.groups.changeGroup(id, random.pick(acts)).catch(failed);
}

const later = ({ random, clock }: World, task: () => void) => void clock.after(random.int(30_000), task);

function goWrong(world: World, name: string, names: readonly string[]): void {
  const { random } = world;
  const device = world.devices.get(name)!;
  const node = random.pick([...world.nodes.values()]);
  const troubles: readonly (() => void)[] = [
    () => device.crashAfterSteps(1 + random.int(80)),
    () => device.crashAfterSteps(1 + random.int(20)),
    () => device.crash(),
    () => {
      device.setOnline(false);
      later(world, () => device.setOnline(true));
    },
    () => {
      node.setUp(false);
      later(world, () => node.setUp(true));
    },
    () => {
      node.dieAfterAppend = true;
      later(world, () => node.setUp(true));
    },
    () => {
      for (const pair of [...world.place.open]) pair.cut(random.pick(["at once", "never"]));
    },
    () => {
      const island = [...names, ...world.nodes.keys()].filter(() => random.chance(0.4));
      world.split([island, [...names, ...world.nodes.keys()].filter((one) => !island.includes(one))]);
      later(world, () => world.split([]));
    },
    () => {
      world.disk(name).failNext = "full";
    },
  ];
  random.pick(troubles)();
}

type Check = (holds: boolean, what: string) => void;

/** When everything is well again. */
function checkGroup(
  world: World,
  names: readonly string[],
  id: ConversationId,
  said: readonly Said[],
  check: Check,
): void {
  const members = names.filter((name) => isMember(world, name, id));
  const [first] = members;
  if (first === undefined) return;
  checkAgreement(world, members, id, check);
  for (const name of names.filter((one) => !members.includes(one))) {
    check(keysOf(world, { name }, id) === undefined, `${name} is no member and has keys`);
    const row = rowAt(world, name, id);
    check(row === undefined || topicAt(world, { name }, id) === undefined, `${name} is no member and has the topic`);
  }
  const gone = new Set(names.flatMap((name) => (rowAt(world, name, id) ? departedAt(world, name, id) : [])));
  checkWords(world, names, id, said, gone, check);
  for (const a of members) {
    for (const b of members) if (a < b) checkEvents(world, [a, b], id, gone, check);
  }
}

function checkAgreement(world: World, members: readonly string[], id: ConversationId, check: Check): void {
  const [first = ""] = members;
  const accounts = [...new Set(members.map((name) => accountOf(world, { name })))].sort();
  const group = rowAt(world, first, id)?.group;
  const listed = group?.people.map(({ account }) => account) ?? [];
  check(listed.join() === accounts.join(), `${first} knows ${listed.length} members, and ${accounts.length} are there`);
  const keys = keysOf(world, { name: first }, id);
  for (const name of members) {
    const row = rowAt(world, name, id)!;
    const own = keysOf(world, { name }, id);
    check(row.healing === undefined, `${name} is to be healed: ${row.healing?.why}`);
    check(JSON.stringify(row.group) === JSON.stringify(group), `${name} and ${first} know different groups`);
    const same = own?.epoch === keys?.epoch && `${own?.epochSecrets[0]?.secret}` === `${keys?.epochSecrets[0]?.secret}`;
    check(same, `${name} is in epoch ${own?.epoch}, ${first} in ${keys?.epoch}, or with other keys`);
    check(own?.pending === undefined, `${name} has a commit that is not decided`);
    const left = waitingAt(world, { name }, id).map(({ act: { kind } }) => kind);
    check(left.length === 0, `${name} still wants: ${left}`);
    const out = rowsOn<OutboxRecord>(world.disk(name), "outbox").filter((one) => one.conversation === id);
    check(out.length === 0, `${name} still has ${out.length} to send in the group`);
    const topic = topicAt(world, { name }, id);
    for (const { node, cursor, ahead } of topic?.places ?? []) {
      const isRead = cursor === world.nodes.get(node)?.latest(topic!.key) && ahead === undefined;
      check(isRead, `${name} is stuck before the end of the group's topic`);
    }
  }
}

function departedAt(world: World, name: string, id: ConversationId): readonly AccountId[] {
  return eventsAt(world, { name }, id).flatMap((event) => {
    if (event.kind === "removed") return event.people;
    return event.kind === "left" ? [event.account] : [];
  });
}

function checkWords(
  world: World,
  names: readonly string[],
  id: ConversationId,
  said: readonly Said[],
  gone: ReadonlySet<AccountId>,
  check: Check,
): void {
  // What a device that was revoked said may have been too late.
  const authors = new Set<string>(
    names.filter((name) => isMember(world, name, id)).map((name) => profileOf(world, { name }).device),
  );
  for (const name of names) {
    if (rowAt(world, name, id) === undefined) continue;
    const account = accountOf(world, { name });
    const here = timelineAt(world, { name }, id);
    const spells = spellsOf(world, names, id, account);
    for (const { id: message, by, to, devices, atMs } of said) {
      const times = here.filter(({ key }) => key === message).length;
      // Its author may not have known yet that they came; and what is sealed again is for who came since.
      const mayHave = account === by || to.includes(account) || spells.some(({ untilMs }) => untilMs > atMs);
      check(times === 0 || mayHave, `${name} has words that were said when they were no member`);
      check(times <= 1, `${name} has words twice`);
      const wasThere = devices.includes(profileOf(world, { name }).device);
      const isFromHere = authors.has(message.split("/")[0]!);
      const shallHave = wasThere && isFromHere && !gone.has(account) && !gone.has(by) && isMember(world, name, id);
      check(!shallHave || times === 1, `${name} lacks words that were said to them`);
    }
  }
}

/** In which somebody was a member, as those knew first who knew first. */
function spellsOf(
  world: World,
  names: readonly string[],
  id: ConversationId,
  account: AccountId,
): readonly { readonly fromMs: number; readonly untilMs: number }[] {
  const came = new Map<string, number>();
  const went = new Map<string, number>();
  for (const name of names.filter((one) => rowAt(world, one, id) !== undefined)) {
    for (const { key, body, receivedAtMs } of timelineAt(world, { name }, id)) {
      if (body.kind !== "event") continue;
      const { event } = body;
      const times = event.kind === "added" ? came : went;
      const isTheirs =
        event.kind === "added" || event.kind === "removed"
          ? event.people.includes(account)
          : event.kind === "left" && event.account === account;
      if (isTheirs) times.set(key, Math.min(receivedAtMs, times.get(key) ?? Number.POSITIVE_INFINITY));
    }
  }
  return [...came.values()].map((fromMs) => {
    const later = [...went.values()].filter((ms) => ms > fromMs);
    return { fromMs, untilMs: Math.min(Number.POSITIVE_INFINITY, ...later) };
  });
}

/** Of the time in which both were members. */
function checkEvents(
  world: World,
  [a, b]: readonly [string, string],
  id: ConversationId,
  gone: ReadonlySet<AccountId>,
  check: Check,
): void {
  if ([a, b].some((name) => gone.has(accountOf(world, { name })))) return;
  const from = [a, b].map((name) => cameIn(world, name, id)).sort()[1]!;
  const [atA, atB] = [a, b].map((name) =>
    timelineAt(world, { name }, id)
      .filter(({ body, order }) => body.kind === "event" && order >= from)
      .map(({ key, order, body }) => `${order} ${key} ${JSON.stringify(body)}`)
      .join("\n"),
  );
  check(atA === atB, `${a} and ${b} are told different stories`);
}

function cameIn(world: World, name: string, id: ConversationId): string {
  const account = accountOf(world, { name });
  const here = timelineAt(world, { name }, id);
  const came = here.find(
    ({ body }) => body.kind === "event" && body.event.kind === "added" && body.event.people.includes(account),
  );
  // A further device sees what came after it got in.
  return came?.order ?? here.find(({ body }) => body.kind === "event")?.order ?? "~";
}
