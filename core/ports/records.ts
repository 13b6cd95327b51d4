/** The rows a profile is made of, by table. Every row has its primary key in `key`. No row holds what another already says. */

import type { Split } from "../conversation/epoch-marks.ts";
import type { Act, ActEnd, GroupEvent, OrderedAct } from "../conversation/group-acts.ts";
import type { Delivery, Held, Keeping, Trouble } from "../conversation/marks.ts";
import type { OwnerMissed } from "../conversation/owner-claims.ts";
import type { GroupState } from "../group/state.ts";
import type {
  AccountId,
  ConversationId,
  DeviceId,
  EnvelopeHash,
  InviteId,
  MessageId,
  NodeUrl,
  TopicId,
} from "../lang/brand.ts";
import type { GroupFacts, HistoryShared } from "../wire/group-facts.ts";
import type { HaveOf, Ranges } from "../wire/have.ts";

export interface Records {
  profile: ProfileRecord;
  contacts: ContactRecord;
  conversations: ConversationRecord;
  messages: MessageRecord;
  groups: GroupRecord;
  trees: TreeRecord;
  outbox: OutboxRecord;
  seen: SeenRecord;
  topics: TopicRecord;
  invites: InviteRecord;
  kept: KeptRecord;
  changes: ChangeRecord;
  keyPackages: KeyPackageRecord;
  parts: PartRecord;
  groupLinks: GroupLinkRecord;
  joinRequests: JoinRequestRecord;
  asked: AskedRecord;
}
export type Table = keyof Records;

/** One row, key "me". */
export interface ProfileRecord {
  readonly key: "me";
  readonly revision: number;
  readonly name: string;
  readonly entropy: Uint8Array;
  readonly account: AccountId;
  readonly device: DeviceId;
  readonly deviceSeed: Uint8Array;
  /** SignedDeviceList bytes. */
  readonly deviceList: Uint8Array;
  /** Where this person's mail waits, 1 to 3, in order. */
  readonly nodes: readonly NodeUrl[];
  /** Whether others are told what was read here; only then are their receipts shown. */
  readonly receipts: boolean;
  /** No link of this device is direct, with anybody. */
  readonly relayOnly: boolean;
}

/** `invite-used`: somebody else answered the invite before me, so they never got my reply. */
export type ContactState =
  | "requested"
  | "accepted"
  | "blocked"
  | "invite-used"
  /** Known from groups only. Nobody links with them or tells them anything but in a group. */
  | "stranger";

/** Key: account id. */
export interface ContactRecord {
  readonly key: AccountId;
  /** As they call themselves; of a stranger who said nothing yet, as whoever added them did. */
  readonly name: string;
  /** As this person calls them; "" where they gave them no name of their own. */
  readonly knownAs: string;
  /** SignedDeviceList bytes, the newest accepted. */
  readonly deviceList: Uint8Array;
  readonly state: ContactState;
  readonly verified: boolean;
  /** True once something of theirs was opened or acknowledged: the way back works. */
  readonly answered: boolean;
  /** Links with this person's devices are never direct. */
  readonly relayOnly: boolean;
  /** Where they look for mail besides a conversation's nodes. Of somebody not accepted it is kept and never called. */
  readonly nodes: readonly NodeUrl[];
  /** Order of the content that told name and nodes: an older one that comes later changes nothing. */
  readonly profileOrder: string;
  /** This person agreed to keep envelopes for them while no node is in reach. */
  readonly keepsFor: boolean;
  /** They agreed to keep for this person. */
  readonly keeper: boolean;
  /** Order of the content that told `keeper`; "" when none did. */
  readonly keeperOrder: string;
  readonly sinceMs: number;
}

