/**
 * The part of the public face that is about groups: what an application can read of them and do with them (PROTOCOL.md §13).
 * Changes of membership and rules are orders that wait until a node has decided their place; they are visible till then.
 */
import type { ActEnd, GroupAct, GroupEvent, OrderedAct, Rules } from "../conversation/group-acts.ts";
import type { Permissions } from "../conversation/group-rights.ts";
import type { AccountId, ConversationId, InviteId, MessageId } from "../lang/brand.ts";
import type { Live } from "../lang/live.ts";
import type { Result } from "../lang/result.ts";
import type { PresenceView } from "./reach-face.ts";
import type { WriteFaultView } from "./storage-face.ts";

export type GroupRole = "owner" | "admin" | "member";

export type { GroupAct };
export type GroupRules = Rules;
/** What a group's timeline tells of itself; the same on every device. */
export type GroupEventView = GroupEvent;

export interface GroupMemberView {
  readonly account: AccountId;
  /** As they call themselves. */
  readonly name: string;
  /** As this person calls them; "" where they gave them no name of their own. */
  readonly knownAs: string;
  readonly me: boolean;
  readonly role: GroupRole;
  /** `stranger`: known from groups only. */
  readonly standing: "contact" | "stranger" | "blocked";
  readonly verified: boolean;
  /** 60 digits, the same on both sides (PROTOCOL.md §3.4); "" for oneself. */
  readonly safetyNumber: string;
  readonly devices: number;
  readonly presence: PresenceView;
  /** Said that they leave; gone once a device of the others has carried that out. */
  readonly leaving: boolean;
}

/** What a member may do now, by their rank; the same rule refuses what is tried all the same. */
export type GroupRights = Permissions;

/** An own change that is not in force yet. */
export interface GroupChangeView {
  readonly id: string;
  readonly act: OrderedAct;
  readonly sinceMs: number;
  /**
   * `node`: none that decides is in reach. `new-node`: the first of those to which the group is to move does not answer. `keys`: nothing of theirs is here to add them with, they have to come online. `link`:
   * who made the link has to come online, and say with it that this person may answer.
   */
  readonly waits: "deciding" | "node" | "new-node" | "keys" | "link";
}

/** Somebody who came by a link and waits to be let in. */
export interface JoinRequestView {
  readonly account: AccountId;
  readonly name: string;
  readonly atMs: number;
}

export interface GroupInviteView {
  readonly id: InviteId;
  readonly link: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** How many persons may join with it, and how many have. */
  readonly budget: number;
  readonly used: number;
  readonly by: AccountId;
  readonly state: "preparing" | "ready" | "used-up" | "expired";
}

/** A group that this person asked to be let into by a link: as the link showed it. */
export interface AskedView {
  readonly id: string;
  readonly name: string;
  readonly emoji: string;
  readonly people: number;
  readonly askedAtMs: number;
  /** When the link ends, and the request with it. */
  readonly endsAtMs: number;
  readonly state: "waiting" | "refused" | "withdrawn";
}

export interface GroupView {
  readonly name: string;
  readonly description: string;
  readonly emoji: string;
  readonly rules: GroupRules;
  /** `member`, or how it ended for this person. The history stays. */
  readonly standing:
    | { readonly kind: "member"; readonly role: GroupRole }
    | { readonly kind: "left"; readonly atMs: number }
    | { readonly kind: "removed"; readonly by: AccountId; readonly atMs: number };
  /** Owner, admins, then by name. */
  readonly members: readonly GroupMemberView[];
  readonly rights: GroupRights;
  /** Oldest first. */
  readonly changes: readonly GroupChangeView[];
  readonly requests: readonly JoinRequestView[];
  readonly invites: readonly GroupInviteView[];
  /** Members who type at this moment, in the order in which they began; never this person. */
  readonly typing: readonly AccountId[];
  /** When this person may write again in slow mode; undefined: now. */
  readonly writableAtMs: number | undefined;
  /** What members shared of the time before this person came: so many messages of as many as there are said to be. */
  readonly history:
    | {
        readonly by: AccountId;
        readonly have: number;
        readonly of: number;
        /** What is missing is asked for no longer: it is lost. */
        readonly over: boolean;
        /** Messages that members told in different words. */
        readonly disputed: number;
      }
    | undefined;
  readonly ownerGone: OwnerGoneView | undefined;
}

/** What some say of the owner: that they are gone, and who should be it. */
export interface OwnerGoneView {
  /** `undefined`: the group has none. */
  readonly owner: AccountId | undefined;
  readonly next: AccountId;
  /** From whom this device heard it first. */
  readonly by: AccountId;
  /** Of those who decide, and how many it takes of how many. */
  readonly agreed: readonly AccountId[];
  readonly needed: number;
  readonly of: number;
  readonly voters: "admins" | "members";
  /** Whose device has waited and said so. */
  readonly confirmed: readonly AccountId[];
  /** Whether this person agreed. */
  readonly mine: boolean;
  /** Till when this device waits for the owner, before it confirms. */
  readonly untilMs: number;
}

