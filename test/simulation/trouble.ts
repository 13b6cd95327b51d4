// What can go wrong in a life, each thing now or from now on for a while. What and when is the seed's.
import type { NodeUrl } from "../../core/index.ts";
import type { ConversationRecord } from "../../core/ports/conversation-record.ts";
import type { GroupRecord } from "../../core/ports/group-records.ts";
import type { MessageRecord } from "../../core/ports/message-record.ts";
import type { ProfileRecord } from "../../core/ports/people-records.ts";
import type { TopicRecord } from "../../core/ports/topic-record.ts";
import { openEnvelope, type Payload, sealEnvelope } from "../../core/wire/envelope.ts";
import { deriveTopic } from "../../core/wire/topic.ts";
import { copied } from "../support/copied-row.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { type Trickster, tricks } from "../support/sim-tricks.ts";
import type { Watch } from "../support/sim-watch.ts";
import { must, rowsOn, type World } from "../support/sim-world.ts";
import { unreadable } from "../support/whole-group.ts";

/**
 * Families of what goes wrong: of devices, network and nodes; damaged keys; moves between nodes; nodes that lie; wrong clocks;
 * people and nodes that are away for long, and contacts who keep for each other, forget and change their minds.
 */
export type Trouble = "plain" | "keys" | "moves" | "lies" | "clocks" | "keepers";

export interface Stage {
  readonly world: World;
  readonly watch: Watch;
  readonly names: readonly string[];
  readonly tricksters: readonly Trickster[];
  /** "alice …": whose keys of which conversation were ever lost. */
  readonly keyless: Set<string>;
  /** What threw or was answered as it must not be. */
  complain(what: string): void;
}

export function makeTrouble(stage: Stage, kinds: readonly Trouble[]): void {
  const { random } = stage.world;
  const device = stage.world.devices.get(random.pick(stage.names))!;
  const family = { plain, keys, moves, lies, clocks, keepers }[random.pick(kinds)];
  random.pick(family(stage, device))();
}

const later = ({ random, clock }: World, task: () => void) => void clock.after(random.int(30_000), task);

function plain({ world, watch, names, tricksters }: Stage, device: SimDevice): readonly (() => void)[] {
  const { random } = world;
  const [a, b] = [random.pick(names), random.pick(names)];
  const node = random.pick([...world.nodes.values()]);
  return [
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
      world.apart.add(`${a} ${b}`);
      later(world, () => world.apart.delete(`${a} ${b}`));
    },
    () => {
      world.disk(device.name).failNext = "full";
    },
    () => {
      if (device.running) void device.messenger.markRead(random.pick(directOf(world, device.name)).key);
    },
    () => {
      device.clock.offsetMs = random.pick([-600_000, 600_000, 0]);
    },
    // Where numbers are shuffled nobody can say which entry is the poisoned one.
    () => tricksters.length === 0 && poison(world, watch),
  ];
}

function keys({ world, watch, keyless, complain }: Stage, device: SimDevice): readonly (() => void)[] {
  const { random } = world;
  const disk = world.disk(device.name);
  const conversation = random.pick(directOf(world, device.name)).key;
  const groups = disk.tables.get("groups") as Map<string, GroupRecord>;
  return [
    () => {
      device.crash();
      groups.delete(conversation);
      keyless.add(`${device.name} ${conversation}`);
    },
    () => {
      device.crash();
      keyless.add(`${device.name} ${conversation}`);
      const group = groups.get(conversation);
      if (group !== undefined) groups.set(conversation, { ...group, state: unreadable });
    },
    () => {
      const earlier = copied(disk.tables);
      later(world, () => {
        device.crash();
        watch.rollsBack(device.name, earlier);
        disk.tables.clear();
        for (const [table, rows] of earlier) disk.tables.set(table, rows);
      });
    },
    () => {
      const own = rowsOn<ProfileRecord>(disk, "profile")[0]?.account;
      const mine = rowsOn<MessageRecord>(disk, "messages").filter(({ author }) => author === own);
      if (!device.running || mine.length === 0) return;
      device.messenger.sendAgain(random.pick(mine).key).then(
        (sent) => {
          const isFine = sent.ok || ["nothing-to-send", "not-allowed", "storage-full"].includes(sent.error);
          if (!isFine) complain(`sending again failed: ${sent.error}`);
        },
        (error: unknown) => complain(`sending again threw: ${error}`),
      );
    },
  ];
}

