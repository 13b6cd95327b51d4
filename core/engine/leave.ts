/**
 * Leaving a group (§13.5), on both sides: this device says so, and ends its part once a node or everybody has it; others who
 * heard it carry it out, one after another, unless somebody did.
 */

import { permissions } from "../conversation/group-rights.ts";
import { jobDelayMs } from "../conversation/job-rank.ts";
import { isReadable, viewGroup } from "../group/state.ts";
import type { AccountId, ConversationId } from "../lang/brand.ts";
import { noBytes } from "../lang/bytes.ts";
import { done, err, type Result } from "../lang/result.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupOfConversation, GroupPerson } from "../ports/group-of-conversation.ts";
import { decodeContent } from "../wire/content.ts";
import { signLeave } from "../wire/leave.ts";
import { actSaid } from "./act-said.ts";
import { wantedOf } from "./commits.ts";
import { type Context, commit, me } from "./context.ts";
import type { GroupFault } from "./group-face.ts";
import { changeRow } from "./group-order.ts";
import { overChanges } from "./group-over.ts";
import type { Mailbox } from "./mailbox.ts";
import { presentPeople } from "./talking.ts";

type InGroup = ConversationRecord & { readonly group: GroupOfConversation };

export interface Leaving {
  /** This person wants to leave. `hand-over`: the owner of others chooses the next one first. */
  leave(id: ConversationId): Promise<Result<void, GroupFault | "hand-over">>;
  /** Goes on with who leaves, this person or others. Safe to call at any time. */
  look(id: ConversationId): Promise<void>;
  stop(): void;
}

/** After reading did not get to the end of the topic. */
const readAgainMs = 5_000;

