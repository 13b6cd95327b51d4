/** Puts the stories together: what wakes what, from start to stop. Decides nothing itself. */

import type { ConversationId, NodeUrl } from "../lang/brand.ts";
import { createAcknowledgeSoon } from "./acknowledge-topic.ts";
import { createArrivals } from "./arrivals.ts";
import { createCatchingUp, createCaughtUp } from "./catching-up.ts";
import { createCommits } from "./commits.ts";
import type { Context, Ports } from "./context.ts";
import { type Courier, createCourier } from "./courier.ts";
import { createDeviceDropping } from "./drop-devices.ts";
import { createForwarding } from "./forwarding.ts";
import { createGaps, type Gaps } from "./gaps.ts";
import { createGroupLinkLife } from "./group-link-life.ts";
import { publishLinks } from "./group-links.ts";
import { createGroupTyping, type GroupTyping } from "./group-typing.ts";
import { createHealer, type Healer } from "./heal.ts";
import { createHistoryAnswers } from "./history-answer.ts";
import { createHistorySharing } from "./history-share.ts";
import { createHistoryTaking } from "./history-take.ts";
import { forgetExpiredInvites, publishInvites } from "./invite-make.ts";
import { createKeeper, type Keeper } from "./keeper.ts";
import { createKeyGiving } from "./key-giving.ts";
import { createLeaving, type Leaving } from "./leave.ts";
import { createLinks, type Links } from "./links.ts";
import { createLostGroups } from "./lost-groups.ts";
import { createMailbox } from "./mailbox.ts";
import { createNodeWatch, type NodeWatch } from "./node-watch.ts";
import { sayNodesAgain } from "./nodes-again.ts";
import { watchOutbox } from "./outbox-watch.ts";
import { forgetParts } from "./parts-kept.ts";
import { alignPlaces } from "./places.ts";
import { createPresence, type Presence } from "./presence.ts";
import { createReceipts, type Receipts } from "./receipts.ts";

import { replyTooLate } from "./request.ts";
import { createSendMissing } from "./send-missing.ts";
import { createSplitWatch } from "./split-watch.ts";
import { createStorageHealth, type StorageHealth } from "./storage-health.ts";
import { createSuccession, type Succession } from "./succession.ts";
import { treesApart } from "./trees-apart.ts";
import { createTurns } from "./turns.ts";

export interface Deps extends Ports {
  /** Where the app is opened from, for invite links. */
  readonly appOrigin: string;
  /** Shown as the node until somebody started here. */
  readonly defaultNode: NodeUrl;
}

/** What runs, for whoever acts on a person's wish. */
export interface Engine {
  readonly context: Context;
  readonly health: StorageHealth;
  readonly nodes: NodeWatch;
  readonly links: Links;
  readonly courier: Courier;
  readonly keeper: Keeper;
  readonly presence: Presence;
  readonly typing: GroupTyping;
  readonly receipts: Receipts;
  readonly healer: Healer;
  readonly gaps: Gaps;
  readonly leaving: Leaving;
  readonly succession: Succession;
  /** Work that nobody waits for; what goes wrong is logged. */
  background(work: Promise<unknown>): void;
  /** Something of the conversation is to be carried. */
  kick(id: ConversationId): void;
  /** Answers what `work` does, once what it made is followed. */
  afterwards<T>(work: Promise<T>): Promise<T>;
  /** Brings new invites to their nodes. */
  publish(): Promise<void>;
  /** Links that do not fit any more come again by the addresses that are announced now. */
  privacyChanged(): Promise<void>;
  readonly stopped: boolean;
  stop(): Promise<void>;
}

/** A node that was busy or full is asked again for a new invite's sake, which somebody may be waiting to open. */
const publishAgainMs = 10_000;

