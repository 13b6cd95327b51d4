/**
 * Links to groups over time (§13.9): an admin's device lets in who asked where the group is open, when it is its turn; tells
 * links to who was made an admin by it; and forgets what is over.
 */

import { rankOf, ranks } from "../conversation/group-rights.ts";
import { jobDelayMs } from "../conversation/job-rank.ts";
import type { Change as GroupChange } from "../group/open-in-group.ts";
import type { AccountId, ConversationId } from "../lang/brand.ts";
import { concat, idBytes } from "../lang/bytes.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { JoinRequestRecord } from "../ports/group-link-records.ts";
import type { GroupOfConversation } from "../ports/group-of-conversation.ts";
import type { Change } from "../ports/storage.ts";
import { putOutMark } from "../wire/group-card.ts";
import type { GroupFacts } from "../wire/group-facts.ts";
import { signLinkAnswer } from "../wire/link-answer.ts";
import { actSaid } from "./act-said.ts";
import type { InForce } from "./commit-in-force.ts";
import { wantedOf } from "./commits.ts";
import { type Context, commit, me } from "./context.ts";
import { askedForgotten } from "./group-link-asked.ts";
import {
  joinedWith,
  linkForgotten,
  linksForgotten,
  linksOf,
  liveLinks,
  putLink,
  sealedIn,
  withdrawnChanges,
} from "./group-link-rows.ts";
import { isShownOld, mayAnswer } from "./group-link-shown.ts";
import { inviteOfLink, shownAnew } from "./group-links.ts";
import { isOpen, letInWanted, openRequestOf } from "./group-requests.ts";

/** What was left in time is still brought and read that long. */
const afterExpiryMs = 7 * 24 * 3_600_000;
/** A timer of the system ends somewhere. */
const longestWaitMs = 6 * 3_600_000;

export interface GroupLinkLife {
  /** Safe to call at any time. */
  look(id: ConversationId): Promise<void>;
  /** Forgets what is over, now and whenever something expires. */
  sweep(): Promise<void>;
  stop(): void;
}

interface After {
  /** There is something to carry, or a commit to make. */
  kick(id: ConversationId): void;
  /** Something is to be left where links lead. */
  publish(): Promise<void>;
  /** Topics ended. */
  refresh(): Promise<void>;
}

