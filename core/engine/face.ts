/**
 * The public face of the engine: what an application can read and do. Reads are `Live`; writes answer with a `Result`
 * whose errors are closed unions, one sentence each in the interface. No storage, network or MLS type appears here.
 */
import type { AccountId, ConversationId, DeviceId, InviteId, MessageId, NodeUrl } from "../lang/brand.ts";
import type { Live } from "../lang/live.ts";
import type { Result } from "../lang/result.ts";
import type { ChangeEndView, GroupEventView, GroupMessenger, GroupView } from "./group-face.ts";

export type * from "./group-face.ts";

/** `none`: nobody lives in this profile yet, ask for a name and call `start`. */
export type ProfileView =
  | { readonly kind: "none" }
  | {
      readonly kind: "person";
      readonly account: AccountId;
      readonly device: DeviceId;
      readonly name: string;
      /** 1 to 3, each watched; new invites are left at the first that is in reach. */
      readonly nodes: readonly NodeUrl[];
      /** Whether others are told what was read here, and their receipts shown. */
      readonly receipts: boolean;
      /** No link of this device is direct. */
      readonly relayOnly: boolean;
    };

/** One node in use: the person's own, or one that only a conversation needs. */
export interface NodeView {
  readonly node: NodeUrl;
  readonly own: boolean;
  readonly state: "connected" | "connecting" | "unreachable" | "refused" | "incompatible";
  readonly sinceMs: number;
  /** How many conversations are kept there. */
  readonly conversations: number;
}

/** What the person's own device reaches: the best of the person's nodes. */
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
 */
/** `stranger`: a member of a group with this person, and no contact. */
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

/** Weakest of all recipient devices. `saved`: on this device, waiting. */
export type MessageMark =
  | { readonly kind: "saved" }
  | { readonly kind: "held"; readonly untilMs: number }
  /** No node holds it; a contact who agreed keeps it until they are linked with whom it is for. */
  | { readonly kind: "kept"; readonly untilMs: number }
  | { readonly kind: "delivered"; readonly atMs: number }
  /** Their receipt came then; shown only while both sides give receipts. */
  | { readonly kind: "read"; readonly atMs: number }
  /** No node takes it or keeps it, and nobody has it yet: something has to be done (`TroubleView`). */
  | { readonly kind: "trouble"; readonly trouble: TroubleView }
  /** The other device could not open it. */
  | { readonly kind: "refused" }
  /** The node's promise ended before anybody fetched it. */
  | { readonly kind: "expired" }
  /** In a group: before everybody had it the rules forbade it. Who has no fact that says otherwise does not get it. */
  | ({ readonly kind: "unsaid" } & UnsaidView);

/** `not-allowed`: only admins write there. `too-soon`: slow mode. `atMs`: when it would have been sent. */
export interface UnsaidView {
  readonly why: "not-allowed" | "too-soon";
  readonly atMs: number;
}

/** Why a node does not hold a message. `broke-promise`: it had signed that it does. */
export interface TroubleView {
  readonly node: NodeUrl;
  readonly what: "full" | "refused" | "broke-promise";
  readonly atMs: number;
}

/** What is known of one own message, each fact with its time. */
export interface MessageInfoView {
  readonly id: MessageId;
  readonly mark: MessageMark | undefined;
  readonly sentAtMs: number;
  /** Signed promises. `over`: its time has passed; `broken`: the node does not have it any more. */
  readonly held: readonly {
    readonly node: NodeUrl;
    readonly atMs: number;
    readonly untilMs: number;
    readonly state: "kept" | "over" | "broken";
  }[];
  /** Signed promises of contacts who agreed to keep for this person. */
  readonly keepings: readonly {
    readonly account: AccountId;
    readonly name: string;
    readonly atMs: number;
    readonly untilMs: number;
    readonly state: "kept" | "over";
  }[];
  /** One for each device it is for. */
  readonly recipients: readonly {
    readonly account: AccountId;
    readonly name: string;
    readonly device: DeviceId;
    readonly deliveredAtMs: number | undefined;
    readonly readAtMs: number | undefined;
    readonly refusedAtMs: number | undefined;
    readonly unsaid?: UnsaidView;
  }[];
  readonly trouble: TroubleView | undefined;
  /** Still tried by itself, with whoever has not acknowledged it. */
  readonly underWay: boolean;
}