export function startEngine(deps: Deps): Engine {
  const health = createStorageHealth(treesApart(deps.storage), deps.clock);
  const outbox = watchOutbox(health.storage);
  const context: Context = {
    ...deps,
    storage: outbox.storage,
    waiting: outbox.waiting,
    turns: createTurns(),
    caughtUp: createCaughtUp(),
    // In a turn of its own: what was read is written down then.
    moved: (id) => background(context.turns(id, async () => {}).then(refresh)),
    heardWhereLeft: (id) => background(sayNodesAgain(context, id).then((said) => said && kick(id))),
    heardHave: (id, device, have) =>
      background(
        missing
          .told(id, device, { have, via: "topic" })
          .then(() => missing.look(id))
          .then(() => answers.asked(id, device, have)),
      ),
    heardMarks: (via, marks) => background(splits.heard(via, marks)),
    doubted: (id) => splits.doubted(id),
    refusedWelcome: (id, device) => background(lost.refused(id, device)),
    heardOfGroups: (id, by, body) => background(lost.told(id, by, body)),
    heardOffer: (id, by, capsule) => answers.heard(id, by, capsule),
  };
  let stopped = false;

  const nodes = createNodeWatch(context, deps.defaultNode, {
    came: () => background(nodeCame()),
    // New secrets for its TURN servers, for example.
    changed: () => (linking ? startLinking() : undefined),
    away(node) {
      background(mailbox.gone(node));
      background(courier.kickAll());
    },
  });
  const arrivals = createArrivals(context, () => takers);
  const mailbox = createMailbox(context, nodes, arrivals.fromNodes);
  const links = createLinks(context, arrivals.fromLinks);
  const courier = createCourier(context, mailbox, nodes, links, {
    replyTooLate: (row) => replyTooLate(context, row),
    done: (id) => background(leaving.look(id).then(() => sharing.look(id))),
  });
  const keeper = createKeeper(context, links);
  const forwarding = createForwarding(context, nodes, keeper);
  const soon = createAcknowledgeSoon(context, (id) => courier.kick(id));
  const presence = createPresence(context, mailbox, nodes, links, { wanted: startLinking, failed: fault });
  const catching = createCatchingUp(context, presence, mailbox, (id) => background(arrivals.caughtUp(id)));
  const typing = createGroupTyping(context, mailbox, nodes);
  const commits = createCommits(context, mailbox, (id) => background(arrivals.behind(id)));
  const receipts = createReceipts(context, kick);
  const healer = createHealer(context, mailbox, (id) => background(keysMade(id)));
  const splits = createSplitWatch(context, { split: (id) => background(healer.look(id)), kick });
  const lost = createLostGroups(context, { kick, leafWanted: healer.look });
  const missing = createSendMissing(context, { rolledBack: (id) => background(healer.look(id)), kick });
  const gaps = createGaps(context, kick);
  const giving = createKeyGiving(context, kick);
  const leaving = createLeaving(context, mailbox, kick, () => background(refresh().then(arrivals.comeBack)));
  const dropping = createDeviceDropping(context, kick);
  const succession = createSuccession(context, mailbox, kick);
  const sharing = createHistorySharing(context, kick);
  const answers = createHistoryAnswers(context, kick);
  const history = createHistoryTaking(context, () => background(refresh()));
  const groupLinks = createGroupLinkLife(context, { kick, publish, refresh });
  const stories = {
    links,
    mailbox,
    courier,
    keeper,
    forwarding,
    soon,
    presence,
    catching,
    typing,
    commits,
    receipts,
    healer,
    missing,
    gaps,
    giving,
  };
  const takers = {
    ...stories,
    leaving,
    lost,
    succession,
    dropping,
    sharing,
    history,
    groupLinks,
    splits,
    background,
    refresh,
    publish,
    kick,
  };
  deps.links.listen(links.listener);

  function fault(error: unknown): void {
    // What the storage says to whoever still asks it is no news.
    if (!health.isLost()) context.log.fault("work in the background failed", error);
  }

  /** Answers when it is done or has failed, which is logged. */
  function tried(work: Promise<unknown>): Promise<unknown> {
    return work.catch(fault);
  }

  function background(work: Promise<unknown>): void {
    void tried(work);
  }

  /** What was ahead of the old keys is behind the new ones. */
  async function keysMade(id: ConversationId): Promise<void> {
    const conversation = await context.storage.get("conversations", id);
    if (conversation !== undefined) mailbox.keysMoved(conversation.topic);
    kick(id);
  }

  /** Sending may make a renewal due; its commit goes its own way. */
  function kick(id: ConversationId): void {
    courier.kick(id);
    background(commits.look(id));
    background(receipts.look(id));
    background(giving.look(id));
  }

  /** Follows what is to be followed and watches the nodes it lies on. */
  async function refresh(): Promise<void> {
    await alignPlaces(context);
    await mailbox.refresh();
    await nodes.refresh();
  }

  let cancelPublish = () => {};
  async function publish(): Promise<void> {
    cancelPublish();
    const invites = await publishInvites(context);
    if ((await publishLinks(context)) && invites) return;
    if (!stopped) cancelPublish = context.clock.after(publishAgainMs, () => background(publish()));
  }

  async function nodeCame(): Promise<void> {
    // First: what is said waits for who is here (§11).
    await presence.announceAll();
    await publish();
    await courier.kickAll();
    for (const { conversation, act } of await context.storage.all("changes")) {
      if (act.kind === "move") await commits.look(conversation);
    }
    if (linking) startLinking();
  }

  let linking = false;
  /** Somebody is here to link with: be reachable at every relay of the nodes in use. */
  function startLinking(): void {
    linking = true;
    const relays = nodes.relays();
    if (relays.length > 0 && !stopped) deps.links.start(relays);
  }

  let reached = "";
  const endReach = deps.links.reach.subscribe((reach) => {
    const where = reach.kind === "reachable" ? `${reach.peer} ${reach.addresses.join(" ")}` : "";
    const changed = where !== reached;
    reached = where;
    if (!changed || where === "") return;
    links.redial();
    background(presence.announceAll());
  });

  /** One for which this fails, whatever somebody did to it, keeps nobody from the others. */
  async function healAll(): Promise<void> {
    for (const { key } of await context.storage.all("conversations")) await tried(healer.inspect(key));
  }

  background(
    catching
      .begin()
      .then(() => forgetExpiredInvites(context))
      .then(healAll)
      .then(() => tried(history.resume()))
      .then(refresh),
  );
  background(keeper.sweep());
  background(giving.sweep());
  background(groupLinks.sweep());
  background(forgetParts(context).then(arrivals.comeBack));

  async function end(): Promise<void> {
    stopped = true;
    cancelPublish();
    // Whom to tell good-bye is in the storage.
    await presence.stop().catch((error: unknown) => health.isLost() || Promise.reject(error));
    health.stop();
    courier.stop();
    commits.stop();
    receipts.stop();
    gaps.stop();
    missing.stop();
    leaving.stop();
    lost.stop();
    succession.stop();
    dropping.stop();
    sharing.stop();
    answers.stop();
    groupLinks.stop();
    healer.stop();
    splits.stop();
    keeper.stop();
    soon.stop();
    links.stop();
    catching.stop();
    typing.stop();
    mailbox.stop();
    endReach();
    nodes.stop();
    await deps.links.stop();
    deps.storage.close();
  }
  let ending: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    ending ??= end();
    return ending;
  };
  // Without a disk nothing may be acknowledged, and nobody may believe that somebody is here to take it.
  health.view.subscribe((view) => view.kind === "lost" && background(stop()));

  return {
    context,
    health,
    nodes,
    links,
    courier,
    keeper,
    presence,
    typing,
    receipts,
    healer,
    gaps,
    leaving,
    succession,
    background,
    kick,
    async afterwards(work) {
      const result = await work;
      await refresh();
      return result;
    },
    publish,
    async privacyChanged() {
      await links.privacyChanged();
      await presence.announceAll();
      links.redial();
    },
    get stopped() {
      return stopped;
    },
    stop,
  };
}
