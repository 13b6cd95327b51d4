/**
 * Parts of what is too large for an envelope, kept till all are here (§13.8). What a topic's members can make this device keep
 * is bounded. Writes nothing.
 */

import { assemble } from "../conversation/parts.ts";
import type { PartRecord } from "../ports/group-records.ts";
import type { Change } from "../ports/storage.ts";
import { envelopeHash } from "../wire/envelope.ts";
import type { Part, Whole } from "../wire/group-payload.ts";
import { type Arrived, refusal, seenRow, type Taken, topicRow } from "./arrived.ts";
import type { Context } from "./context.ts";
import { waitsForLeaf, welcomeBackTaken } from "./group-heal-join.ts";
import { welcomeTaken } from "./join.ts";
import { goneParts, keptWith, keyOfPart, partsHere, wholeIndex } from "./parts-kept.ts";
import { asInGroup, takeInGroup } from "./receive-group.ts";
import { ahead } from "./receive-mls.ts";

export async function partTaken(context: Context, arrived: Arrived, part: Part): Promise<Taken> {
  if (!(await mayLeaveParts(context, arrived))) return unanswered(arrived);
  const { topic, group, hash, conversation } = arrived;
  // Of an own commit, which is at hand whole.
  if (group?.pending?.parts.some((one) => envelopeHash(one) === hash)) return unanswered(arrived);
  const row: PartRecord = {
    key: keyOfPart(topic.key, part.whole, `${part.index}`),
    topic: topic.key,
    bytes: part.bytes,
    atMs: context.clock.now(),
  };
  const kept = await keptWith(context, row);
  // Between two people its author waits to hear of it; in a group nobody does.
  if (conversation.kind === "group")
    return { ...unanswered(arrived), changes: [topicRow(arrived, undefined), ...kept] };
  const whole = await context.storage.get("parts", keyOfPart(topic.key, part.whole, wholeIndex));
  const finished = whole && (await finishedWelcome(context, arrived, part.whole, whole, row));
  return finished ?? acknowledged(context, arrived, kept);
}

export async function wholeTaken(context: Context, arrived: Arrived, whole: Whole): Promise<Taken> {
  if (!(await mayLeaveParts(context, arrived))) return unanswered(arrived);
  const { topic, conversation } = arrived;
  const parts = await partsHere(context, topic.key, whole);
  const bytes = assemble(whole, parts);
  const gone = goneParts(topic.key, whole.hash, whole.count);
  const inGroup = asInGroup(arrived);
  if (inGroup !== undefined && whole.of === "commit") {
    if (!bytes.ok)
      return bytes.error === "missing"
        ? ahead
        : { ...unanswered(arrived), changes: [topicRow(arrived, undefined), ...gone] };
    const taken = await takeInGroup(context, inGroup, bytes.value);
    return taken.receipt === "ahead" ? taken : { ...taken, changes: [...taken.changes, ...gone] };
  }
  if (whole.of !== "welcome") return refusal(arrived);
  if (conversation.kind === "group") {
    if (!bytes.ok && bytes.error === "missing" && waitsForLeaf(conversation)) return ahead;
    const taken = bytes.ok ? await welcomeBackTaken(context, arrived, bytes.value) : unanswered(arrived);
    return { ...taken, changes: [...taken.changes, ...gone] };
  }
  if (bytes.ok) {
    const taken = await welcomeTaken(context, arrived, bytes.value);
    return { ...taken, changes: [...taken.changes, ...gone] };
  }
  if (bytes.error === "wrong") return { ...refusal(arrived), changes: [...refusal(arrived).changes, ...gone] };
  // Parts and whole may come by several ways, in any order.
  const row: PartRecord = {
    key: keyOfPart(topic.key, whole.hash, wholeIndex),
    topic: topic.key,
    bytes: Uint8Array.of(whole.count),
    atMs: context.clock.now(),
  };
  return acknowledged(context, arrived, await keptWith(context, row));
}

/** A group's members, or a contact. */
async function mayLeaveParts(context: Context, { conversation }: Arrived): Promise<boolean> {
  if (conversation.kind === "group") return conversation.group?.standing.kind === "member";
  if (conversation.contact === undefined) return false;
  return (await context.storage.get("contacts", conversation.contact))?.state === "accepted";
}

function unanswered(arrived: Arrived): Taken {
  return { receipt: "unanswered", changes: [topicRow(arrived, undefined)] };
}

function acknowledged(context: Context, arrived: Arrived, changes: readonly Change[]): Taken {
  const owed = topicRow(arrived, { hash: arrived.hash, refused: false });
  return { receipt: "taken", changes: [...changes, owed, seenRow(arrived, true, context.clock.now())] };
}

/** The Welcome whose last part this is; `undefined` while others are missing. */
async function finishedWelcome(
  context: Context,
  arrived: Arrived,
  hash: Uint8Array,
  { bytes: [count = 0] }: PartRecord,
  last: PartRecord,
): Promise<Taken | undefined> {
  const whole: Whole = { hash, count, of: "welcome" };
  const parts = new Map(await partsHere(context, arrived.topic.key, whole));
  parts.set(Number(last.key.slice(last.key.lastIndexOf(" ") + 1)), last.bytes);
  const bytes = assemble(whole, parts);
  if (!bytes.ok && bytes.error === "missing") return undefined;
  const gone = goneParts(arrived.topic.key, hash, count);
  const taken = bytes.ok ? await welcomeTaken(context, arrived, bytes.value) : refusal(arrived);
  return { ...taken, changes: [...taken.changes, ...gone] };
}
