/** The part of the public face that is about conversations and the persons in them, without what is said there. */

import type { AccountId, ConversationId, MessageId, NodeUrl } from "../lang/brand.ts";
import type { WithoutWords } from "../ports/conversation-record.ts";
import type { GroupView } from "./group-face.ts";
import type { MessageMark, MessageView } from "./message-face.ts";
import type { PathView, PresenceView } from "./reach-face.ts";

/**
 * `invited`: I answered their invite and wait for them. `request`: they answered mine and I have not decided.
 * `connected`: both sides work. `blocked`: I refused them. `invite-used`: somebody else had used their invite before me.
 * `stranger`: a member of a group with this person, and no contact.
 */
export type ContactStanding = "invited" | "request" | "connected" | "blocked" | "invite-used" | "stranger";

export interface ContactView {
  readonly account: AccountId;
  readonly name: string;
  readonly standing: ContactStanding;
  readonly verified: boolean;
  /** 60 digits, the same on both sides (PROTOCOL.md §3.4). */
  readonly safetyNumber: string;
  readonly sinceMs: number;
  readonly devices: number;
  readonly presence: PresenceView;
  readonly path: PathView;
  /** Links with this person are never direct, by this contact's setting. */
  readonly relayOnly: boolean;
  /** I keep their envelopes while no node is in reach, for other contacts of mine that they write to. */
  readonly keepsFor: boolean;
  /** They keep mine. */
  readonly keeper: boolean;
}

/** One line of the chat list. */
export interface ConversationSummary {
  readonly id: ConversationId;
  readonly kind: "self" | "direct" | "group";
  /** Empty for self: the interface has its own words. */
  readonly title: string;
  /** A group's picture; "" for initials, and for everything else. */
  readonly emoji: string;
  /** The person of a direct conversation. */
  readonly contact: AccountId | undefined;
  readonly standing: ContactStanding | undefined;
  readonly presence: PresenceView;
  readonly unread: number;
  readonly draft: string;
  /** `from`: in a group, who said it. `mark`, `reached`: of an own message, as its timeline shows them. */
  readonly last:
    | {
        readonly text: string;
        readonly mine: boolean;
        readonly atMs: number;
        readonly from: string | undefined;
        readonly mark: MessageMark | undefined;
        readonly reached: MessageView["reached"];
        /** Why `text` is "". Else it is of a kind that only a newer Kith knows. */
        readonly without?: WithoutWords | "blocked";
      }
    | undefined;
  /** Nothing of it calls for attention. */
  readonly muted: boolean;
  /** For sorting: newest message, else when it began. */
  readonly activeAtMs: number;
}

export interface ConversationView extends ConversationSummary {
  /** Present for direct conversations. */
  readonly person: ContactView | undefined;
  /** Present for groups. */
  readonly group: GroupView | undefined;
  /** First message that was not read when the conversation was last marked read; undefined when all are read. */
  readonly firstUnread: MessageId | undefined;
  /** Whether the other side is writing right now. */
  readonly typing: boolean;
  /** Where its envelopes are kept; empty for self. */
  readonly nodes: readonly NodeUrl[];
  /** Its keys were damaged since then and are being renewed; what is written meanwhile waits and is sent by itself. */
  readonly healingSinceMs: number | undefined;
  /** Messages of the others that are known to exist and have not arrived. */
  readonly missing: number;
}