/** `kick` is told when there is something to carry or a commit to make; `ended` when the group is over. */
export function createLeaving(
  context: Context,
  { catchUp, isAllRead }: Pick<Mailbox, "catchUp" | "isAllRead">,
  kick: (id: ConversationId) => void,
  ended: (id: ConversationId) => void,
): Leaving {
  const timers = new Map<string, () => void>();
  /** The topic is being read before this person's part ends. */
  const reading = new Set<ConversationId>();
  let stopped = false;

  async function look(id: ConversationId, hasRead = false): Promise<void> {
    const conversation = await context.storage.get("conversations", id);
    const { group } = conversation ?? {};
    if (group?.standing.kind !== "member" || group.people.every(({ leaving }) => leaving === undefined)) return;
    const { account } = await me(context);
    const own = group.people.find((one) => one.account === account);
    if (own?.leaving === undefined) return carryOutLater(id, group);
    const outcome = await context.turns(id, () => goOn(context, id, hasRead));
    if (outcome === "said") kick(id);
    if (outcome === "over") ended(id);
    if (outcome === "unread") background(readFirst(id));
  }

  /** A commit that stands before the statement may have taken the others to where they never see it. */
  async function readFirst(id: ConversationId): Promise<void> {
    if (stopped || reading.has(id)) return;
    reading.add(id);
    const { topic } = (await context.storage.get("conversations", id)) ?? {};
    if (topic !== undefined) await catchUp(topic);
    reading.delete(id);
    if (stopped) return;
    if (topic === undefined || isAllRead(topic)) return look(id, true);
    const key = `${id} read`;
    timers.get(key)?.();
    timers.set(
      key,
      context.clock.after(readAgainMs, () => background(readFirst(id))),
    );
  }

  function background(work: Promise<void>): void {
    work.catch((error: unknown) => context.log.fault("leaving failed", error));
  }

  async function carryOutLater(id: ConversationId, group: GroupOfConversation): Promise<void> {
    const { device } = await me(context);
    const devices = presentPeople(group).flatMap((person) => person.devices);
    for (const { account, leaving } of group.people) {
      const key = `${id} ${account}`;
      if (leaving === undefined || timers.has(key) || stopped) continue;
      const task = async () => {
        timers.delete(key);
        if (await context.turns(id, () => orderSeeOff(context, id, account))) kick(id);
      };
      const failed = (error: unknown) => context.log.fault("who leaves could not be seen off", error);
      const delayMs = jobDelayMs(leaving.signature, device, devices);
      timers.set(
        key,
        context.clock.after(delayMs, () => void task().catch(failed)),
      );
    }
  }

  return {
    async leave(id) {
      const begun = await context.turns(id, () => begin(context, id));
      if (begun.ok) await look(id);
      return begun;
    },
    look: (id) => look(id),
    stop() {
      stopped = true;
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

/** Noted as a wish, without a statement yet: that one is of the leaf as it is once an own commit is decided. */
async function begin(context: Context, id: ConversationId): Promise<Result<void, GroupFault | "hand-over">> {
  const found = await memberIn(context, id);
  if (found === undefined) return err("no-such-conversation");
  const { account, device } = await me(context);
  const { group } = found;
  const others = presentPeople(group).filter((one) => one.account !== account);
  const here = [account, ...others.map((one) => one.account)];
  if (permissions(group.facts, here, account).leave === "hand-over") return err("hand-over");
  const own = group.people.find((one) => one.account === account);
  // Nobody stays who would hear it or carry it out: the others, if there are any, have said that they leave.
  const isAlone = others.length === 0 && own?.devices.every((one) => one === device) !== false;
  if (isAlone) return commit(context, { changes: await left(context, found) });
  if (own === undefined || own.leaving !== undefined) return done;
  return commit(context, {
    changes: [
      {
        kind: "put",
        table: "conversations",
        row: withPerson(found, { ...own, leaving: { device, signature: noBytes } }),
      },
      ...(await wantedOf(context, id)).map(({ key }) => ({ kind: "delete", table: "changes", key }) as const),
    ],
  });
}

/** What is next for who leaves. Call within the conversation's turn. */
async function goOn(
  context: Context,
  id: ConversationId,
  hasRead: boolean,
): Promise<"said" | "over" | "waits" | "unread"> {
  const found = await memberIn(context, id);
  const { account, device, deviceSeed } = await me(context);
  const own = found?.group.people.find((one) => one.account === account);
  if (found === undefined || own?.leaving === undefined) return "waits";
  const group = await context.storage.get("groups", id);
  if (own.leaving.signature.length > 0) {
    if (await isOnItsWay(context, id)) return "waits";
    if (!hasRead) return "unread";
    // Who came with a commit since cannot open it, and where the topic turned nobody reads it: it is said again.
    const isHeard = group === undefined || !isReadable(group.state) || own.leaving.saidIn === group.epoch;
    if (isHeard) {
      const written = await commit(context, { changes: await left(context, found) });
      return written.ok ? "over" : "waits";
    }
  }
  if (group === undefined || group.pending !== undefined || !isReadable(group.state)) return "waits";
  const leaf = (await viewGroup(group.state)).own;
  const signature = signLeave({ conversation: id, account, encryptionKey: leaf.encryptionKey }, deviceSeed);
  // Said to own devices, too: where nobody else is there, they alone are to hear it.
  const present = withPerson(found, { ...own, leaving: undefined });
  const said = await actSaid(context, present, { kind: "leave", signature }, "custody");
  const leaving = { device, signature, saidIn: group.epoch };
  const row = withPerson({ ...said.conversation, group: found.group }, { ...own, leaving });
  const written = await commit(context, {
    expect: said.batch.expect,
    changes: [...said.batch.changes, { kind: "put", table: "conversations", row }],
  });
  return written.ok ? "said" : "waits";
}

async function isOnItsWay(context: Context, id: ConversationId): Promise<boolean> {
  return (await context.storage.ofConversation("outbox", id)).some(({ content }) => {
    const decoded = content && decodeContent(content);
    return decoded?.ok === true && decoded.value.body.kind === "leave";
  });
}

/** In the list of the group one is not there any more. */
async function left(context: Context, conversation: InGroup) {
  const { account } = await me(context);
  const topic = await context.storage.get("topics", conversation.topic);
  const people = conversation.group.people.filter((one) => one.account !== account);
  const standing = { kind: "left", atMs: context.clock.now() } as const;
  if (topic === undefined) throw new Error("a group of this person without its topic");
  return overChanges(
    context,
    { conversation: { ...conversation, group: { ...conversation.group, people } }, topic },
    standing,
  );
}

async function orderSeeOff(context: Context, id: ConversationId, account: AccountId): Promise<boolean> {
  const found = await memberIn(context, id);
  const person = found?.group.people.find((one) => one.account === account);
  if (found === undefined || person?.leaving === undefined) return false;
  const isOrdered = (await wantedOf(context, id)).some(({ act }) => act.kind === "see-off" && act.account === account);
  if (isOrdered) return true;
  const row = await changeRow(context, found, { kind: "see-off", account });
  return (await commit(context, { changes: [row] })).ok;
}

async function memberIn(context: Context, id: ConversationId): Promise<InGroup | undefined> {
  const conversation = await context.storage.get("conversations", id);
  if (conversation?.group?.standing.kind !== "member") return undefined;
  return { ...conversation, group: conversation.group };
}

function withPerson(conversation: InGroup, person: GroupPerson): InGroup {
  const people = conversation.group.people.map((one) => (one.account === person.account ? person : one));
  return { ...conversation, group: { ...conversation.group, people } };
}