/** Key: conversation id. */
export interface ConversationRecord {
  readonly key: ConversationId;
  readonly kind: "self" | "direct" | "group";
  /** The other person of a direct conversation. */
  readonly contact: AccountId | undefined;
  readonly group: GroupOfConversation | undefined;
  readonly muted: boolean;
  readonly topic: TopicId;
  /** Where its topic is kept, 1 to 3; the first gives the slots (PROTOCOL.md §10). Empty for self. */
  readonly nodes: readonly NodeUrl[];
  /** Order of the content that moved it there; "" where it began there. */
  readonly nodesOrder: string;
  /** This device's keys of the conversation are damaged, and it waits for a successor group (PROTOCOL.md §11). */
  readonly healing: Healing | undefined;
  /** Of a group: the newest leaf that was given to this device where somebody else may have made it ask. */
  readonly given?: GivenLeaf;
  /** Of a group: who gave such a leaf of a group in which the others were not. */
  readonly misled?: { readonly by: AccountId; readonly atMs: number };
  /** A device of the contact asks for a successor group and was not answered yet. */
  readonly asker: Asker | undefined;
  /** Of a group whose first node showed its members different orders of commits. Absent from nearly all. */
  readonly split?: Split;
  /** When this device last said the marks of a group's epochs by itself, and up to which one. */
  readonly marksTold?: { readonly epoch: number; readonly atMs: number };
  readonly draft: string;
  /** Newest hybrid logical clock given or seen here (PROTOCOL.md §8). */
  readonly clockMs: number;
  readonly clockCount: number;
  /** Order of the newest message read here; "" when none. */
  readonly readUpTo: string;
  readonly unread: number;
  /** When `readUpTo` was last moved. */
  readonly readAtMs: number;
  /** Read here, and their authors not told yet. */
  readonly readsDue: readonly MessageId[];
  /** Order of the newest message that was read here when receipts were turned on; absent where they were never off. */
  readonly receiptsFrom?: string;
  /** Number of the newest own message (PROTOCOL.md §8). */
  readonly sentNumber: number;
  /** Numbers of the others' messages that are here, by author's device. */
  readonly received: Readonly<Record<DeviceId, Ranges>>;
  /** Something here was said in slow mode, so that what was said before it and comes later can take it back. */
  readonly slowed?: true;
  /** Who came to the group while this device was in it and is to have what was said before, for a month. */
  readonly newcomers: readonly Newcomer[];
  /** When this device came to the group, and by which rule it is given what was said before. None: it was there from the first. */
  readonly came?: { readonly atMs: number; readonly history: HistoryShared };
  /** What others shared with this person of what was said before they joined. */
  readonly shared: SharedHistory | undefined;
  /** For the list: newest message. `author` is not known of one from before schema 3. */
  readonly last:
    | {
        readonly order: string;
        readonly text: string;
        readonly mine: boolean;
        readonly author: AccountId | undefined;
        readonly atMs: number;
        /** Why there are no words. */
        readonly without?: WithoutWords;
      }
    | undefined;
  readonly sinceMs: number;
}

/** Somebody took them away for everybody; said too soon after others (slow mode). */
export type WithoutWords = "removed" | "too-soon";

/** A group as it is in the epoch that is in use: what its MLS state says, at hand for lists. Once over, as it was last. */
export interface GroupOfConversation {
  readonly facts: GroupFacts;
  /** Ascending by account, this person among them while they are a member. */
  readonly people: readonly GroupPerson[];
  readonly standing:
    | { readonly kind: "member" }
    | { readonly kind: "left"; readonly atMs: number }
    | { readonly kind: "removed"; readonly by: AccountId; readonly atMs: number };
  /** Of an owner who is gone, as some say. Absent from nearly all. */
  readonly missed?: OwnerMissed;
  /** Whom it removed, and nobody let in again since, as `putOutMark` names them: the newest last. Absent where nobody is. */
  readonly putOut?: readonly string[];
}

export interface GroupPerson {
  readonly account: AccountId;
  readonly devices: readonly DeviceId[];
  /** Said that they leave; the statement goes into the commit that carries it out. */
  readonly leaving:
    | {
        readonly device: DeviceId;
        readonly signature: Uint8Array;
        /** Of this person, on the device that leaves: the epoch in which it was said. */
        readonly saidIn?: number;
      }
    | undefined;
}

export interface Newcomer {
  readonly account: AccountId;
  /** Of whom added them: it shares first. */
  readonly by: DeviceId;
  readonly sinceMs: number;
  /** By the rule of that time; what they lack of it is shared with them when they ask. */
  readonly history: HistoryShared;
  readonly offered?: boolean;
  /** Those of this device to their asking: how many, with how many entries in all, and when the newest was given. */
  readonly answers?: { readonly count: number; readonly entries: number; readonly atMs: number };
}

