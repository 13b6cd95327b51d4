/**
 * The public face of the engine: what an application can read and do. Reads are `Live`; writes answer with a `Result`
 * whose errors are closed unions, one sentence each in the interface. No storage, network or MLS type appears here.
 */
import type { AccountId, ConversationId, DeviceId, InviteId, MessageId, NodeUrl } from "../lang/brand.ts";
import type { Live } from "../lang/live.ts";
import type { Result } from "../lang/result.ts";

/** `none`: nobody lives in this profile yet, ask for a name and call `start`. */
export type ProfileView =
  | { readonly kind: "none" }
  | {
      readonly kind: "person";
      readonly account: AccountId;
      readonly device: DeviceId;
      readonly name: string;
      readonly node: NodeUrl;
    };

/** What the person's own device reaches. */
export type NetworkView =
  | { readonly kind: "connected"; readonly node: NodeUrl }
  | { readonly kind: "connecting"; readonly node: NodeUrl; readonly sinceMs: number }
  | {
      readonly kind: "offline";
      readonly node: NodeUrl;
      readonly sinceMs: number;
      readonly reason: "unreachable" | "refused" | "incompatible";
    };

/** Whether direct links are possible here. `off`: nobody is there to link with, or still starting. */
export type DirectView = "off" | "ready" | "relay-full" | "relay-away" | "no-webrtc";

/** `away` carries when the device was last heard in this session, if it was. */
export type PresenceView =
  | { readonly kind: "here" }
  | { readonly kind: "away"; readonly lastHeardMs: number | undefined }
  | { readonly kind: "unknown" };

/** How bytes travel to this contact now. `node`: through the mailbox of the node, nobody has to be there. */
export type PathView = "direct" | "relayed" | "node";

/**
 * `invited`: I answered their invite and wait for them. `request`: they answered mine and I have not decided.
 * `connected`: both sides work. `blocked`: I refused them. `invite-used`: somebody else had used their invite before me.
 * `out-of-step`: key changes were missed for good, so the conversation can only be begun anew.
 */
export type ContactStanding = "invited" | "request" | "connected" | "blocked" | "invite-used" | "out-of-step";

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
  readonly node: NodeUrl;
}

/** One line of the chat list. */
export interface ConversationSummary {
  readonly id: ConversationId;
  readonly kind: "self" | "direct";
  /** Empty for self: the interface has its own words. */
  readonly title: string;
  readonly contact: AccountId | undefined;
  readonly standing: ContactStanding | undefined;
  readonly presence: PresenceView;
  readonly unread: number;
  readonly draft: string;
  readonly last: { readonly text: string; readonly mine: boolean; readonly atMs: number } | undefined;
  /** For sorting: newest message, else when it began. */
  readonly activeAtMs: number;
}

export interface ConversationView extends ConversationSummary {
  /** Present for direct conversations. */
  readonly person: ContactView | undefined;
  /** First message that was not read when the conversation was last marked read; undefined when all are read. */
  readonly firstUnread: MessageId | undefined;
  /** Whether the other side is writing right now. */
  readonly typing: boolean;
}

/** Weakest of all recipient devices. `saved`: on this device, waiting. */
export type MessageMark =
  | { readonly kind: "saved" }
  | { readonly kind: "held"; readonly untilMs: number }
  | { readonly kind: "delivered"; readonly atMs: number }
  /** The other device could not open it. */
  | { readonly kind: "refused" }
  /** The node's promise ended before anybody fetched it. */
  | { readonly kind: "expired" };

export interface MessageView {
  readonly id: MessageId;
  readonly order: string;
  readonly mine: boolean;
  readonly author: AccountId;
  readonly sentAtMs: number;
  readonly body: { readonly kind: "text"; readonly text: string } | { readonly kind: "unknown" };
  /** Own messages to others only. */
  readonly mark: MessageMark | undefined;
}

export interface TimelineView {
  /** Ascending. */
  readonly messages: readonly MessageView[];
  /** Older ones exist beyond the window. */
  readonly more: boolean;
}

export interface InviteView {
  readonly id: InviteId;
  readonly link: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** `preparing`: not at the node yet, so nobody can use it. */
  readonly state: "preparing" | "ready" | "used" | "expired";
  readonly usedBy: string | undefined;
}

/** What an invite says before it is accepted. */
export interface InvitePreview {
  readonly account: AccountId;
  readonly name: string;
  readonly expiresAtMs: number;
  readonly node: NodeUrl;
}

export type InviteLinkFault =
  | "malformed"
  /** Cut off or mistyped: the checksum does not fit. */
  | "damaged"
  | "newer-version"
  | "expired"
  | "own"
  | "blocked-person";
export type InviteFault =
  | InviteLinkFault
  | "used"
  /** The node does not know it: withdrawn, or gone with its node. */
  | "not-found"
  | "node-unreachable"
  /** What lies at the node was not made by the person the link names. */
  | "forged"
  | WriteFaultView;

/** This device could not keep it; nothing was done. */
export type WriteFaultView = "storage-full" | "storage-lost";
export type SendFault = WriteFaultView | "empty" | "too-long" | "not-allowed" | "no-such-conversation";
export type NameFault = "empty" | "too-long";

export interface Messenger {
  readonly profile: Live<ProfileView>;
  readonly network: Live<NetworkView>;
  readonly direct: Live<DirectView>;
  /** Newest activity first. */
  readonly conversations: Live<readonly ConversationSummary[]>;
  readonly invites: Live<readonly InviteView[]>;
  /** `undefined` when there is no such conversation (any more). */
  conversation(id: ConversationId): Live<ConversationView | undefined>;
  /** The newest `limit` messages. */
  timeline(id: ConversationId, limit: number): Live<TimelineView>;

  /** Makes the person of this profile: keys, device list, "Note to self". `node` is where its mail waits. */
  start(choice: {
    readonly name: string;
    readonly node: NodeUrl;
  }): Promise<Result<void, NameFault | WriteFaultView | "already-started">>;
  rename(name: string): Promise<Result<void, NameFault | WriteFaultView>>;
  /** The 12 words of this person. */
  phrase(): Promise<string | undefined>;

  createInvite(): Promise<Result<InviteView, WriteFaultView>>;
  withdrawInvite(id: InviteId): Promise<Result<void, WriteFaultView>>;
  /** Asks the node what the invite says; changes nothing. */
  previewInvite(link: string): Promise<Result<InvitePreview, InviteFault>>;
  /** Of somebody who is a contact already: answers with the conversation there is. */
  acceptInvite(link: string): Promise<Result<ConversationId, InviteFault>>;
  /** `block` and `delete` end every conversation with that person, asked for or not. */
  answerRequest(id: ConversationId, answer: "accept" | "block" | "delete"): Promise<Result<void, WriteFaultView>>;

  sendText(id: ConversationId, text: string): Promise<Result<MessageId, SendFault>>;
  saveDraft(id: ConversationId, text: string): Promise<Result<void, WriteFaultView>>;
  /** Everything up to the newest message now. */
  markRead(id: ConversationId): Promise<Result<void, WriteFaultView>>;
  setVerified(account: AccountId, verified: boolean): Promise<Result<void, WriteFaultView>>;
  /** Tells whoever follows the conversation; best effort. */
  setTyping(id: ConversationId, typing: boolean): void;

  /** The page woke, came online or became visible: reconnect at once. */
  hurry(): void;
  /** Says good-bye and closes everything; the profile can then be opened by another engine. */
  stop(): Promise<void>;
}
