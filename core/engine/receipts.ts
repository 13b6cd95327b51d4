/**
 * Read receipts (§8.3): tells the others in one message what was read here, a random while later, so that the moment of
 * reading and the moment of telling are two. Nobody is told while receipts are off, nor strangers.
 */

import type { ConversationId } from "../lang/brand.ts";
import { done, type Result } from "../lang/result.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import type { Change } from "../ports/storage.ts";
import { maxReadMessages } from "../wire/bounds.ts";
import { decodeContent } from "../wire/content.ts";
import { type Context, commit, me } from "./context.ts";
import type { WriteFaultView } from "./face.ts";
import { profileBatch } from "./profile-row.ts";
import { quietBatch } from "./send.ts";
import { talkingIn } from "./talking.ts";
import { inTurns } from "./turns.ts";

/** Lower tells when somebody looked; higher lets the author wait for what they are curious about. */
const leastDelayMs = 2_000;
const mostDelayMs = 12_000;

export interface Receipts {
  /** Something may have been read: it is told before long. Safe to call at any time; after a restart it is once the node was read. */
  look(id: ConversationId): Promise<void>;
  stop(): void;
}

/** `kick` tells the courier that there is something to carry. */
export function createReceipts(context: Context, kick: (id: ConversationId) => void): Receipts {
  const timers = new Map<ConversationId, () => void>();
  let stopped = false;

  async function look(id: ConversationId): Promise<void> {
    const conversation = await context.storage.get("conversations", id);
    if (conversation === undefined || conversation.readsDue.length === 0) return;
    if (stopped || timers.has(id)) return;
    const cancel = context.clock.after(randomDelayMs(context), () => {
      timers.delete(id);
      tell(id).catch((error: unknown) => context.log.fault("read receipts failed", error));
    });
    timers.set(id, cancel);
  }

  async function tell(id: ConversationId): Promise<void> {
    if (await context.turns(id, () => sealReceipts(context, id))) kick(id);
  }

  return {
    look,
    stop() {
      stopped = true;
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

function randomDelayMs(context: Context): number {
  const [high = 0, low = 0] = context.random.bytes(2);
  return leastDelayMs + Math.floor(((mostDelayMs - leastDelayMs) * (256 * high + low)) / 0xffff);
}

/** Whether something is to be carried now. What was read of a stranger stays due until they are accepted. */
async function sealReceipts(context: Context, id: ConversationId): Promise<boolean> {
  let said = false;
  for (;;) {
    const talking = await talkingIn(context, id);
    const profile = await me(context);
    const due = talking?.conversation.readsDue ?? [];
    if (due.length === 0 || !profile.receipts) return said;
    const messages = due.slice(0, maxReadMessages);
    const rest = { readsDue: due.slice(messages.length) };
    const batch = await quietBatch(context, id, { kind: "read", messages }, () => [], rest);
    const sealed = batch && (await commit(context, batch));
    if (!sealed?.ok) return said;
    said = true;
  }
}

/** Off: what was read and not told yet is never told, even if it is sealed and waits for a way; nor is it when they are on again. */
export async function setReceipts(context: Context, on: boolean): Promise<Result<void, WriteFaultView>> {
  const ids = (await context.storage.all("conversations")).map(({ key }) => key);
  return inTurns(context.turns, ["profile", ...ids], async () => {
    const profile = await me(context);
    if (profile.receipts === on) return done;
    const { expect, changes } = profileBatch(profile, { receipts: on });
    const others = on ? await beginReceipts(context) : await forgetReceipts(context);
    return commit(context, { expect, changes: [...changes, ...others] });
  });
}

async function beginReceipts(context: Context): Promise<readonly Change[]> {
  const all = await context.storage.all("conversations");
  return all.map((row) => ({ kind: "put", table: "conversations", row: { ...row, receiptsFrom: row.readUpTo } }));
}

async function forgetReceipts(context: Context): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for (const conversation of await context.storage.all("conversations")) {
    const { key, readsDue } = conversation;
    if (readsDue.length > 0)
      changes.push({ kind: "put", table: "conversations", row: { ...conversation, readsDue: [] } });
    const waiting = await context.storage.ofConversation("outbox", key);
    changes.push(
      ...waiting.filter(isReceipt).map((row): Change => ({ kind: "delete", table: "outbox", key: row.key })),
    );
  }
  return changes;
}

function isReceipt({ content }: OutboxRecord): boolean {
  const decoded = content && decodeContent(content);
  return decoded?.ok === true && decoded.value.body.kind === "read";
}