export interface SharedHistory {
  /** Who shared the newest part. */
  readonly by: AccountId;
  /** Of its authors, who may be gone from the group, as they were told. */
  readonly names: Readonly<Record<AccountId, string>>;
  /** Numbers by author's device: those that are said to exist, and those whose entry is here. */
  readonly exist: Readonly<Record<DeviceId, Ranges>>;
  readonly here: Readonly<Record<DeviceId, Ranges>>;
  /** Those that a member told in other words than what is here. */
  readonly disputed?: Readonly<Record<DeviceId, Ranges>>;
}

/**
 * `behind`: key changes were missed for good. `rolled-back`: this profile is an earlier copy of itself, whose keys were used
 * since. `lost`: the keys cannot be read. `forked`: two key changes claim the same place. `refused`: the other side could
 * not open what was sent.
 */
export type Damage = "behind" | "rolled-back" | "lost" | "forked" | "refused";

export interface GivenLeaf {
  readonly by: AccountId;
  readonly atMs: number;
  /** Where its Welcome lay; none: it came in another way. */
  readonly at?: { readonly node: NodeUrl; readonly sequence: number };
}

export interface Healing {
  readonly why: Damage;
  /** In a group, where nothing shows the damage but the word of this person. */
  readonly claimedBy?: AccountId;
  readonly sinceMs: number;
  /** Of the newest request; the private half opens the successor's Welcome. None: not asked yet. */
  readonly asked:
    | { readonly atMs: number; readonly publicPackage: Uint8Array; readonly privatePackage: Uint8Array }
    | undefined;
}

/** From a heal request whose signature holds. */
export interface Asker {
  readonly device: DeviceId;
  /** The newest group it knows. */
  readonly generation: number;
  readonly keyPackage: Uint8Array;
  /** What it has of what this device said: the profile here may be an earlier copy of itself. */
  readonly have: readonly HaveOf[];
}

/** Key: message id. */
export interface MessageRecord {
  readonly key: MessageId;
  readonly conversation: ConversationId;
  /** Sorts the timeline: the same string on every device (PROTOCOL.md §8). */
  readonly order: string;
  readonly author: AccountId;
  readonly authorDevice: DeviceId;
  /** The author's clock. */
  readonly sentAtMs: number;
  readonly receivedAtMs: number;
  /** Its place among the messages of its author's device, from 1; 0 where it has none. */
  readonly number: number;
  readonly body: MessageBody;
  /** Own messages only: per recipient device. */
  readonly deliveries: Readonly<Record<DeviceId, Delivery>>;
  /** Own messages only: promises of nodes, one for each node. */
  readonly held: readonly Held[];
  /** Own messages only: promises of contacts, one for each. */
  readonly keepings: readonly Keeping[];
  /** Own messages only: why no node holds it; forgotten once one does. */
  readonly trouble: Trouble | undefined;
  /** It did not come from its author: this member says that it was said. Absent from nearly all. */
  readonly sharedBy?: AccountId;
  /** Said in slow mode: how long after its author's text before it. Absent from nearly all. */
  readonly spacingMs?: number;
}

export type MessageBody =
  | { readonly kind: "text"; readonly text: string }
  /** A content kind of a newer Kith, kept as it came. */
  | { readonly kind: "unknown"; readonly raw: Uint8Array }
  /** What a commit did to a group; its author made the commit. */
  | { readonly kind: "event"; readonly event: GroupEvent }
  /** It said something till `by` took it away for everybody. */
  | { readonly kind: "removed"; readonly by: AccountId }
  /** Too soon after its author's text before it (slow mode): nobody shows it. `text`: of own ones; "" of others'. */
  | { readonly kind: "too-soon"; readonly text: string }
  /** Its author asks those who may to look at a message; only their devices have this row. Empty `words`: they said none. */
  | {
      readonly kind: "reported";
      readonly words: string;
      readonly about: { readonly author: AccountId; readonly text: string } | undefined;
    }
  /** An own change of a group that ended without coming into force; for the person in front of this device. */
  | {
      readonly kind: "change-ended";
      readonly act: OrderedAct;
      readonly why: ActEnd;
      readonly by: AccountId | undefined;
    }
  /** Written by this device, for the person in front of it. */
  | { readonly kind: "notice"; readonly notice: Notice };

/** `split`: a group's first node showed its members different orders of commits. `came-over`: to the part of it that stays. */
export type Notice = "keys-renewed" | "split" | "came-over";

