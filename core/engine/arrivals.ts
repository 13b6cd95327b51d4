/**
 * What comes in, from the nodes and over links, and whom it goes to. Takes nothing in itself, and decides nothing about when
 * something is sent.
 */

import { isFreshSplit } from "../conversation/epoch-marks.ts";
import type { ConversationId, NodeUrl, TopicId } from "../lang/brand.ts";
import type { TopicEntry } from "../ports/node.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { type AcknowledgeSoon, acknowledgeTopic } from "./acknowledge-topic.ts";
import type { Arrival, Beyond, Receipt } from "./arrived.ts";
import type { CatchingUp } from "./catching-up.ts";
import type { Commits } from "./commits.ts";
import type { Context } from "./context.ts";
import type { Courier } from "./courier.ts";
import type { DeviceDropping } from "./drop-devices.ts";
import type { Forwarding } from "./forwarding.ts";
import type { Gaps } from "./gaps.ts";
import { takeAnswerEntry } from "./group-link-ask.ts";
import type { GroupLinkLife } from "./group-link-life.ts";
import { takeRequestEntry } from "./group-requests.ts";
import type { GroupTyping } from "./group-typing.ts";
import { type Healer, noteDamage } from "./heal.ts";
import type { HistorySharing } from "./history-share.ts";
import type { HistoryTaking } from "./history-take.ts";
import { takeInviteEntry } from "./invite-replies.ts";
import { earlyWelcomes } from "./join.ts";
import type { Keeper } from "./keeper.ts";
import type { KeyGiving } from "./key-giving.ts";
import type { Leaving } from "./leave.ts";
import type { Links, LinksEvents } from "./links.ts";
import type { LostGroups } from "./lost-groups.ts";
import type { Mailbox, MailboxHandlers } from "./mailbox.ts";
import type { Presence } from "./presence.ts";
import type { Receipts } from "./receipts.ts";
import { receive } from "./receive.ts";

import type { SendMissing } from "./send-missing.ts";
import type { SplitWatch } from "./split-watch.ts";
import type { Succession } from "./succession.ts";
import type { EntryOutcome } from "./topic-reader.ts";

/** Who has to do with what comes in. */
export interface Takers {
  readonly links: Links;
  readonly mailbox: Mailbox;
  readonly courier: Courier;
  readonly keeper: Keeper;
  readonly forwarding: Forwarding;
  readonly soon: AcknowledgeSoon;
  readonly presence: Presence;
  readonly catching: CatchingUp;
  readonly typing: GroupTyping;
  readonly commits: Commits;
  readonly receipts: Receipts;
  readonly healer: Healer;
  readonly missing: SendMissing;
  readonly gaps: Gaps;
  readonly giving: KeyGiving;
  readonly leaving: Leaving;
  readonly lost: LostGroups;
  readonly succession: Succession;
  readonly dropping: DeviceDropping;
  readonly sharing: HistorySharing;
  readonly groupLinks: GroupLinkLife;
  readonly history: HistoryTaking;
  readonly splits: SplitWatch;
  kick(id: ConversationId): void;
  /** Leaves at nodes what links need there. */
  publish(): Promise<void>;
  /** Work that nobody waits for. */
  background(work: Promise<unknown>): void;
  /** What is followed may have changed. */
  refresh(): Promise<void>;
}

export interface Arrivals {
  readonly fromNodes: MailboxHandlers;
  readonly fromLinks: LinksEvents;
  /** From now on things are sealed in it: what waits for that is looked at. */
  caughtUp(id: ConversationId): Promise<void>;
  /** Keys were missed for good. Whether that was written down. */
  behind(id: ConversationId): Promise<boolean>;
  /** Takes what added this person again before it was read that they had been removed. */
  comeBack(): Promise<void>;
}

