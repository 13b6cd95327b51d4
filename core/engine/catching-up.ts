/**
 * When a conversation's keys count as the newest there are (§11), and are sealed with: the topic was read at a node, and a
 * link's other end said what it has or nobody is here who could tell of words that went over links alone. Seals nothing.
 */

import type { AccountId, ConversationId } from "../lang/brand.ts";
import type { ConversationRecord } from "../ports/records.ts";
import type { CaughtUp, Context } from "./context.ts";
import type { Mailbox } from "./mailbox.ts";
import type { Presence } from "./presence.ts";
import { presentPeople } from "./talking.ts";

/**
 * After the topic was read, till somebody who is here has said so: two ways through the node, more than a second on bad
 * networks. Higher: what is written right after a start to people who are away leaves later.
 */
const answerMs = 2_000;
/**
 * After the topic was read, till somebody who is here is linked with. Lower: fewer dials, of which most take 2 s, are done.
 * Higher: where no link can be made, what is written right after a start comes late although both are here (FAULTS F19).
 */
const linkMs = 2_500;
/**
 * After a link told, for nodes that are connected and give nothing of the topic. Lower: who was put back seals with used keys
 * at a busy node. Higher: a node that never answers holds up for longer what could go over links.
 */
const busyNodeMs = 30_000;

export function createCaughtUp(): CaughtUp {
  const newest = new Set<ConversationId>();
  const doubted = new Set<ConversationId>();
  return {
    has: (id) => newest.has(id) && !doubted.has(id),
    add: (id) => void newest.add(id),
    doubt: (id) => void doubted.add(id),
    noted: (id) => void doubted.delete(id),
  };
}

export interface CatchingUp {
  /** What was there when the engine started: nobody had the keys of what is made later in an earlier run. */
  begin(): Promise<void>;
  /** The topic was read to its end at a node. */
  read(id: ConversationId): Promise<void>;
  /** A link's other end said what it has of it, and what follows from that is written down. */
  told(id: ConversationId): void;
  stop(): void;
}

/** `caughtUp`: what was read and waited for that can be sealed from now on. */
export function createCatchingUp(
  context: Context,
  { heard }: Pick<Presence, "heard">,
  { isOwed }: Pick<Mailbox, "isOwed">,
  caughtUp: (id: ConversationId) => void,
): CatchingUp {
  const waiting = new Map<ConversationId, () => void>();
  const wasRead = new Set<ConversationId>();
  const wasTold = new Set<ConversationId>();
  let former: ReadonlySet<ConversationId> | undefined;
  let stopped = false;

  /** Who could have been told something here over a link: accepted contacts. */
  async function linkable({ contact, group }: ConversationRecord): Promise<ReadonlySet<AccountId>> {
    const isMember = group?.standing.kind === "member";
    const people = group === undefined ? [contact] : isMember ? presentPeople(group).map(({ account }) => account) : [];
    const rows = await Promise.all(people.map((account) => account && context.storage.get("contacts", account)));
    return new Set(rows.flatMap((row) => (row && row.state === "accepted" ? [row.key] : [])));
  }

  async function othersIn(id: ConversationId): Promise<ReadonlySet<AccountId>> {
    const conversation = await context.storage.get("conversations", id);
    const isNew = former !== undefined && !former.has(id);
    return conversation === undefined || isNew ? new Set() : linkable(conversation);
  }

  async function isSomebodyHere(id: ConversationId): Promise<boolean> {
    const others = await othersIn(id);
    return [...heard.value.values()].some(({ here, account }) => here && others.has(account));
  }

  function wait(id: ConversationId, delayMs: number, task: () => Promise<void> | void): void {
    const cancel = context.clock.after(delayMs, () => {
      Promise.resolve(task()).catch((error: unknown) => context.log.fault("catching up failed", error));
    });
    waiting.set(id, cancel);
  }

  function end(id: ConversationId): void {
    if (!waiting.delete(id) || stopped) return;
    context.caughtUp.add(id);
    caughtUp(id);
  }

  function known(id: ConversationId): void {
    waiting.get(id)?.();
    waiting.delete(id);
    if (stopped) return;
    context.caughtUp.add(id);
    caughtUp(id);
  }

  /** Words that only a node has may lie there unread, of which the link's other end knows nothing. One that is away is not waited for. */
  function waitForNodes(id: ConversationId, leftMs: number): void {
    wait(id, linkMs, async () => {
      const conversation = await context.storage.get("conversations", id);
      if (stopped || !waiting.has(id)) return;
      const isWaiting = leftMs > linkMs && conversation !== undefined && isOwed(conversation.topic);
      if (isWaiting) waitForNodes(id, leftMs - linkMs);
      else end(id);
    });
  }

  return {
    async begin() {
      former = new Set((await context.storage.all("conversations")).map(({ key }) => key));
    },
    async read(id) {
      wasRead.add(id);
      if (context.caughtUp.has(id)) return;
      if (wasTold.has(id)) return known(id);
      if (waiting.has(id)) return;
      const { size } = await othersIn(id);
      if (stopped || waiting.has(id) || context.caughtUp.has(id)) return;
      if (size === 0) {
        context.caughtUp.add(id);
        return;
      }
      wait(id, answerMs, async () => {
        const isHere = await isSomebodyHere(id);
        // A link may have told meanwhile.
        if (stopped || !waiting.has(id)) return;
        if (isHere) wait(id, linkMs - answerMs, () => end(id));
        else end(id);
      });
    },
    told(id) {
      wasTold.add(id);
      if (context.caughtUp.has(id)) return;
      if (wasRead.has(id)) known(id);
      else if (!waiting.has(id)) waitForNodes(id, busyNodeMs);
    },
    stop() {
      stopped = true;
      for (const cancel of waiting.values()) cancel();
      waiting.clear();
    },
  };
}