/** Key: conversation id. Compare-and-set on `revision`. */
export interface GroupRecord {
  readonly key: ConversationId;
  readonly revision: number;
  /** How many groups the conversation had before this one. */
  readonly generation: number;
  /** MLS state. On the disk it has of each tree the SHA-256, by which rows of `trees` have them. */
  readonly state: GroupState;
  readonly epoch: number;
  /** The first epoch whose keys were ever here: what is of an earlier one was said before this device was there. */
  readonly joinedEpoch: number;
  /** Newest 4, newest first. `endedBy`: hash of the commit that ended it, "" while it lasts. */
  readonly epochSecrets: readonly { readonly epoch: number; readonly secret: Uint8Array; readonly endedBy: string }[];
  /** Of a group's newest epochs in a row, 16 bytes each, the last of `epoch`; those before `joinedEpoch` as others told them. */
  readonly marks?: Uint8Array;
  /** Own application messages since the last own commit, for the update rule. */
  readonly sealedSinceUpdate: number;
  readonly updatedAtMs: number;
  /** A commit of this device whose slot is not decided yet. */
  readonly pending: PendingCommit | undefined;
}

/** Key: conversation id and SHA-256 of `bytes`. A tree that the row in `groups` names. */
export interface TreeRecord {
  readonly key: string;
  readonly bytes: Uint8Array;
}

export interface PendingCommit {
  /** The state if it comes into force. */
  readonly state: GroupState;
  /** Goes to the topic after its `parts`, which are none where it is small enough. */
  readonly envelope: Uint8Array;
  readonly parts: readonly Uint8Array[];
  /** `undefined`: left without one, since that of the epoch went to something that everybody refuses (§13.3). */
  readonly slot: Uint8Array | undefined;
  /** MLSMessage bytes, of a group; between two people the envelope has it. */
  readonly commit: Uint8Array | undefined;
  /** The row of `changes` that it carries out; none for what the device does by itself. */
  readonly change: string | undefined;
  /** MLSMessage bytes for who is added, and who that is. */
  readonly welcome: { readonly bytes: Uint8Array; readonly people: readonly AccountId[] } | undefined;
}

/**
 * Key: envelope hash. A row that ends when `acknowledged` lives until every recipient device has acknowledged or the
 * envelope expired; one that ends with `custody` is done once a node holds it or every device has it; one that ends with
 * `every-node` once all of the conversation's nodes hold it.
 */
export interface OutboxRecord {
  readonly key: EnvelopeHash;
  readonly conversation: ConversationId;
  readonly topic: TopicId;
  /** Sending order within the conversation. */
  readonly order: string;
  readonly envelope: Uint8Array;
  /** What is sealed in it, encoded, so that it can be sealed again for a later epoch; none in the reply to an invite. */
  readonly content: Uint8Array | undefined;
  /** The group and its epoch that it is sealed for; the epoch is -1 of what never was sealed. */
  readonly generation: number;
  readonly epoch: number;
  /** How often a recipient could not open it and it was sealed anew. */
  readonly refusals: number;
  /** A slot to take; only for the reply to an invite. */
  readonly slot: Uint8Array | undefined;
  readonly ends: "acknowledged" | "custody" | "every-node";
  /** Nodes it is left at besides the conversation's: it says where those are. */
  readonly alsoAt: readonly NodeUrl[];
  /** Devices that have not acknowledged. Empty: nobody can be reached but through the topic. */
  readonly waitingFor: readonly DeviceId[];
  /** Promises that last, one for each node that gave one. */
  readonly custodies: readonly HeldCustody[];
  /** What contacts promised, one for each. */
  readonly keepings: readonly HeldKeeping[];
  /** The message whose marks this row moves; none for profiles and acknowledgements. */
  readonly message: MessageId | undefined;
  /** It carries the message's number without its words (§13.10), and moves no mark. */
  readonly unsaid?: true;
  readonly sinceMs: number;
}

export interface HeldCustody {
  readonly node: NodeUrl;
  readonly sequence: number;
  /** When it was given, by this device's clock. */
  readonly atMs: number;
  /** What the node signed. */
  readonly untilMs: number;
  readonly signature: Uint8Array;
  /** The envelope came back from there. */
  readonly seen: boolean;
}

