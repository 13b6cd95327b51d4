/** Who follows what now: hands wakes and signals to the other followers of a topic (§6.5, §6.6). Stores nothing. */
import type { TopicId } from "@kith/core/lang/brand.ts";

export interface Follower {
  wake(topic: TopicId, latest: number): void;
  signal(topic: TopicId, body: Uint8Array): void;
}

export interface TopicHub {
  follow(topic: TopicId, follower: Follower): void;
  unfollow(topic: TopicId, follower: Follower): void;
  wake(topic: TopicId, latest: number, by: Follower): void;
  signal(topic: TopicId, body: Uint8Array, by: Follower): void;
}

export function createTopicHub(): TopicHub {
  const topics = new Map<TopicId, Set<Follower>>();
  function others(topic: TopicId, by: Follower): Follower[] {
    return [...(topics.get(topic) ?? [])].filter((follower) => follower !== by);
  }
  return {
    follow(topic, follower) {
      const followers = topics.get(topic) ?? new Set();
      topics.set(topic, followers.add(follower));
    },
    unfollow(topic, follower) {
      const followers = topics.get(topic);
      followers?.delete(follower);
      if (followers?.size === 0) topics.delete(topic);
    },
    wake(topic, latest, by) {
      for (const follower of others(topic, by)) follower.wake(topic, latest);
    },
    signal(topic, body, by) {
      for (const follower of others(topic, by)) follower.signal(topic, body);
    },
  };
}
