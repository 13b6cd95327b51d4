/**
 * The public face of the engine: what an application can read and do. Reads are `Live`; writes answer with a `Result`
 * whose errors are closed unions, one sentence each in the interface. No storage, network or MLS type appears here.
 */
import type { AccountId, ConversationId, DeviceId, InviteId, MessageId, NodeUrl } from "../lang/brand.ts";
import type { Live } from "../lang/live.ts";
import type { Result } from "../lang/result.ts";
import type { ConversationSummary, ConversationView } from "./conversation-face.ts";
import type { GroupMessenger } from "./group-face.ts";
import type { InviteFault, InvitePreview, InviteView } from "./invite-face.ts";
import type { MessageInfoView, TimelineView } from "./message-face.ts";
import type { DiagnosisView, DirectView, NetworkView, NodeView } from "./reach-face.ts";
import type { StorageUse, StorageView, WriteFaultView } from "./storage-face.ts";

export type * from "./conversation-face.ts";
export type * from "./group-face.ts";
export type * from "./invite-face.ts";
export type * from "./message-face.ts";
export type * from "./reach-face.ts";
export type * from "./storage-face.ts";

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