export function createGroupLinkLife(context: Context, { kick, publish, refresh }: After): GroupLinkLife {
  const timers = new Map<string, () => void>();
  let cancelSweep = () => {};
  let stopped = false;

  async function sweep(): Promise<void> {
    cancelSweep();
    const nowMs = context.clock.now();
    const { changes, nextMs } = await sweeping(context, nowMs);
    if (changes.length > 0) {
      await commit(context, { changes });
      await refresh();
    }
    if (stopped || nextMs === undefined) return;
    const delayMs = Math.min(Math.max(nextMs - nowMs, 1_000), longestWaitMs);
    const again = () => sweep().catch((error: unknown) => context.log.fault("links could not be swept", error));
    cancelSweep = context.clock.after(delayMs, () => void again());
  }

  async function letInLater(id: ConversationId, { facts, people }: GroupOfConversation): Promise<void> {
    const { device } = await me(context);
    const admins = people.filter(({ account }) => rankOf(facts, account) >= ranks.admin);
    for (const row of await context.storage.all("joinRequests")) {
      const key = `${row.key} ${row.request}`;
      if (row.conversation !== id || !isOpen(row) || timers.has(key) || stopped) continue;
      const link = await context.storage.get("groupLinks", row.link);
      const devices = admins.filter(({ account }) => link && mayAnswer(link, account)).flatMap((one) => one.devices);
      if (!devices.includes(device)) continue;
      const job = concat(idBytes(row.link), idBytes(row.request));
      const task = async () => {
        timers.delete(key);
        if (await context.turns(id, () => letIn(context, id, row))) kick(id);
      };
      const failed = (error: unknown) => context.log.fault("who came by a link could not be let in", error);
      timers.set(
        key,
        context.clock.after(jobDelayMs(job, device, devices), () => void task().catch(failed)),
      );
    }
  }

  return {
    async look(id) {
      const conversation = await context.storage.get("conversations", id);
      if (conversation?.group?.standing.kind !== "member") return;
      const { facts } = conversation.group;
      const { account } = await me(context);
      if (rankOf(facts, account) < ranks.admin) return;
      if (await context.turns(id, () => tell(context, id))) kick(id);
      await sweep();
      // What others did is not known before the topic was read.
      if (!context.caughtUp.has(id)) return;
      if (await context.turns(id, () => showAnew(context, id))) await publish();
      if (await isLettingIn(context, id)) kick(id);
      if (facts.joining === "open") await letInLater(id, conversation.group);
    },
    sweep,
    stop() {
      stopped = true;
      cancelSweep();
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

async function letIn(context: Context, id: ConversationId, { account, request }: JoinRequestRecord): Promise<boolean> {
  const conversation = await context.storage.get("conversations", id);
  const { group } = conversation ?? {};
  const open = await openRequestOf(context, id, account);
  if (conversation === undefined || group?.standing.kind !== "member" || open?.request !== request) return false;
  const own = await me(context);
  if (group.facts.joining !== "open" || rankOf(group.facts, own.account) < ranks.admin) return false;
  if (group.people.some((one) => one.account === account)) return false;
  // Whom somebody put out, somebody has to let in again.
  if (group.putOut?.includes(putOutMark(id, account))) return false;
  const change = await letInWanted(context, conversation, { kind: "let-in", account });
  return change !== undefined && (await commit(context, { changes: [change] })).ok;
}

/** Of links of this person's that show others than may answer them now. Whether something is to be left there. */
async function showAnew(context: Context, id: ConversationId): Promise<boolean> {
  const profile = await me(context);
  const group = (await context.storage.get("conversations", id))?.group;
  if (group?.standing.kind !== "member") return false;
  const old = (await liveLinks(context, id)).filter((link) => isShownOld(link, profile, group));
  if (old.length === 0) return false;
  return (await commit(context, { changes: old.map((link) => putLink(shownAnew(context, profile, link, group))) })).ok;
}

/** Somebody is to be let in, which may have waited until this person could answer them. */
async function isLettingIn(context: Context, id: ConversationId): Promise<boolean> {
  return (await wantedOf(context, id)).some(({ act }) => act.kind === "let-in");
}

/** One batch for each link. Whether something was said. Call within the conversation's turn. */
async function tell(context: Context, id: ConversationId): Promise<boolean> {
  let told = false;
  for (const link of await linksOf(context, id)) {
    const conversation: ConversationRecord | undefined = await context.storage.get("conversations", id);
    if (!link.tell || conversation === undefined) continue;
    const said = await actSaid(context, conversation, { kind: "group-invite", ...inviteOfLink(link) });
    const written = await commit(context, {
      expect: said.batch.expect,
      changes: [
        putLink({ ...link, tell: false }),
        ...said.batch.changes,
        { kind: "put", table: "conversations", row: said.conversation },
      ],
    });
    told ||= written.ok;
  }
  return told;
}

/** `nextMs`: when the next one expires. */
async function sweeping(
  context: Context,
  nowMs: number,
): Promise<{ readonly changes: readonly Change[]; readonly nextMs: number | undefined }> {
  const changes: Change[] = [];
  const times: number[] = [];
  for (const link of await context.storage.all("groupLinks")) {
    const lateMs = link.expiresAtMs + (link.toLeave.length > 0 ? afterExpiryMs : 0);
    if (lateMs > nowMs) times.push(link.expiresAtMs > nowMs ? link.expiresAtMs : lateMs);
    else changes.push(...(await linkForgotten(context, link)));
  }
  for (const asked of await context.storage.all("asked")) {
    const lateMs = (asked.state === "taken-back" ? asked.atMs : asked.expiresAtMs) + afterExpiryMs;
    if (lateMs > nowMs) times.push(asked.expiresAtMs > nowMs ? Math.min(asked.expiresAtMs, lateMs) : lateMs);
    else changes.push(...askedForgotten(asked));
  }
  return { changes, nextMs: times.length > 0 ? Math.min(...times) : undefined };
}

/** What a commit that is in force does to the links of its group. */
export async function linksAfter(
  context: Context,
  id: ConversationId,
  { change, note, own }: Pick<InForce, "change" | "note" | "own">,
): Promise<readonly Change[]> {
  const links = await linksOf(context, id);
  if (links.length === 0) return [];
  const { before, after, added } = change;
  const profile = await me(context);
  if (rankIn(after, profile.account) < ranks.admin) return linksForgotten(context, id);
  const here = new Set(after.members.map(({ credential }) => credential.account));
  const news = added.map(({ credential }) => credential.account);
  const tells = own && hasNewAdmin(before, after);
  const changes: Change[] = [];
  for (const link of links) {
    const joined = note.link === link.key ? joinedWith(link, news) : link.joined;
    const next = { ...link, joined, tell: !link.withdrawn && (link.tell || tells) };
    if (rankIn(after, link.by) < ranks.admin && !link.withdrawn) {
      const answer = signLinkAnswer(link.key, "withdrawn", link.answerSeed);
      // What they sign says who may answer, and nobody else could say it anew.
      const left = own ? [sealedIn(context, link, { kind: "group-link-answer", ...answer })] : [];
      changes.push(...(await withdrawnChanges(context, { ...next, toLeave: [...link.toLeave, ...left] })));
    } else if (joined.length > link.joined.length || next.tell !== link.tell) changes.push(putLink(next));
  }
  const asking = (await context.storage.all("joinRequests")).filter((row) => row.conversation === id);
  const gone = asking.filter(({ account }) => here.has(account));
  return [...changes, ...gone.map(({ key }): Change => ({ kind: "delete", table: "joinRequests", key }))];
}

type Seen = GroupChange["before"] | GroupChange["after"];

/** A device of owner or admin that was none of one. */
function hasNewAdmin(before: Seen, after: Seen): boolean {
  const admins = (view: Seen) =>
    view.members
      .filter(({ credential }) => rankIn(view, credential.account) >= ranks.admin)
      .map(({ credential }) => credential.device);
  const had = new Set(admins(before));
  return admins(after).some((device) => !had.has(device));
}

function rankIn({ context }: Pick<Seen, "context">, account: AccountId): number {
  return context.kind === "group" ? rankOf(context.facts satisfies GroupFacts, account) : ranks.member;
}
