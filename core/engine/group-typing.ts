/**
 * Who types in groups (§9): told to whoever follows the group's topic now, and forgotten after a moment. A hint that any member
 * can make in another's name; nothing is answered, so that it costs one signal however many are in the group.
 */

import type { AccountId, ConversationId, DeviceId } from "../lang/brand.ts";
import { type LiveCell, liveCell } from "../lang/live.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { type Context, me } from "./context.ts";
import type { Mailbox } from "./mailbox.ts";
import type { Reach } from "./node-watch.ts";
import { openedSignal, sealedSignal } from "./sealed-signals.ts";
import { personWith, talkingIn, talkingOn } from "./talking.ts";

/** Who types says so every 4 s. */
const shownMs = 6_000;
/** Between two signals of one conversation that say the same. Lower: a group of many is told by each of them at each key. */
const pauseMs = 3_000;

/** By conversation, in the order in which they began. */
export type TypingPeople = ReadonlyMap<ConversationId, readonly AccountId[]>;

export interface GroupTyping {
  readonly people: LiveCell<TypingPeople>;
  /** Of a direct conversation's topic it is none of ours. */
  signalled(topic: TopicRecord, bytes: Uint8Array): Promise<void>;
  /** To a group; of any other conversation nothing is told here. */
  setTyping(id: ConversationId, typing: boolean): Promise<void>;
  stop(): void;
}

export function createGroupTyping(context: Context, mailbox: Mailbox, reach: Reach): GroupTyping {
  const people = liveCell<TypingPeople>(new Map());
  /** Ends of what is shown, by conversation and account. */
  const ends = new Map<string, () => void>();
  const told = new Map<ConversationId, { readonly typing: boolean; readonly atMs: number }>();
  let stopped = false;

  function show(id: ConversationId, account: AccountId, typing: boolean): void {
    const key = `${id} ${account}`;
    ends.get(key)?.();
    ends.delete(key);
    if (typing)
      ends.set(
        key,
        context.clock.after(shownMs, () => show(id, account, false)),
      );
    const now = people.value.get(id) ?? [];
    if (typing === now.includes(account)) return;
    const next = new Map(people.value);
    next.set(id, typing ? [...now, account] : now.filter((one) => one !== account));
    if (next.get(id)?.length === 0) next.delete(id);
    people.set(next);
  }

  async function whoIs(topic: TopicRecord, device: DeviceId): Promise<AccountId | undefined> {
    const group = (await talkingOn(context, topic.key))?.conversation.group;
    const account = group && personWith(group, device);
    if (account === undefined || account === (await me(context)).account) return undefined;
    return (await context.storage.get("contacts", account))?.state === "blocked" ? undefined : account;
  }

  return {
    people,
    async signalled(topic, bytes) {
      const talking = await talkingOn(context, topic.key);
      if (talking?.conversation.group === undefined) return;
      const signal = openedSignal(talking.group, bytes);
      // Presence is for contacts, in the conversation with them alone.
      if (signal?.body.kind !== "typing") return;
      const account = await whoIs(topic, signal.device);
      if (account !== undefined && !stopped) show(talking.conversation.key, account, signal.body.typing);
    },
    async setTyping(id, typing) {
      const talking = await talkingIn(context, id);
      if (talking?.conversation.group === undefined || stopped) return;
      const last = told.get(id);
      const sinceMs = last === undefined ? Number.POSITIVE_INFINITY : Math.abs(context.clock.now() - last.atMs);
      // Nobody is told that nothing is typed who was not told that something is.
      if (typing === (last?.typing ?? false) && (!typing || sinceMs < pauseMs)) return;
      told.set(id, { typing, atMs: context.clock.now() });
      const { device } = await me(context);
      const sealed = sealedSignal(context, talking.group, device, { kind: "typing", typing });
      if (sealed === undefined) return;
      for (const node of talking.conversation.nodes.filter(reach.isConnected)) {
        context.nodes.node(node).signal(mailbox.access(talking.topic), sealed);
      }
    },
    stop() {
      stopped = true;
      for (const end of ends.values()) end();
      ends.clear();
    },
  };
}
