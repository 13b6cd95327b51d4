/**
 * Sending once more what failed or waits, because somebody asks for it: sealed anew under the same id, so that who has it
 * after all recognises it, and tried at once.
 */

import { nothingHeard } from "../conversation/marks.ts";
import { isReadable } from "../group/state.ts";
import type { MessageId } from "../lang/brand.ts";
import { err, type Result } from "../lang/result.ts";
import type { MessageRecord } from "../ports/message-record.ts";
import type { Change } from "../ports/storage.ts";
import { type Context, commit, me } from "./context.ts";
import type { SendAgainFault } from "./face.ts";
import { maySeal } from "./keys-in-use.ts";
import { markOf, ownerIn } from "./message-info.ts";
import { contentAgain, isSaid } from "./own-content.ts";
import { whyUnsaid } from "./seal-said.ts";
import { sealOrWait } from "./send.ts";
import { isOpenTo } from "./who-may-write.ts";

export async function sendAgain(
  context: Context,
  message: MessageId,
  hurry: (id: MessageRecord["conversation"]) => void,
): Promise<Result<void, SendAgainFault>> {
  const conversation = (await context.storage.get("messages", message))?.conversation;
  if (conversation === undefined) return err("no-such-conversation");
  const sent = await context.turns(conversation, () => sealAnew(context, message));
  if (sent.ok) hurry(conversation);
  return sent;
}

async function sealAnew(context: Context, id: MessageId): Promise<Result<void, SendAgainFault>> {
  const message = await context.storage.get("messages", id);
  const conversation = message && (await context.storage.get("conversations", message.conversation));
  if (message === undefined || conversation === undefined) return err("no-such-conversation");
  const { device, account } = await me(context);
  if (message.author !== account || message.authorDevice !== device) return err("not-allowed");
  if (!isSaid(message) || !(await isOpenTo(context, conversation))) return err("not-allowed");
  const group = await context.storage.get("groups", conversation.key);
  const isUsable = maySeal(conversation) && group !== undefined && isReadable(group.state);
  if (isUsable && (await whyUnsaid(context, group, message))) return err("not-allowed");
  // On its way: a node or a contact keeps it for whoever has not fetched it, and nobody has refused it.
  const mark = markOf(message, ownerIn(conversation), false, context.clock.now())?.kind;
  const isOnItsWay = mark === "held" || mark === "kept";
  if (hasArrived(message) || isOnItsWay) return err("nothing-to-send");
  const waiting = await context.storage.ofConversation("outbox", conversation.key);
  const old = waiting.filter((one) => one.message === id);
  // Somebody may have it: with its number they do not have what a later self of this device said (§8.2).
  const epoch = old.length === 0 ? 0 : Math.max(...old.map((one) => one.epoch));
  const row = { order: message.order, ends: "acknowledged", message: id, epoch } as const;
  const sealed = await sealOrWait(context, conversation, contentAgain(message), row);
  const changes: readonly Change[] = [
    ...old.map(({ key }): Change => ({ kind: "delete", table: "outbox", key })),
    ...sealed.changes,
    { kind: "put", table: "messages", row: anew(message, sealed.recipients) },
  ];
  return commit(context, { expect: sealed.expect, changes });
}

/** Who has it keeps its fact; of the others nothing is known any more. */
function anew(message: MessageRecord, recipients: readonly (keyof MessageRecord["deliveries"])[]): MessageRecord {
  const deliveries = Object.fromEntries(
    recipients.map((device) => {
      const copy = message.deliveries[device];
      return [device, copy?.deliveredAtMs === undefined ? nothingHeard : copy];
    }),
  );
  return {
    ...message,
    deliveries: { ...message.deliveries, ...deliveries },
    held: [],
    keepings: [],
    trouble: undefined,
  };
}

function hasArrived({ deliveries }: MessageRecord): boolean {
  return Object.values(deliveries).every(({ deliveredAtMs }) => deliveredAtMs !== undefined);
}
