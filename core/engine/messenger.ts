/** Puts the stories together: what wakes what, from start to stop. Decides nothing itself. */

import type { ConversationId, DeviceId, NodeUrl } from "../lang/brand.ts";
import { type Live, mapLive } from "../lang/live.ts";
import { done, ok } from "../lang/result.ts";
import type { ReachStatus } from "../ports/links.ts";
import type { TopicRecord } from "../ports/records.ts";
import { parseInviteLink } from "../wire/invite-link.ts";
import { acknowledgeTopic, createAcknowledgeSoon } from "./acknowledge-topic.ts";
import type { Context, Ports } from "./context.ts";
import { createCourier } from "./courier.ts";
import { diagnosisView } from "./diagnosis.ts";
import type { DirectView, Messenger } from "./face.ts";
import { createGaps } from "./gaps.ts";
import { createGroups } from "./groups.ts";
import type { Claim } from "./have.ts";
import { createHealer, noteDamage } from "./heal.ts";
import { acceptInvite, previewInvite } from "./invite-answer.ts";
import { createInvite, forgetExpiredInvites, publishInvites, withdrawInvite } from "./invite-make.ts";
import { takeInviteEntry } from "./invite-replies.ts";
import { createKeeper } from "./keeper.ts";
import { setKeepsFor } from "./keeper-consent.ts";
import { createLinks } from "./links.ts";
import { createMailbox } from "./mailbox.ts";
import { messageInfoView } from "./message-info.ts";
import { moveConversation } from "./move.ts";
import { setNodes } from "./my-nodes.ts";
import { createNodeWatch } from "./node-watch.ts";
import { phraseOf, rename, startPerson } from "./person.ts";
import { alignPlaces } from "./places.ts";
import { createPresence } from "./presence.ts";
import { setContactRelayOnly, setRelayOnly } from "./privacy.ts";
import { markRead, saveDraft, setVerified } from "./reading.ts";
import { createReceipts, setReceipts } from "./receipts.ts";
import { receive } from "./receive.ts";
import { createRenewal } from "./renew.ts";
import { answerRequest, replyTooLate } from "./request.ts";
import { sendText } from "./send.ts";
import { sendAgain } from "./send-again.ts";
import { createSendMissing } from "./send-missing.ts";
import { answeringWhenLost, createStorageHealth } from "./storage-health.ts";
import { storageUse } from "./storage-use.ts";
import { createTurns } from "./turns.ts";
import {
  conversationsView,
  conversationView,
  inviteOf,
  invitesView,
  profileView,
  surroundings,
  timelineView,
} from "./views.ts";

export interface Deps extends Ports {
  /** Where the app is opened from, for invite links. */
  readonly appOrigin: string;
  /** Shown as the node until somebody started here. */
  readonly defaultNode: NodeUrl;
}

/** A node that was busy or full is asked again for a new invite's sake, which somebody may be waiting to open. */
const publishAgainMs = 10_000;