export interface HeldKeeping {
  readonly keeper: AccountId;
  /** Of it, the one that signed. */
  readonly device: DeviceId;
  /** By this device's clock, and never later than what was signed. */
  readonly untilMs: number;
  readonly signature: Uint8Array;
}

/** Key: envelope hash. Recorded only after the envelope was authenticated (invariant 4). */
export interface SeenRecord {
  readonly key: EnvelopeHash;
  readonly conversation: ConversationId;
  /** Whether its author waits for an acknowledgement, should it come again. */
  readonly acknowledge: boolean;
  readonly atMs: number;
  /** When its acknowledgement through the topic was noted as due last. A copy at another node soon after is not told again. */
  readonly owedAtMs: number | undefined;
}

/** Key: topic id. Followed as long as the row is here. */
export interface TopicRecord {
  readonly key: TopicId;
  readonly secret: Uint8Array;
  /** Where it is read; for an invite or a reply there is one. */
  readonly places: readonly Place[];
  /** Envelopes that came through this topic and whose acknowledgement is due. */
  readonly due: readonly { readonly hash: EnvelopeHash; readonly refused: boolean }[];
  readonly purpose:
    | { readonly kind: "conversation"; readonly conversation: ConversationId }
    | { readonly kind: "invite"; readonly invite: InviteId }
    /** Written to once, to answer somebody's invite; never followed. */
    | { readonly kind: "reply"; readonly conversation: ConversationId }
    /** Pieces of a group's history are left there for somebody new (§13.12); never followed, and gone once they are. */
    | { readonly kind: "history-left"; readonly conversation: ConversationId }
    /** Pieces are read there. */
    | ({ readonly kind: "history" } & HistoryOffer);
}

export interface HistoryOffer {
  readonly conversation: ConversationId;
  readonly by: AccountId;
  /** HistoryCapsule as it was signed. */
  readonly capsule: Uint8Array;
  /** Index of the next piece. */
  readonly next: number;
  /** What has not come by then does not come any more. */
  readonly untilMs: number;
}

/** A topic at one node, with sequences of its own. */
export interface Place {
  readonly node: NodeUrl;
  /** Last sequence taken in, or passed because its time has not come. */
  readonly cursor: number;
  /** The lowest sequence whose keys were not here yet: read again from there once they are. */
  readonly ahead: number | undefined;
  /** Changes of a group may have been here that this device did not take: entries were gone, or one could not be opened. */
  readonly incomplete?: true;
  /** The conversation was moved away from here then; read for a while still, for what others left before they knew. */
  readonly leftAtMs: number | undefined;
}

/** Key: invite id. */
export interface InviteRecord {
  readonly key: InviteId;
  readonly link: string;
  readonly secret: Uint8Array;
  /** Where its topic is: the link names it. */
  readonly node: NodeUrl;
  /** Where the conversation may be kept that an answer begins; `node` is one of them. */
  readonly nodes: readonly NodeUrl[];
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** Private half of the KeyPackage that went into the bundle; removed once used. */
  readonly keyPackage: { readonly publicPackage: Uint8Array; readonly privatePackage: Uint8Array } | undefined;
  readonly envelope: Uint8Array;
  readonly published: boolean;
  /** Taken back by its maker; kept until the node has closed it to everybody. */
  readonly withdrawn: boolean;
  /** How long the node keeps what is left there, known once published. Tells whether a reply was left in time. */
  readonly retentionMs: number;
  readonly usedBy: AccountId | undefined;
}

/** Key: envelope hash and the account that gave it. Somebody else's envelope, which cannot be read here (PROTOCOL.md §7.7). */
export interface KeptRecord {
  readonly key: string;
  readonly hash: EnvelopeHash;
  readonly topic: TopicId;
  readonly from: AccountId;
  /** Whom it is still for. */
  readonly devices: readonly DeviceId[];
  readonly envelope: Uint8Array;
  /** Counts up: what was given first is handed over first. */
  readonly place: number;
  readonly untilMs: number;
}

/** Key: 16 random bytes as hex. What this device wants of a group and has not got yet; of a conversation the lowest `place` is next. */
export interface ChangeRecord {
  readonly key: string;
  readonly conversation: ConversationId;
  readonly act: Act;
  /** Counts up in its conversation. */
  readonly place: number;
  readonly sinceMs: number;
}