function moves(stage: Stage, device: SimDevice): readonly (() => void)[] {
  const { world, names } = stage;
  const { random } = world;
  const [first, second] = [...world.nodes.keys()];
  if (first === undefined || second === undefined) return plain(stage, device);
  const choices: readonly (readonly NodeUrl[])[] = [[first], [second], [first, second], [second, first]];
  return [
    () => {
      if (!device.running) return;
      const { key } = random.pick(directOf(world, device.name));
      void device.messenger.moveConversation(key, random.pick(choices));
    },
    () => {
      if (device.running) void device.messenger.setNodes(random.pick(choices));
    },
    () => {
      const island = [...names, ...world.nodes.keys()].filter(() => random.chance(0.4));
      world.split([island, [...names, ...world.nodes.keys()].filter((one) => !island.includes(one))]);
      later(world, () => world.split([]));
    },
    () => {
      const node = world.nodes.get(random.pick([first, second]))!;
      node.setUp(false);
      later(world, () => later(world, () => node.setUp(true)));
    },
  ];
}

function lies({ world, tricksters }: Stage): readonly (() => void)[] {
  const { random } = world;
  const trickster = random.pick(tricksters);
  const trick = random.pick(tricks);
  return [
    () => {
      trickster.playing.add(trick);
    },
    () => {
      trickster.playing.add(trick);
    },
    () => trickster.playing.clear(),
    () => trickster.repent(),
    () => trickster.forget(),
  ];
}

const minuteMs = 60_000;

/** Longer than nodes are waited for before anything is given to keepers (§7.7). */
const muchLater = ({ random, clock }: World, task: () => void) =>
  void clock.after(minuteMs + random.int(4 * minuteMs), task);

function keepers({ world, names, complain }: Stage, device: SimDevice): readonly (() => void)[] {
  const { random } = world;
  const [a, b] = [random.pick(names), random.pick(names)];
  const kept = () => world.disk(device.name).tables.get("kept");
  const nodeGoes = () => {
    const node = world.node;
    node.setUp(false);
    muchLater(world, () => node.setUp(true));
  };
  return [
    nodeGoes,
    nodeGoes,
    () => {
      world.apart.add(`${a} ${b}`);
      for (const pair of [...world.place.open])
        if (pair.seats.every((one) => [a, b].includes(one.device))) pair.cut("at once");
      muchLater(world, () => world.apart.delete(`${a} ${b}`));
    },
    () => {
      device.setOnline(false);
      muchLater(world, () => device.setOnline(true));
    },
    () => {
      device.crash();
      kept()?.clear();
    },
    // It goes on saying that it keeps what it has thrown away.
    () => kept()?.clear(),
    () => {
      const { contact } = random.pick(directOf(world, device.name));
      if (!device.running || contact === undefined) return;
      device.messenger.setKeepsFor(contact, random.chance(0.7)).catch((error: unknown) => complain(String(error)));
    },
  ];
}

const yearMs = 365 * 24 * 60 * minuteMs;

/** The row F8 of the table of faults. */
function clocks(_: Stage, device: SimDevice): readonly (() => void)[] {
  return [-10 * minuteMs, 10 * minuteMs, -yearMs, yearMs, 0].map((offsetMs) => () => {
    device.clock.offsetMs = offsetMs;
  });
}

export const directOf = (world: World, name: string) =>
  rowsOn<ConversationRecord>(world.disk(name), "conversations").filter(({ kind }) => kind === "direct");

/** Both sides are about to renew their keys, so that they race for the slot. */
export function nearRenewal(world: World, name: string): void {
  const groups = world.disk(name).tables.get("groups") as Map<string, GroupRecord>;
  for (const [key, group] of groups) groups.set(key, { ...group, sealedSinceUpdate: 90 + world.random.int(12) });
}

/** An envelope in a conversation's topic that a member can open and no key of MLS. */
function poison(world: World, watch: Watch): void {
  const { random } = world;
  const rows = rowsOn<TopicRecord>(world.disk("alice"), "topics").filter(
    ({ purpose }) => purpose.kind === "conversation",
  );
  const topic = random.pick(rows);
  const key = random.chance(0.5) ? deriveTopic(topic.secret).envelopeKey : random.bytes(32);
  const noise: Payload = { kind: "mls", message: random.bytes(40), generation: 0 };
  const payload = random.pick([noise, replayed(world, topic)].filter((one) => one !== undefined));
  const envelope = must(sealEnvelope(key, topic.key, payload, random.bytes(24)));
  const { sequence } = must(world.node.append(topic.key, envelope, undefined));
  watch.poisoned(sequence, topic.key, envelope);
}

/** What a member said before, in other wrapping. */
function replayed(world: World, { key, secret }: TopicRecord): Payload | undefined {
  const entries = world.node.topics.get(key)?.entries ?? [];
  if (entries.length === 0) return undefined;
  const payload = openEnvelope(deriveTopic(secret).envelopeKey, key, world.random.pick(entries).envelope);
  return payload.ok && payload.value.kind === "mls" ? payload.value : undefined;
}
