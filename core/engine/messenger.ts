/** The public face: what is read is a view of the storage, what is wished for is a story. Decides nothing itself. */

import type { NodeUrl } from "../lang/brand.ts";
import { type Live, mapLive } from "../lang/live.ts";
import { done, ok } from "../lang/result.ts";
import type { ReachStatus } from "../ports/links.ts";
import { parseInviteLink } from "../wire/invite-link.ts";
import { acknowledgeTopic } from "./acknowledge-topic.ts";
import { conversationsView, conversationView } from "./conversation-view.ts";
import { diagnosisView } from "./diagnosis.ts";
import { type Deps, startEngine } from "./engine.ts";
import type { DirectView, Messenger } from "./face.ts";
import { createGroups } from "./groups.ts";
import { acceptInvite, previewInvite } from "./invite-answer.ts";
import { createInvite, withdrawInvite } from "./invite-make.ts";
import { setKeepsFor } from "./keeper-consent.ts";
import { messageInfoView } from "./message-info.ts";
import { moveConversation } from "./move.ts";
import { setNodes } from "./my-nodes.ts";
import { inviteOf, invitesView, profileView } from "./own-view.ts";
import { phraseOf, rename, startPerson } from "./person.ts";
import { surroundings } from "./person-view.ts";
import { setContactRelayOnly, setRelayOnly } from "./privacy.ts";
import { markRead, saveDraft, setVerified } from "./reading.ts";
import { setReceipts } from "./receipts.ts";
import { answerRequest } from "./request.ts";
import { sendText } from "./send.ts";
import { sendAgain } from "./send-again.ts";
import { answeringWhenLost } from "./storage-health.ts";
import { storageUse } from "./storage-use.ts";
import { timelineView } from "./timeline-view.ts";

export function createMessenger(deps: Deps): Messenger {
  const engine = startEngine(deps);
  const { context, health, nodes, links, courier, keeper, presence, typing, receipts, healer, gaps } = engine;
  const { background, kick, afterwards } = engine;
  const direct = directView(deps.links.reach);
  const around = surroundings(presence.heard, links.linked, typing.people);
  const findings = {
    around,
    nodes: nodes.views,
    direct,
    survey: deps.links.survey,
    lastDials: links.lastDials,
    overdue: gaps.overdue,
  };

  const messenger: Messenger = {
    profile: profileView(context),
    network: nodes.network,
    nodes: nodes.views,
    direct,
    storage: health.view,
    conversations: conversationsView(context, around),
    invites: invitesView(context),
    conversation: (id) => conversationView(context, id, around, gaps.overdue, nodes.views),
    timeline: (id, limit) => timelineView(context, id, limit),
    messageInfo: (id) => messageInfoView(context, id),
    diagnosis: (id) => diagnosisView(context, id, findings),
    probe(id) {
      if (engine.stopped) return;
      nodes.hurry();
      deps.links.hurry();
      background(deps.links.probe());
      background(presence.announce(id).then(links.redial));
    },

    groups: createGroups(engine),

    start: (choice) => afterwards(startPerson(context, choice)),
    rename: (name) => rename(context, name, kick),
    phrase: () => phraseOf(context),
    storageUse: () => storageUse(context.storage),

    async createInvite() {
      const made = await afterwards(createInvite(context, nodes.isConnected));
      if (!made.ok) return made;
      await engine.publish();
      const row = (await context.storage.get("invites", made.value.key)) ?? made.value;
      return ok(inviteOf(row, context.clock.now()));
    },
    withdrawInvite: (id) => afterwards(withdrawInvite(context, id)),
    previewInvite: (link) => nodes.visiting(nodeOf(link), () => previewInvite(context, link)),
    async acceptInvite(link) {
      const accepted = await nodes.visiting(nodeOf(link), () => afterwards(acceptInvite(context, link, kick)));
      if (!accepted.ok && accepted.error === "asked") await engine.publish();
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
      await acknowledgeTopic(context, id);
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
    setRelayOnly: (on) => setRelayOnly(context, on, () => background(engine.privacyChanged())),
    setContactRelayOnly: (account, on) =>
      setContactRelayOnly(context, account, on, () => background(engine.privacyChanged())),
    setKeepsFor: (account, on) => setKeepsFor(context, account, on, kick),
    setTyping(id, on) {
      background(presence.setTyping(id, on));
      background(typing.setTyping(id, on));
    },

    hurry() {
      if (engine.stopped) return;
      links.ask();
      nodes.hurry();
      deps.links.hurry();
    },
    stop: engine.stop,
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