/** Key: SHA-256 of the public half. One that was given to a contact, or one of theirs. */
export interface KeyPackageRecord {
  readonly key: string;
  /** To whom it was given, or who gave it. */
  readonly account: AccountId;
  /** Whose device it is. */
  readonly device: DeviceId;
  readonly publicPackage: Uint8Array;
  /** Own ones only. */
  readonly privatePackage: Uint8Array | undefined;
  readonly sinceMs: number;
  /** A Welcome was made, or came, with it; the last one there is stays in use until there are others. */
  readonly usedAtMs: number | undefined;
  /** Own ones: with which a leaf was asked for in a group that this device knows nothing of any more (PROTOCOL.md §13.7). */
  readonly lost?: ConversationId;
}

/** Key: topic, hash of the whole and index. A piece of something that does not fit an envelope (PROTOCOL.md §13.8). */
export interface PartRecord {
  readonly key: string;
  readonly topic: TopicId;
  readonly bytes: Uint8Array;
  readonly atMs: number;
}

/** Key: topic of the link. A link to a group, which this device answers as every other of owner and admins does. */
export interface GroupLinkRecord {
  readonly key: TopicId;
  readonly conversation: ConversationId;
  readonly id: InviteId;
  readonly link: string;
  readonly secret: Uint8Array;
  readonly node: NodeUrl;
  readonly by: AccountId;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** Persons who may join with it. */
  readonly budget: number;
  /** Who came with it, as the group's commits say. */
  readonly joined: readonly AccountId[];
  /** Envelopes that the node does not have yet, in order: what the link shows, answers and Welcomes. */
  readonly toLeave: readonly Uint8Array[];
  /** Of the key that signs its answers. */
  readonly answerSeed: Uint8Array;
  /** Kept till it expires, so that an older word of it does not bring it back. */
  readonly withdrawn: boolean;
  /** This device made somebody an admin, who is to be told of it. */
  readonly tell: boolean;
  /** None while nothing of its maker's was read there. */
  readonly shown: LinkShownRow | undefined;
}

/** What a link shows, as far as who may answer (PROTOCOL.md §13.9): the newest of its maker's devices. */
export interface LinkShownRow {
  /** SignedDeviceList bytes of who made the link. */
  readonly deviceList: Uint8Array;
  /** Of it, the one that signed. */
  readonly device: DeviceId;
  readonly madeAtMs: number;
  /** See `linkAnswerer`. */
  readonly answerers: readonly string[];
}

/** Key: topic of the link and account. Somebody who asks to be let in. */
export interface JoinRequestRecord {
  readonly key: string;
  readonly conversation: ConversationId;
  readonly link: TopicId;
  readonly account: AccountId;
  readonly name: string;
  /** SignedDeviceList bytes, checked. */
  readonly deviceList: Uint8Array;
  readonly keyPackages: readonly Uint8Array[];
  readonly atMs: number;
  /** `joinRequestId` as hex; "" while only older ones are known of. */
  readonly request: string;
  /** Of requests of theirs that were refused or taken back: somebody may leave them in the topic again. */
  readonly over: readonly string[];
}

/** Key: topic of the link. A group that this person asked to be let into. */
export interface AskedRecord {
  readonly key: TopicId;
  /** Who made the link, and answers. */
  readonly by: AccountId;
  readonly node: NodeUrl;
  readonly publicPackage: Uint8Array;
  readonly privatePackage: Uint8Array;
  /** Of earlier requests with this link, the newest first: a Welcome to one may be under way. */
  readonly earlier: readonly { readonly publicPackage: Uint8Array; readonly privatePackage: Uint8Array }[];
  /** The request, or that it is taken back, till the node has it. */
  readonly envelope: Uint8Array | undefined;
  /** When it was asked, or taken back. */
  readonly atMs: number;
  /** What the link shows. */
  readonly name: string;
  readonly emoji: string;
  readonly people: number;
  readonly expiresAtMs: number;
  readonly answerKey: Uint8Array;
  readonly shown: LinkShownRow;
  /** `joinRequestId`. */
  readonly request: Uint8Array;
  /** A Welcome counts after any of them: who took it back is in the group then, and leaves it. */
  readonly state: "waiting" | "refused" | "withdrawn" | "taken-back";
}
