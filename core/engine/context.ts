/** What every story of the engine works with: the ports, one turn per conversation, and who this profile is. */

import type { AccountId, ConversationId, DeviceId } from "../lang/brand.ts";
import { err, ok, type Result } from "../lang/result.ts";
import type { Clock } from "../ports/clock.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { LinkNetwork } from "../ports/links.ts";
import type { Log } from "../ports/log.ts";
import type { NodeNetwork } from "../ports/node.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import type { ContactRecord, ProfileRecord } from "../ports/people-records.ts";
import type { Random } from "../ports/random.ts";
import type { Batch, Storage, WriteFault } from "../ports/storage.ts";
import type { AboutGroups } from "../wire/content-group.ts";
import type { Credential } from "../wire/credential.ts";
import type { EpochMarks } from "../wire/epoch-marks.ts";
import type { HaveOf } from "../wire/have.ts";
import type { HistoryCapsule } from "../wire/history.ts";
import type { WriteFaultView } from "./face.ts";
import { onProfileAsItWas } from "./profile-row.ts";
import { inTurns, type Turns } from "./turns.ts";

export interface Ports {
  readonly storage: Storage;
  readonly nodes: NodeNetwork;
  readonly links: LinkNetwork;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface CaughtUp {
  has(id: ConversationId): boolean;
  add(id: ConversationId): void;
  /** The keys are known to be used, which could not be written down: from now on it has not caught up, whatever is added. */
  doubt(id: ConversationId): void;
  /** What was in doubt is written down. */
  noted(id: ConversationId): void;
}

export interface Context extends Ports {
  /** Before an invite's `/#/i/`: where the app is opened from. */
  readonly appOrigin: string;
  readonly turns: Turns;
  /** The conversation's rows of the outbox, ascending by their order; from memory after the first time. */
  readonly waiting: (id: ConversationId) => Promise<readonly OutboxRecord[]>;
  /** A device said in the conversation what it has of it (§8.2). Answered after the turn in which it was read. */
  readonly heardHave: (id: ConversationId, device: DeviceId, have: readonly HaveOf[]) => void;
  /** A member offers somebody of a group what was said before they came (§13.12). */
  readonly heardOffer: (id: ConversationId, by: AccountId, capsule: HistoryCapsule) => void;
  /**
   * Conversations whose keys count as the newest there are, since this engine started (§11, `catching-up`). Only then something
   * is sealed.
   */
  readonly caughtUp: CaughtUp;
  /** The conversation is kept at other nodes from now on. Followed there after the turn in which it was read. */
  readonly moved: (id: ConversationId) => void;
  /** A member says which keys of a group they had. Compared after the turn in which it was read; `via`: in which conversation. */
  readonly heardMarks: (via: ConversationId, marks: EpochMarks) => void;
  /** Of keys that are known here by their epoch, and still do not open what was sealed with them: a group may be in two parts. */
  readonly doubted: (id: ConversationId) => void;
  /** A device of the person of this conversation could not open a Welcome: it may not be in a group in which it is listed. */
  readonly refusedWelcome: (id: ConversationId, device: DeviceId) => void;
  /** A contact's device says in which groups this one is, or asks for a leaf in one that it knows no more (§13.7). */
  readonly heardOfGroups: (id: ConversationId, by: Credential, body: AboutGroups) => void;
  /** Something was said where the conversation is kept no longer: its author may not know that, or not any more. */
  readonly heardWhereLeft: (id: ConversationId) => void;
}

/** The person of this profile. Throws where nobody started yet: no story but `start` runs before that. */
export async function me(context: Context): Promise<ProfileRecord> {
  const profile = await context.storage.get("profile", "me");
  if (profile === undefined) throw new Error("nobody lives in this profile yet");
  return profile;
}

/**
 * In the turn of every conversation with this person, for whoever changes what is known of them: two conversations arise
 * when both open each other's invites.
 */
export async function withPerson<T>(context: Context, account: AccountId, task: () => Promise<T>): Promise<T> {
  const conversations = (await context.storage.all("conversations")).filter(({ contact }) => contact === account);
  const ids = conversations.map(({ key }) => key);
  return inTurns(context.turns, ids, task);
}

/** Writes all or nothing. A conflict cannot happen while one engine runs and turns are kept; it is reported like a lost disk. */
export async function commit(context: Context, batch: Batch): Promise<Result<void, WriteFaultView>> {
  const written = await context.storage.commit(onProfileAsItWas(batch));
  if (written.ok) return written;
  context.log.event("a write was refused", { full: written.error === "full", conflict: written.error === "conflict" });
  return err(writeFaultView(written.error));
}

function writeFaultView(fault: WriteFault): WriteFaultView {
  return fault === "full" ? "storage-full" : "storage-lost";
}

/** A conversation with the person it is with; `contact` is undefined for "Note to self". */
export async function conversationWithContact(
  context: Context,
  id: ConversationId,
): Promise<Result<{ conversation: ConversationRecord; contact: ContactRecord | undefined }, "no-such-conversation">> {
  const conversation = await context.storage.get("conversations", id);
  if (conversation === undefined) return err("no-such-conversation");
  const contact = conversation.contact && (await context.storage.get("contacts", conversation.contact));
  return ok({ conversation, contact: contact || undefined });
}
