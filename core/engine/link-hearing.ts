/**
 * What is believed of whom over a link (§7): a device speaks for its own person's conversations, and an accepted contact
 * may bring what it kept for others.
 */

import type { AccountId, ConversationId, DeviceId, EnvelopeHash, TopicId } from "../lang/brand.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { HaveOf } from "../wire/have.ts";
import type { Arrival } from "./arrived.ts";
import type { Context } from "./context.ts";
import type { DeviceLinkHandlers, HaveFrame } from "./device-link.ts";
import { haveOf } from "./have.ts";
import type { KeepFrame } from "./keeper.ts";
import type { KeptFrame } from "./keeper-giving.ts";
import type { Receipt } from "./receive.ts";
import { personWith, presentPeople, talkingOn } from "./talking.ts";

export interface HearingEvents {
  /** `via`: by who it is from, or by another contact who kept it; in a group by `from`, whoever said it. */
  deliver(
    topic: TopicId,
    conversation: ConversationId,
    envelope: Uint8Array,
    arrival: Extract<Arrival, { readonly via: "link" | "keeper" }>,
  ): Promise<Receipt>;
  got(hash: EnvelopeHash, device: DeviceId, refused: boolean): Promise<void>;
  /** What a device has of a conversation, said before anything is delivered to it. */
  have(conversation: ConversationId, device: DeviceId, have: readonly HaveOf[]): Promise<void>;
  keep(from: AccountId, frame: KeepFrame): Promise<KeptFrame | undefined>;
  kept(from: AccountId, device: DeviceId, frame: KeptFrame): Promise<void>;
}

/** Whose device is at the other end, once it is proved. */
export interface Speaker {
  readonly device: DeviceId;
  readonly account: AccountId;
}

export type Hearing = Pick<DeviceLinkHandlers, "have" | "deliver" | "got" | "keep" | "kept">;

export function hear(context: Context, events: HearingEvents, speaker: () => Speaker | undefined): Hearing {
  return {
    async have(topic, have) {
      const from = speaker();
      const talking = await talkingOn(context, topic);
      if (from === undefined || talking === undefined || !isIn(talking.conversation, from)) return;
      await events.have(talking.conversation.key, from.device, have);
    },
    async deliver(topic, envelope) {
      const from = speaker();
      const account = from?.account;
      const talking = await talkingOn(context, topic);
      if (talking !== undefined && from !== undefined && isIn(talking.conversation, from)) {
        const { key, kind } = talking.conversation;
        const arrival = { via: "link", ...(kind === "group" && { from: from.device }) } as const;
        return events.deliver(topic, key, envelope, arrival);
      }
      // Of another conversation: whoever brings it, MLS tells whose it is, as with what comes from a node.
      const keeper = account && (await context.storage.get("contacts", account));
      if (keeper?.state !== "accepted") return "refused";
      if (talking !== undefined) return events.deliver(topic, talking.conversation.key, envelope, { via: "keeper" });
      // Of somebody who is not accepted yet, or of a group whose Welcome or next topic is still under way here, it may be wanted
      // later; it stays where it is kept. A refusal would tell its author that no key of this device will ever open it.
      return "unanswered";
    },
    async got(hash, refused) {
      const from = speaker();
      if (from !== undefined) await events.got(hash, from.device, refused);
    },
    async keep(frame) {
      const from = speaker();
      return from && events.keep(from.account, frame);
    },
    async kept(frame) {
      const from = speaker();
      if (from !== undefined) await events.kept(from.account, from.device, frame);
    },
  };
}

/** The contact of a conversation between two, or with this device in the group. */
function isIn({ contact, group }: ConversationRecord, { account, device }: Speaker): boolean {
  return group === undefined ? contact === account : personWith(group, device) === account;
}

/** What is here of every conversation with this person, and of every group that both are in. */
export async function sharedWith(context: Context, account: AccountId): Promise<readonly HaveFrame[]> {
  const shared = (await context.storage.all("conversations")).filter(({ contact, group }) => {
    if (group === undefined) return contact === account;
    return group.standing.kind === "member" && presentPeople(group).some((one) => one.account === account);
  });
  return shared.map((conversation) => ({ kind: "have", topic: conversation.topic, have: haveOf(conversation) }));
}