export interface MessageView {
  readonly id: MessageId;
  readonly order: string;
  readonly mine: boolean;
  readonly author: AccountId;
  readonly sentAtMs: number;
  readonly body:
    | { readonly kind: "text"; readonly text: string }
    | { readonly kind: "unknown" }
    /** Said by this device to the person in front of it; nobody's message. */
    | { readonly kind: "notice"; readonly notice: "keys-renewed" | "split" | "came-over" }
    /** What became of an own change of the group that did not come into force; for this person alone. */
    | { readonly kind: "change-ended"; readonly end: ChangeEndView }
    /** What `author` did in the group. */
    | { readonly kind: "event"; readonly event: GroupEventView }
    /** Its author asks for a look at a message, as whoever may remove it is told. `about`: what it says, where that is known here. */
    | {
        readonly kind: "reported";
        readonly words: string;
        readonly about: { readonly author: AccountId; readonly text: string } | undefined;
      }
    /** There was a message, which `by` took away for everybody. */
    | { readonly kind: "removed"; readonly by: AccountId }
    /** An own one that nobody is shown: in slow mode, too soon after another one of this person. */
    | { readonly kind: "too-soon"; readonly text: string };
  /** Its author is blocked: not shown unless asked for. */
  readonly hidden: boolean;
  /** It is from before this person came to the group: not its author but this member says that it was said. */
  readonly sharedBy: AccountId | undefined;
  /** Own messages to others only. */
  readonly mark: MessageMark | undefined;
  /** Own messages in groups: to how many of the persons it was for it came, and how many let it be seen that they read it. */
  readonly reached: { readonly delivered: number; readonly read: number; readonly of: number } | undefined;
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
  /** To a group: its name, picture and how many are in it. */
  readonly group?: { readonly name: string; readonly emoji: string; readonly people: number; readonly open: boolean };
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
  /** No fault: it leads to a group, and this person has asked to be let in. */
  | "asked"
  /** A link to a group, which those who could let somebody in took back. */
  | "withdrawn"
  /** The node does not know it: withdrawn, or gone with its node. */
  | "not-found"
  | "node-unreachable"
  /** What lies at the node was not made by the person the link names. */
  | "forged"
  | WriteFaultView;

/** What is known about reaching one person: facts only, the interface has the words (UX §3). */
export interface DiagnosisView {
  readonly nodes: readonly NodeView[];
  readonly direct: DirectView;
  /** Until when a relay keeps a place for this device. */
  readonly reservedUntilMs: number | undefined;
  /** Kinds of addresses this device found of itself when it last looked; never the addresses. */
  readonly candidates: { readonly host: number; readonly reflexive: number; readonly relayed: number } | undefined;
  /** `silent`: the node answers STUN and nothing came back, so UDP does not get through. */
  readonly stun: "answered" | "silent" | "not-asked";
  readonly relayOnly: "everybody" | "contact" | undefined;
  readonly presence: PresenceView;
  readonly path: PathView;
  readonly lastDial:
    | { readonly atMs: number; readonly outcome: "linked" | "unreachable" | "timeout" | "no-webrtc" }
    | undefined;
  /** Own messages that not every device of theirs has. */
  readonly waiting: {
    readonly messages: number;
    readonly oldestMs: number | undefined;
    /** Of them, kept by a node; and until when the first of these promises lasts. */
    readonly held: number;
    readonly heldUntilMs: number | undefined;
    readonly trouble: TroubleView | undefined;
  };
  readonly healingSinceMs: number | undefined;
  readonly missing: number;
}

/**
 * `full`: the disk refused the last write for want of room; what comes is not kept and not acknowledged until one succeeds.
 * `lost`: nothing can be read or written any more and the engine has stopped. Another tab upgraded the database, or the
 * browser took it away.
 */
export type StorageView =
  | { readonly kind: "well" }
  | { readonly kind: "full" }
  | { readonly kind: "lost"; readonly why: "upgraded" | "gone" };

/** `waiting`: sealed, and not yet with everybody it is for. `receipts`: what was received, so that it is taken in once. `kept`: for contacts. */
export type StoragePart = "messages" | "waiting" | "keys" | "people" | "receipts" | "invites" | "kept";

/** Bytes are about: what the browser adds is not known. Largest first. */
export interface StorageUse {
  readonly parts: readonly { readonly part: StoragePart; readonly count: number; readonly bytes: number }[];
  readonly conversations: readonly ConversationUse[];
}

export interface ConversationUse {
  readonly id: ConversationId;
  readonly kind: "self" | "direct" | "group";
  /** Empty for self. */
  readonly title: string;
  readonly messages: number;
  readonly bytes: number;
}

/** This device could not keep it; nothing was done. */
export type WriteFaultView = "storage-full" | "storage-lost";
export type SendFault =
  | WriteFaultView
  | "empty"
  | "too-long"
  | "not-allowed"
  /** Too soon after one's last message in this group. */
  | "slow-mode"
  | "no-such-conversation";
/** `nothing-to-send`: every device has it, or it is on its way already. */
export type SendAgainFault = SendFault | "nothing-to-send";
/** `nodes`: none, more than three, or one twice. */
export type NodesFault = WriteFaultView | "nodes";
export type NameFault = "empty" | "too-long";

export interface Messenger {
  readonly profile: Live<ProfileView>;
  readonly network: Live<NetworkView>;
  readonly direct: Live<DirectView>;
  /** Every node in use, the person's own first. */
  readonly nodes: Live<readonly NodeView[]>;
  readonly storage: Live<StorageView>;
  /** Newest activity first. */
  readonly conversations: Live<readonly ConversationSummary[]>;
  readonly invites: Live<readonly InviteView[]>;
  /** `undefined` when there is no such conversation (any more). */
  conversation(id: ConversationId): Live<ConversationView | undefined>;
  /** The newest `limit` messages. */
  timeline(id: ConversationId, limit: number): Live<TimelineView>;
  /** `undefined` for what is no own message. */
  messageInfo(id: MessageId): Live<MessageInfoView | undefined>;
  /** Why this person can or cannot be reached. `undefined` without such a person. */
  diagnosis(id: ConversationId): Live<DiagnosisView | undefined>;
  /** Looks again: asks STUN, dials, reconnects. The diagnosis shows what came of it. */
  probe(id: ConversationId): void;
  readonly groups: GroupMessenger;

  /** What is kept here, counted now. `undefined` when it cannot be read. */
  storageUse(): Promise<StorageUse | undefined>;

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

  /** The person's own nodes, in order; contacts are told where to leave mail. */
  setNodes(nodes: readonly NodeUrl[]): Promise<Result<void, NodesFault>>;
  /** Keeps the conversation at other nodes from now on, for everybody in it. */
  moveConversation(id: ConversationId, nodes: readonly NodeUrl[]): Promise<Result<void, NodesFault | "not-allowed">>;
  setReceipts(on: boolean): Promise<Result<void, WriteFaultView>>;
  setRelayOnly(on: boolean): Promise<Result<void, WriteFaultView>>;
  setContactRelayOnly(account: AccountId, on: boolean): Promise<Result<void, WriteFaultView>>;
  /** Whether envelopes are kept for this contact while no node is in reach; they are told. What was promised stays kept. */
  setKeepsFor(account: AccountId, on: boolean): Promise<Result<void, WriteFaultView>>;

  /** A message that failed or waits: sealed anew and tried at once. */
  sendAgain(id: MessageId): Promise<Result<void, SendAgainFault>>;
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
