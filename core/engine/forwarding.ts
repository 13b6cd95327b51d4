/**
 * Members of a group carry each other's words to those whom no node reaches (§7.7, §13.8): what comes over a link meanwhile is
 * kept for the other members and goes over the next link with them. So it passes along a chain of devices that were never there at
 * the same time.
 */

import type { ConversationId, DeviceId, TopicId } from "../lang/brand.ts";
import { type Context, me } from "./context.ts";
import type { Keeper } from "./keeper.ts";
import type { Reach } from "./node-watch.ts";
import { personWith, presentPeople } from "./talking.ts";

export interface Forwarding {
  /** Taken in over the link of this member's device. */
  heard(id: ConversationId, topic: TopicId, envelope: Uint8Array, from: DeviceId): Promise<void>;
}

export function createForwarding(context: Context, reach: Reach, keeper: Keeper): Forwarding {
  return {
    async heard(id, topic, envelope, from) {
      const conversation = await context.storage.get("conversations", id);
      // Who is not reached by a link finds it at a node, where its author leaves it.
      if (conversation?.group === undefined || !conversation.nodes.every(reach.isAway)) return;
      const account = personWith(conversation.group, from);
      const { device } = await me(context);
      const devices = presentPeople(conversation.group)
        .flatMap((person) => person.devices)
        .filter((one) => one !== device && one !== from);
      if (account === undefined || devices.length === 0) return;
      await keeper.forward(account, { kind: "keep", topic, devices, envelope });
    },
  };
}
