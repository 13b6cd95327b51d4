/**
 * When a conversation's keys count as the newest there are (§11), and are sealed with: the topic was read at every node that is
 * there, and a link's other end said what it has or nobody is here who could tell of words that went over links alone. Seals
 * nothing.
 */

import type { AccountId, ConversationId, NodeUrl } from "../lang/brand.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
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
 * After a link told or another node was read, for nodes that are connected and give nothing of the topic; a lost one counts as
 * away by then. Lower: who was put back seals with used keys while a node is busy or begins anew. Higher: one that never answers
 * holds up for longer what could go other ways.
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
  /** The topic was read to its end at one of its nodes. */
  read(id: ConversationId): Promise<void>;
  /** A link's other end said what it has of it, and what follows from that is written down. */
  told(id: ConversationId): Promise<void>;
  stop(): void;
}

/** `caughtUp`: what was read and waited for that can be sealed from now on. */
export function createCatchingUp(
  context: Context,
  { heard }: Pick<Presence, "heard">,
  { isRead, isOwed, isAllRead }: Pick<Mailbox, "isRead" | "isOwed" | "isAllRead">,
  caughtUp: (id: ConversationId) => void,
): CatchingUp {
  const waiting = new Map<ConversationId, () => void>();
  /** Somebody told what they have, or everybody had the time for it. */
  const heardOut = new Set<ConversationId>();
  const wasTold = new Set<ConversationId>();
  /** What was there at the start, and where it was kept. */
  let former: ReadonlyMap<ConversationId, readonly NodeUrl[]> | undefined;
  let stopped = false;

  /** Who could have been told something here over a link: accepted contacts. */
  async function linkable({ contact, group }: ConversationRecord): Promise<ReadonlySet<AccountId>> {
    const isMember = group?.standing.kind === "member";
    const people = group === undefined ? [contact] : isMember ? presentPeople(group).map(({ account }) => account) : [];
    const rows = await Promise.all(people.map((account) => account && context.storage.get("contacts", account)));
    return new Set(rows.flatMap((row) => (row && row.state === "accepted" ? [row.key] : [])));
  }

  const isNew = (id: ConversationId) => former !== undefined && !former.has(id);

  async function othersIn(id: ConversationId): Promise<ReadonlySet<AccountId>> {
    const conversation = await context.storage.get("conversations", id);
    return conversation === undefined || isNew(id) ? new Set() : linkable(conversation);
  }

  async function isSomebodyHere(id: ConversationId): Promise<boolean> {
    const others = await othersIn(id);
    return [...heard.value.values()].some(({ here, account }) => here && others.has(account));
  }

  function wait(id: ConversationId, delayMs: number, task: () => Promise<void> | void): void {
    waiting.get(id)?.();
    const cancel = context.clock.after(delayMs, () => {
      Promise.resolve(task()).catch((error: unknown) => context.log.fault("catching up failed", error));
    });
    waiting.set(id, cancel);
  }

  function known(id: ConversationId): void {
    waiting.get(id)?.();
    waiting.delete(id);
    if (stopped || context.caughtUp.has(id)) return;
    context.caughtUp.add(id);
    caughtUp(id);
  }

  async function isEverythingRead(id: ConversationId): Promise<boolean> {
    const conversation = await context.storage.get("conversations", id);
    return conversation !== undefined && isAllRead(conversation.topic);
  }

  /**
   * Of words that lie there unread neither a link's other end nor another node may know. One that is away is not waited for; but
   * where nobody told anything one of those at which the conversation was kept has to be read: own words are there before all.
   */
  async function isWaitedFor(id: ConversationId): Promise<boolean> {
    const conversation = await context.storage.get("conversations", id);
    if (conversation === undefined) return false;
    const { topic } = conversation;
    const keptAt = former?.get(id) ?? conversation.nodes;
    return isOwed(topic) || (!wasTold.has(id) && !keptAt.some((node) => isRead(topic, node)));
  }

  async function waitForNodes(id: ConversationId, leftMs: number): Promise<void> {
    const isWaiting = leftMs > 0 && !(await isEverythingRead(id)) && (await isWaitedFor(id));
    if (stopped || context.caughtUp.has(id)) return;
    if (isWaiting) wait(id, linkMs, () => waitForNodes(id, leftMs - linkMs));
    else known(id);
  }

  function waitForPeople(id: ConversationId): void {
    wait(id, answerMs, async () => {
      const isHere = await isSomebodyHere(id);
      // A link may have told meanwhile.
      if (stopped || heardOut.has(id)) return;
      const rest = () => {
        heardOut.add(id);
        return waitForNodes(id, busyNodeMs);
      };
      if (isHere) wait(id, linkMs - answerMs, rest);
      else await rest();
    });
  }

  return {
    async begin() {
      former = new Map((await context.storage.all("conversations")).map(({ key, nodes }) => [key, nodes]));
    },
    async read(id) {
      if (context.caughtUp.has(id)) return;
      if (isNew(id)) return context.caughtUp.add(id);
      const isAll = await isEverythingRead(id);
      if (heardOut.has(id)) return isAll ? known(id) : undefined;
      if (waiting.has(id)) return;
      const { size } = await othersIn(id);
      if (stopped || waiting.has(id) || heardOut.has(id)) return;
      if (size > 0) return waitForPeople(id);
      heardOut.add(id);
      if (isAll) context.caughtUp.add(id);
      else wait(id, linkMs, () => waitForNodes(id, busyNodeMs - linkMs));
    },
    async told(id) {
      wasTold.add(id);
      if (context.caughtUp.has(id) || heardOut.has(id)) return;
      heardOut.add(id);
      const isAll = await isEverythingRead(id);
      if (stopped || context.caughtUp.has(id)) return;
      if (isAll) known(id);
      else wait(id, linkMs, () => waitForNodes(id, busyNodeMs - linkMs));
    },
    stop() {
      stopped = true;
      for (const cancel of waiting.values()) cancel();
      waiting.clear();
    },
  };
}
