/**
 * What is known about reaching one person, put together from what others found: nodes, reservations, address kinds, the
 * last dial, what waits (UX §3). Facts without words, and nothing that names anybody but the nodes in use.
 */

import { lasts, leastPromiseMs } from "../conversation/ways.ts";
import type { ConversationId } from "../lang/brand.ts";
import type { Live } from "../lang/live.ts";
import { joinLive } from "../lang/live-join.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { LinkSurvey } from "../ports/links.ts";
import type { MessageRecord } from "../ports/message-record.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import type { ContactRecord, ProfileRecord } from "../ports/people-records.ts";
import type { Reader } from "../ports/storage.ts";
import type { Context } from "./context.ts";
import type { DiagnosisView, DirectView, NodeView } from "./face.ts";
import { missingIn, type Overdue } from "./gaps.ts";
import type { LastDials } from "./link-dialling.ts";
import { pathOf, presenceOf, type Surroundings } from "./person-view.ts";
import { devicesOf } from "./roster.ts";

export interface Findings {
  readonly around: Live<Surroundings>;
  readonly nodes: Live<readonly NodeView[]>;
  readonly direct: Live<DirectView>;
  readonly survey: Live<LinkSurvey>;
  readonly lastDials: Live<LastDials>;
  readonly overdue: Live<Overdue>;
}

interface Kept {
  readonly conversation: ConversationRecord;
  readonly contact: ContactRecord;
  readonly profile: ProfileRecord;
  readonly waiting: DiagnosisView["waiting"];
}

export function diagnosisView(context: Context, id: ConversationId, found: Findings): Live<DiagnosisView | undefined> {
  const rows = context.storage.live((reader) => kept(reader, id, context.clock.now()));
  const network = joinLive(
    joinLive(found.nodes, found.direct, pair),
    joinLive(found.survey, found.lastDials, pair),
    pair,
  );
  const people = joinLive(found.around, found.overdue, pair);
  return joinLive(
    rows,
    joinLive(network, people, pair),
    (row, [[[nodes, direct], [survey, dials]], [now, overdue]]) => {
      if (row === undefined) return undefined;
      const { conversation, contact, profile, waiting } = row;
      const reserved = survey.relays.flatMap(({ untilMs }) => (untilMs === undefined ? [] : [untilMs]));
      const dialled = devicesOf(contact).flatMap((device) => dials.get(device) ?? []);
      return {
        nodes: nodes.filter(({ node, own }) => own || conversation.nodes.includes(node)),
        direct,
        reservedUntilMs: reserved.length === 0 ? undefined : Math.max(...reserved),
        candidates: survey.gathered && {
          host: survey.gathered.host,
          reflexive: survey.gathered.srflx,
          relayed: survey.gathered.relay,
        },
        stun: survey.gathered === undefined || survey.gathered.stun === "none" ? "not-asked" : survey.gathered.stun,
        relayOnly: profile.relayOnly ? "everybody" : contact.relayOnly ? "contact" : undefined,
        presence: presenceOf(contact, now),
        path: pathOf(contact, now),
        lastDial: dialled.sort((a, b) => b.atMs - a.atMs)[0],
        waiting,
        healingSinceMs: conversation.healing?.sinceMs,
        missing: missingIn(conversation, overdue),
      };
    },
  );
}

const pair = <A, B>(a: A, b: B): readonly [A, B] => [a, b];

async function kept(reader: Reader, id: ConversationId, nowMs: number): Promise<Kept | undefined> {
  const conversation = await reader.get("conversations", id);
  const contact = conversation?.contact && (await reader.get("contacts", conversation.contact));
  const profile = await reader.get("profile", "me");
  if (conversation === undefined || !contact || profile === undefined) return undefined;
  const rows = await reader.ofConversation("outbox", id);
  const messages: MessageRecord[] = [];
  for (const { message } of rows) {
    const said = message && (await reader.get("messages", message));
    if (said) messages.push(said);
  }
  return { conversation, contact, profile, waiting: waitingOf(rows, messages, nowMs) };
}

function waitingOf(
  rows: readonly OutboxRecord[],
  messages: readonly MessageRecord[],
  nowMs: number,
): DiagnosisView["waiting"] {
  const said = rows.filter(({ message }) => message !== undefined);
  const held = said.map((row) => heldUntilMs(row, nowMs)).filter((untilMs) => untilMs !== undefined);
  return {
    messages: said.length,
    oldestMs: messages.length === 0 ? undefined : Math.min(...messages.map(({ sentAtMs }) => sentAtMs)),
    held: held.length,
    // Of several messages the first to end.
    heldUntilMs: held.length === 0 ? undefined : Math.min(...held),
    trouble: messages.find(({ trouble }) => trouble !== undefined)?.trouble,
  };
}

/** A promise counts as long as the longest of several nodes', as it does in the message's mark; one that is over does not. */
function heldUntilMs({ custodies }: OutboxRecord, nowMs: number): number | undefined {
  const lasting = custodies.filter((custody) => lasts(custody, nowMs));
  if (lasting.length === 0) return undefined;
  return Math.max(...lasting.map(({ untilMs, atMs }) => Math.max(untilMs, atMs + leastPromiseMs)));
}