/** `takers` is asked for once something comes: they are made with these handlers. */
export function createArrivals(context: Context, takers: () => Takers): Arrivals {
  async function behind(id: ConversationId): Promise<boolean> {
    const { background, healer } = takers();
    const isNoted = await noteDamage(context, id, "behind");
    background(healer.look(id));
    return isNoted;
  }

  async function acknowledge(id: ConversationId): Promise<void> {
    const conversation = await context.storage.get("conversations", id);
    if (conversation?.kind === "group") return takers().soon.note(id);
    if (await acknowledgeTopic(context, id)) takers().courier.kick(id);
  }

  async function afterReading(id: ConversationId): Promise<void> {
    const { courier, healer, presence, commits, receipts, missing, gaps, giving, leaving, dropping, sharing } =
      takers();
    await acknowledge(id);
    await healer.inspect(id);
    courier.kick(id);
    await presence.caughtUp(id);
    await commits.look(id);
    await giving.look(id);
    await leaving.look(id);
    await takers().succession.look(id);
    await dropping.look(id);
    await sharing.look(id);
    await takers().groupLinks.look(id);
    await takers().splits.look(id);
    await receipts.look(id);
    await missing.look(id);
    await gaps.read(id);
  }

  /** Somebody who is linked left something at the node: their link to here, and so ours, may be dead. */
  async function askLinked(id: ConversationId): Promise<void> {
    const { links } = takers();
    if (links.linked.value.size === 0) return;
    const contact = (await context.storage.get("conversations", id))?.contact;
    if (contact !== undefined) links.ask(contact);
  }

  /** A group began, a topic turned, somebody is to get a Welcome. */
  async function goOn(id: ConversationId, { conversations, follow, stockUsed, over, publish }: Beyond): Promise<void> {
    const { courier, giving, refresh, background } = takers();
    if (publish) background(takers().publish());
    if (follow) await refresh();
    for (const other of conversations) courier.kick(other);
    if (stockUsed) background(giving.used(id));
    if (over) background(comeBack());
  }

  /** Somebody had added this person again, which came before the end did. */
  async function comeBack(): Promise<void> {
    const joined = await earlyWelcomes(context);
    if (joined.length === 0) return;
    await takers().refresh();
    for (const id of joined) await takers().giving.used(id);
  }

  /** Over a link. What an envelope shows about the keys is looked at at once: nothing else may come for long. */
  async function takeIn(topic: TopicId, id: ConversationId, envelope: Uint8Array, arrival: Arrival): Promise<Receipt> {
    const [received] = await receive(context, topic, id, [{ envelope, arrival }]);
    if (received === undefined) return "not-kept";
    const { receipt, aboutKeys, beyond } = received;
    await goOn(id, beyond);
    const { background, courier, healer, leaving, mailbox } = takers();
    // Whose words all reach by links leaves nothing in the topic, in which others would see that they left.
    if (receipt === "taken") background(leaving.look(id));
    if (!aboutKeys) return receipt;
    background(healer.look(id));
    mailbox.keysMoved(topic);
    // What waited for keys was sealed with those that came.
    courier.kick(id);
    return receipt;
  }

  /** Of a conversation's topic: acknowledged later, and only what is written (invariant 1). */
  async function takePage(
    topic: TopicRecord,
    id: ConversationId,
    node: NodeUrl,
    entries: readonly TopicEntry[],
  ): Promise<readonly EntryOutcome[]> {
    await askLinked(id);
    const incoming = entries.map(({ envelope, sequence }) => ({
      envelope,
      arrival: { via: "topic", node, sequence } as const,
    }));
    const received = await receive(context, topic.key, id, incoming);
    for (const { beyond } of received) await goOn(id, beyond);
    const outcomes = received.map(({ receipt }) =>
      receipt === "not-kept" || receipt === "ahead" ? receipt : ("taken" as const),
    );
    const taken = entries.flatMap(({ hash }, index) => (outcomes[index] === "taken" ? [hash] : []));
    await takers().courier.custody.cameBack(id, node, new Set(taken));
    return outcomes;
  }

  /** Of any other topic. */
  async function takeEntry(topic: TopicRecord, node: NodeUrl, entry: TopicEntry): Promise<EntryOutcome> {
    const { purpose } = topic;
    if (purpose.kind === "history") return takers().history.entry(topic, node, entry);
    if (purpose.kind !== "invite") return "taken";
    const { background, groupLinks } = takers();
    const look = (id: ConversationId) => background(groupLinks.look(id));
    const taken =
      (await takeRequestEntry(context, topic, purpose.invite, entry, look)) ??
      (await takeAnswerEntry(context, topic, purpose.invite, entry)) ??
      (await takeInviteEntry(context, topic, purpose.invite, entry));
    await takers().refresh();
    return taken ? "taken" : "not-kept";
  }

  /** The epoch in which a group's first node was read once more, because something is ahead of it. */
  const readAgainIn = new Map<TopicId, number | undefined>();

  const fromNodes: MailboxHandlers = {
    async entries(topic, node, entries) {
      if (topic.purpose.kind === "conversation") return takePage(topic, topic.purpose.conversation, node, entries);
      const [first] = entries;
      return first === undefined ? [] : [await takeEntry(topic, node, first)];
    },
    async lostData({ purpose }, node) {
      return purpose.kind !== "conversation" || takers().courier.custody.lostData(purpose.conversation, node);
    },
    paged(topic) {
      if (topic.purpose.kind === "conversation") {
        takers().background(acknowledge(topic.purpose.conversation));
      }
    },
    drained(topic, node) {
      if (topic.purpose.kind !== "conversation") return;
      const { background, courier, catching } = takers();
      const { conversation } = topic.purpose;
      background(catching.read(conversation).then(() => afterReading(conversation)));
      background(courier.custody.drained(topic, topic.purpose.conversation, node));
    },
    async stuck({ key, purpose }) {
      if (purpose.kind !== "conversation") return false;
      const conversation = await context.storage.get("conversations", purpose.conversation);
      if (conversation?.group === undefined) return behind(purpose.conversation);
      const { mailbox } = takers();
      const [arbiter] = conversation.nodes;
      // The keys of a group come from its first node alone.
      if (arbiter === undefined || !mailbox.isRead(key, arbiter)) return false;
      // Another node may have been faster to tell what is ahead than that one to tell what leads there.
      const epoch = (await context.storage.get("groups", purpose.conversation))?.epoch;
      if (readAgainIn.get(key) !== epoch) {
        readAgainIn.set(key, epoch);
        mailbox.unread(key, arbiter);
        return false;
      }
      // Of the other part of the group: what is ahead here is said there.
      if (conversation.split && isFreshSplit(conversation.split, context.clock.now())) return true;
      return behind(purpose.conversation);
    },
    signal(topic, body) {
      const { background, presence, typing } = takers();
      background(presence.signalled(topic, body));
      background(typing.signalled(topic, body));
    },
  };

  const fromLinks: LinksEvents = {
    async deliver(topic, conversation, envelope, arrival) {
      const receipt = await takeIn(topic, conversation, envelope, arrival);
      if (receipt === "taken" && arrival.via === "link" && arrival.from !== undefined) {
        takers().background(takers().forwarding.heard(conversation, topic, envelope, arrival.from));
      }
      if (arrival.via === "keeper" || arrival.from !== undefined) await takers().soon.note(conversation);
      // Where nothing more is to be read, only time can bring what is missing.
      if (receipt === "taken" && takers().mailbox.isAllRead(topic))
        takers().background(takers().gaps.read(conversation));
      if (receipt !== "ahead") return receipt;
      // It has overtaken the key change that lies in the topic.
      await takers().mailbox.catchUp(topic);
      return takeIn(topic, conversation, envelope, arrival);
    },
    keep: (from, frame) => takers().keeper.keep(from, frame),
    kept: (from, device, frame) => takers().courier.giving.kept(from, device, frame),
    async got(hash, device, refused) {
      const { courier, keeper, background, missing, healer, leaving } = takers();
      const conversation = await courier.acknowledged(hash, device, refused ? "refused" : "delivered");
      await keeper.got(device, hash);
      if (conversation === undefined) return;
      background(missing.look(conversation));
      background(leaving.look(conversation));
      if (refused) await healer.look(conversation);
    },
    async have(conversation, device, have) {
      const { background, courier, missing, catching } = takers();
      await missing.told(conversation, device, { have, via: "link" });
      await catching.told(conversation);
      // What waited for it: the link may have opened before, without this.
      courier.kick(conversation);
      background(missing.look(conversation));
    },
    opened(device, account, named) {
      const { background, courier, keeper, lost } = takers();
      background(lost.linkOpened(device, account, named));
      courier.linkOpened(device);
      background(courier.kickAll());
      background(keeper.linkOpened(device));
    },
    closed(device) {
      const { background, courier, keeper, presence, lost } = takers();
      lost.linkClosed(device);
      keeper.linkClosed(device);
      background(courier.kickAll());
      background(presence.doubt(device));
    },
  };

  return { fromNodes, fromLinks, caughtUp: afterReading, behind, comeBack };
}