/** Why an own change ended without coming into force; said to this person alone. */
export type ChangeEndView = {
  readonly act: OrderedAct;
  /**
   * `moot`: somebody had brought it about. `not-allowed`: a change that came first took the right to it. `full`: no room for
   * anybody it would add. `gone`: whom it is about is no member any more, or does not ask to be.
   */
  readonly why: ActEnd;
  /** Whose change came first, where one did. */
  readonly by: AccountId | undefined;
};

export type GroupFault =
  | WriteFaultView
  | "no-such-conversation"
  | "not-allowed"
  | "name"
  | "description"
  | "emoji"
  /** None, more than three, one twice, or none that could be one. */
  | "nodes"
  /** Nobody, more than fit, or somebody who is no contact. */
  | "people"
  | "too-many"
  /** It would change nothing. */
  | "no-change";

export interface GroupMessenger {
  /** Everybody of the group by account, for the names in its timeline; also who is gone. */
  names(id: ConversationId): Live<ReadonlyMap<AccountId, { readonly name: string; readonly knownAs: string }>>;

  /** A group of this person as its owner, to which `people` (contacts) are added. */
  createGroup(choice: {
    readonly name: string;
    readonly emoji: string;
    readonly people: readonly AccountId[];
  }): Promise<Result<ConversationId, GroupFault>>;
  /**
   * A copy of a group, of which this person is the owner; also of one that ended for them. `people`: members of it who are
   * contacts. `history`: with what is here of its messages, at most the newest 2,000, which who comes to the copy is given, too.
   * `byLink`: others come by a link that is made afterwards, without being let in one by one. `watch.read` is told how many of
   * the messages were read; where `signal` is aborted before all is written, nothing of it is.
   */
  forkGroup(
    id: ConversationId,
    choice: {
      readonly name: string;
      readonly emoji: string;
      readonly people: readonly AccountId[];
      readonly history: boolean;
      readonly byLink: boolean;
    },
    watch?: { readonly signal: { readonly aborted: boolean }; readonly read: (messages: number) => void },
  ): Promise<Result<ConversationId, GroupFault | "cancelled">>;
  changeGroup(id: ConversationId, act: GroupAct): Promise<Result<void, GroupFault>>;
  /** One that is not in force yet, and is not then. */
  cancelChange(id: ConversationId, change: string): Promise<Result<void, WriteFaultView>>;
  /** `hand-over`: an owner has to choose the next one first. */
  leaveGroup(id: ConversationId): Promise<Result<void, GroupFault | "hand-over">>;
  /** Forgets a group that ended for this person, with everything that was said. */
  deleteGroup(id: ConversationId): Promise<Result<void, GroupFault>>;
  setMuted(id: ConversationId, on: boolean): Promise<Result<void, WriteFaultView>>;

  createGroupInvite(
    id: ConversationId,
    choice: { readonly lastsMs: number; readonly budget: number },
  ): Promise<Result<GroupInviteView, GroupFault>>;
  withdrawGroupInvite(id: ConversationId, invite: InviteId): Promise<Result<void, GroupFault>>;
  answerJoinRequest(id: ConversationId, account: AccountId, letIn: boolean): Promise<Result<void, GroupFault>>;
  /** Groups that this person asked to be let into, newest first. */
  readonly asked: Live<readonly AskedView[]>;
  /** Does not ask any more; or has seen that it was refused. */
  cancelAsked(id: string): Promise<Result<void, WriteFaultView>>;

  /** That the owner is gone and `next`, one of those who decide, should be it. */
  proposeOwner(id: ConversationId, next: AccountId): Promise<Result<void, GroupFault>>;
  /** With what is proposed. */
  agreeOwner(id: ConversationId): Promise<Result<void, GroupFault>>;
  /** Takes that back, before this device confirmed it; by the owner: says that they are here. */
  withdrawOwnerProposal(id: ConversationId): Promise<Result<void, GroupFault>>;

  /** For everybody, with a mark that says who did it: one's own, or as an admin anybody's of lower rank. */
  removeMessage(id: MessageId): Promise<Result<void, GroupFault>>;
  /** Tells owner and admins about a message. */
  reportMessage(id: MessageId, words: string): Promise<Result<void, GroupFault>>;
  /** Their messages are hidden here from now on; they are not told. */
  setBlocked(account: AccountId, on: boolean): Promise<Result<void, WriteFaultView>>;
  /** This person's own name for somebody; "" takes it back. */
  setKnownAs(account: AccountId, name: string): Promise<Result<void, WriteFaultView | "too-long">>;
}
