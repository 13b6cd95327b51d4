// The size that a group can have, where a member makes Welcomes and commits by hand (PROTOCOL.md §13.1, §13.2, §13.6).
import { expect } from "vitest";
import { cut } from "../../core/conversation/parts.ts";
import { makeChange } from "../../core/group/change.ts";
import type { GroupState } from "../../core/group/state.ts";
import { toHex } from "../../core/lang/bytes.ts";
import type { TopicRecord } from "../../core/ports/topic-record.ts";
import { encodeCommitNote } from "../../core/wire/commit-note.ts";
import { deriveTopic } from "../../core/wire/topic.ts";
import {
  type ByHand,
  groupByHand,
  groupOn,
  groupsOn,
  leave,
  madeUp,
  profileOn,
  topicBetween,
} from "../support/groups-by-hand.ts";
import { must, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

const memory = { storage: "memory" } as const;

/** Alice is at rest; mallory, her contact, goes on by hand. */
async function withMallory(world: World): Promise<void> {
  const alice = await world.person("alice");
  const mallory = await world.person("mallory");
  await world.befriend(alice, mallory);
  await world.advance(10_000);
  await world.run(mallory.stop());
}

/** Her Welcome for Alice, and the group as she goes on in it. */
async function welcomed(
  world: World,
  wish: ByHand,
): Promise<{ readonly next: GroupState; readonly topic: TopicRecord }> {
  const topicSecret = world.random.bytes(32);
  const { welcome, next } = await groupByHand(world, "mallory", "alice", { ...wish, card: { topicSecret } });
  const between = topicBetween(world, "mallory", profileOn(world, "alice").account);
  const { parts, whole } = must(cut(welcome, "welcome"));
  for (const part of parts) leave(world, between, { kind: "part", ...part });
  leave(world, between, { kind: "whole", ...whole });
  await world.advance(5_000);
  return { next, topic: { ...between, key: deriveTopic(topicSecret).topic, secret: topicSecret } };
}

/** Adds somebody. */
async function added(world: World, state: GroupState, topic: TopicRecord): Promise<GroupState> {
  const { account, deviceList, publicPackage } = await madeUp(world);
  const note = must(
    encodeCommitNote({
      id: toHex(world.random.bytes(8)),
      clockMs: world.clock.now(),
      clockCount: 0,
      lists: [deviceList],
      names: [{ account, name: "Somebody" }],
      leaves: [],
      healed: undefined,
      link: undefined,
      succession: undefined,
    }),
  );
  const { commit, next } = must(await makeChange(state, { add: [publicPackage], removeLeaves: [], note }, () => true));
  leave(world, topic, { kind: "mls", message: commit, generation: 0 });
  await world.advance(5_000);
  return next;
}

const sizeOf = (world: World) => {
  const { group, keys } = groupOn(world, "alice");
  return [group.people.length, keys?.epoch];
};

story(
  "a group of 100 persons takes in nobody more, by a Welcome or by a commit",
  async (world) => {
    await withMallory(world);
    await welcomed(world, { crowd: 99 });
    expect(groupsOn(world, "alice")).toEqual([]);
    const { next, topic } = await welcomed(world, { crowd: 97 });
    expect(sizeOf(world)).toEqual([99, 1]);
    const full = await added(world, next, topic);
    expect(sizeOf(world)).toEqual([100, 2]);
    await added(world, full, topic);
    expect(sizeOf(world)).toEqual([100, 2]);
  },
  memory,
);