export function createMessenger(deps: Deps): Messenger {
  const health = createStorageHealth(deps.storage, deps.clock);
  const context: Context = {
    ...deps,
    storage: health.storage,
    turns: createTurns(),
    // In a turn of its own: what was read is written down then.
    moved: (id) => background(context.turns(id, async () => {}).then(refresh)),
    heardHave: (id, device, have) => background(told(id, device, { have, via: "topic" })),
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

  const mailbox = createMailbox(context, nodes, {
    async entry(topic, node, entry) {
      const { purpose } = topic;
      if (purpose.kind === "reply") return "taken";
      if (purpose.kind === "invite") {
        return (await afterwards(takeInviteEntry(context, topic, purpose.invite, entry))) ? "taken" : "not-kept";
      }
      const arrival = { via: "topic", node, sequence: entry.sequence } as const;
      const receipt = await receive(context, topic.key, purpose.conversation, entry.envelope, arrival);
      if (receipt === "not-kept" || receipt === "ahead") return receipt;
      await courier.custody.cameBack(purpose.conversation, node, entry.hash);
      return "taken";
    },
    async lostData({ purpose }, node) {
      return purpose.kind !== "conversation" || courier.custody.lostData(purpose.conversation, node);
    },
    paged(topic) {
      if (topic.purpose.kind === "conversation") background(acknowledge(topic, topic.purpose.conversation));
    },
    drained(topic, node) {
      if (topic.purpose.kind !== "conversation") return;
      background(afterReading(topic, topic.purpose.conversation));
      background(courier.custody.drained(topic, topic.purpose.conversation, node));
    },
    async stuck({ purpose }) {
      return purpose.kind === "conversation" && behind(purpose.conversation);
    },
    signal: (topic, body) => background(presence.signalled(topic, body)),
  });

  const links = createLinks(context, {
    async deliver(topic, conversation, envelope, via) {
      const receipt = await receive(context, topic, conversation, envelope, { via });
      background(healer.look(conversation));
      mailbox.keysMoved(topic);
      if (via === "keeper") soon.note(topic, conversation);
      if (receipt !== "ahead") return receipt;
      // It has overtaken the key change that lies in the topic.
      await mailbox.catchUp(topic);
      return receive(context, topic, conversation, envelope, { via });
    },
    keep: (from, frame) => keeper.keep(from, frame),
    kept: (from, device, frame) => courier.giving.kept(from, device, frame),
    async got(hash, device, refused) {
      const conversation = (await context.storage.get("outbox", hash))?.conversation;
      await courier.acknowledged(hash, device, refused ? "refused" : "delivered");
      await keeper.got(device, hash);
      if (conversation !== undefined) background(missing.look(conversation));
      if (refused && conversation !== undefined) await healer.look(conversation);
    },
    async have(conversation, device, have) {
      await missing.told(conversation, device, { have, via: "link" });
      background(missing.look(conversation));
    },
    opened(device) {
      courier.linkOpened(device);
      background(courier.kickAll());
      background(keeper.linkOpened(device));
    },
    closed(device) {
      keeper.linkClosed(device);
      background(courier.kickAll());
      background(presence.doubt(device));
    },
  });

  const courier = createCourier(context, mailbox, nodes, links, {
    replyTooLate: (row) => replyTooLate(context, row),
  });
  const keeper = createKeeper(context, links);
  const soon = createAcknowledgeSoon(context, (id) => courier.kick(id));
  const presence = createPresence(context, mailbox, nodes, links, { wanted: startLinking });
  const renewal = createRenewal(context, mailbox, (id) => background(behind(id)));
  const receipts = createReceipts(context, (id) => kick(id));
  const healer = createHealer(context, (id) => background(keysMade(id)));
  const missing = createSendMissing(context, {
    rolledBack: (id) => background(healer.look(id)),
    kick: (id) => kick(id),
  });
  const gaps = createGaps(context, (id) => kick(id));
  deps.links.listen(links.listener);

  function background(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      // What the storage says to whoever still asks it is no news.
      if (!health.isLost()) context.log.fault("work in the background failed", error);
    });
  }

  /** Whether that was written down. */
  async function behind(id: ConversationId): Promise<boolean> {
    const isNoted = await noteDamage(context, id, "behind");
    background(healer.look(id));
    return isNoted;
  }

  async function told(id: ConversationId, device: DeviceId, claim: Claim): Promise<void> {
    await missing.told(id, device, claim);
    await missing.look(id);
  }

  /** What was ahead of the old keys is behind the new ones. */
  async function keysMade(id: ConversationId): Promise<void> {
    const conversation = await context.storage.get("conversations", id);
    if (conversation !== undefined) mailbox.keysMoved(conversation.topic);
    courier.kick(id);
  }

  async function acknowledge(topic: TopicRecord, id: ConversationId): Promise<void> {
    if (await acknowledgeTopic(context, topic.key)) courier.kick(id);
  }

  async function afterReading(topic: TopicRecord, id: ConversationId): Promise<void> {
    await acknowledge(topic, id);
    await healer.inspect(id);
    courier.kick(id);
    await presence.caughtUp(id);
    await renewal.renewIfDue(id);
    await receipts.look(id);
    await missing.look(id);
    await gaps.read(id);
  }

  /** Sending may make a renewal due; its commit goes its own way. */
  function kick(id: ConversationId): void {
    courier.kick(id);
    background(renewal.renewIfDue(id));
    background(receipts.look(id));
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
    if (await publishInvites(context)) return;
    if (!stopped) cancelPublish = context.clock.after(publishAgainMs, () => background(publish()));
  }

  async function nodeCame(): Promise<void> {
    await publish();
    await courier.kickAll();
    await presence.announceAll();
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

  /** Links that do not fit any more come again by the addresses that are announced now. */
  async function privacyChanged(): Promise<void> {
    await links.privacyChanged();
    await presence.announceAll();
    links.redial();
  }

  async function healAll(): Promise<void> {
    for (const { key } of await context.storage.all("conversations")) await healer.inspect(key);
  }

  const around = surroundings(presence.heard, links.linked);
  const findings = {
    around,
    nodes: nodes.views,
    direct: directView(deps.links.reach),
    survey: deps.links.survey,
    lastDials: links.lastDials,
    overdue: gaps.overdue,
  };
  background(forgetExpiredInvites(context).then(healAll).then(refresh));
  background(keeper.sweep());

  const afterwards = async <T>(work: Promise<T>): Promise<T> => {
    const result = await work;
    await refresh();
    return result;
  };

  async function end(): Promise<void> {
    stopped = true;
    cancelPublish();
    // Whom to tell good-bye is in the storage.
    await presence.stop().catch((error: unknown) => health.isLost() || Promise.reject(error));
    health.stop();
    courier.stop();
    receipts.stop();
    gaps.stop();
    healer.stop();
    keeper.stop();
    soon.stop();
    links.stop();
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

  const messenger: Messenger = {
    profile: profileView(context),
    network: nodes.network,
    nodes: nodes.views,
    direct: directView(deps.links.reach),
    storage: health.view,
    conversations: conversationsView(context, around),
    invites: invitesView(context),
    conversation: (id) => conversationView(context, id, around, gaps.overdue),
    timeline: (id, limit) => timelineView(context, id, limit),
    messageInfo: (id) => messageInfoView(context, id),
    diagnosis: (id) => diagnosisView(context, id, findings),
    probe(id) {
      if (stopped) return;
      nodes.hurry();
      deps.links.hurry();
      background(deps.links.probe());
      background(presence.announce(id).then(links.redial));
    },

    groups: createGroups(),

    start: (choice) => afterwards(startPerson(context, choice)),
    rename: (name) => rename(context, name, kick),
    phrase: () => phraseOf(context),
    storageUse: () => storageUse(context.storage),

    async createInvite() {
      const made = await afterwards(createInvite(context, nodes.isConnected));
      if (!made.ok) return made;
      await publish();
      const row = (await context.storage.get("invites", made.value.key)) ?? made.value;
      return ok(inviteOf(row, context.clock.now()));
    },
    withdrawInvite: (id) => afterwards(withdrawInvite(context, id)),
    previewInvite: (link) => nodes.visiting(nodeOf(link), () => previewInvite(context, link)),
    async acceptInvite(link) {
      const accepted = await nodes.visiting(nodeOf(link), () => afterwards(acceptInvite(context, link, kick)));
      if (accepted.ok) background(presence.announce(accepted.value));
      return accepted;
    },
    async answerRequest(id, answer) {
      const conversation = await context.storage.get("conversations", id);
      const answered = await afterwards(answerRequest(context, id, answer));
      if (!answered.ok || conversation === undefined) return answered;
      if (answer !== "accept") {
        if (conversation.contact === undefined) return answered;
        links.dropPerson(conversation.contact);
        await keeper.forget(conversation.contact);
        return answered;
      }
      await acknowledgeTopic(context, conversation.topic);
      await healer.look(id);
      kick(id);
      background(presence.announce(id));
      return done;
    },

    setNodes: (own) => afterwards(setNodes(context, own, kick)),
    async moveConversation(id, to) {
      const moved = await afterwards(moveConversation(context, id, to));
      if (moved.ok) kick(id);
      return moved;
    },
    sendAgain: (id) => sendAgain(context, id, courier.hurry),
    sendText: (id, text) => sendText(context, id, text, kick),
    saveDraft: (id, text) => saveDraft(context, id, text),
    async markRead(id) {
      const marked = await markRead(context, id);
      background(receipts.look(id));
      return marked;
    },
    setReceipts: (on) => setReceipts(context, on),
    setVerified: (account, verified) => setVerified(context, account, verified),
    setRelayOnly: (on) => setRelayOnly(context, on, () => background(privacyChanged())),
    setContactRelayOnly: (account, on) => setContactRelayOnly(context, account, on, () => background(privacyChanged())),
    setKeepsFor: (account, on) => setKeepsFor(context, account, on, kick),
    setTyping: (id, typing) => background(presence.setTyping(id, typing)),

    hurry() {
      if (stopped) return;
      nodes.hurry();
      deps.links.hurry();
    },
    stop,
  };
  return answeringWhenLost(messenger, health.isLost);
}

function nodeOf(link: string): NodeUrl | undefined {
  const parsed = parseInviteLink(link);
  return parsed.ok ? parsed.value.node : undefined;
}

function directView(reach: Live<ReachStatus>): Live<DirectView> {
  return mapLive(reach, (now) => {
    switch (now.kind) {
      case "idle":
      case "starting":
        return "off";
      case "reachable":
        return "ready";
      case "unreachable":
        return now.why;
    }
  });
}
