/**
 * What the other side says about keys (§11): a request for a successor group, and the successor itself. Reads and checks;
 * the changes are written by whoever received the envelope.
 */

import { sha256 } from "../crypto/hash.ts";
import { labels } from "../crypto/labels.ts";
import { verify } from "../crypto/signature.ts";
import { joinGroup } from "../group/create.ts";
import { readKeyPackage } from "../group/key-package.ts";
import { viewGroup } from "../group/state.ts";
import { succeedList } from "../identity/leaf-trust.ts";
import { equalBytes } from "../lang/bytes.ts";
import type { Change } from "../ports/storage.ts";
import { maxGeneration } from "../wire/bounds.ts";
import { healRequestMessage, type Payload } from "../wire/envelope.ts";
import { type Context, me } from "./context.ts";
import type { AboutKeys } from "./heal-request.ts";
import { leafCheckOf } from "./roster.ts";
import { successionChanges } from "./successor.ts";

type HealRequest = Extract<Payload, { kind: "heal-request" }>;
type Successor = Extract<Payload, { kind: "successor" }>;

/** What a request changes: who asks is noted, and answered once everything else was read. `undefined`: not a true one. */
export async function requestNoted(
  context: Context,
  { conversation, contact, group, topic }: AboutKeys,
  request: HealRequest,
): Promise<readonly Change[] | undefined> {
  const profile = await me(context);
  const list = succeedList(contact.deviceList, request.deviceList);
  const read = readKeyPackage(request.keyPackage);
  if (!list.ok || !read.ok) return undefined;
  // Nothing can come after the last one.
  if (Math.max(group?.generation ?? 0, request.generation) >= maxGeneration) return undefined;
  const { credential, signatureKey } = read.value;
  if (credential.account !== contact.key || credential.device === profile.device) return undefined;
  if (!leafCheckOf([request.deviceList])(credential, signatureKey)) return undefined;
  const message = healRequestMessage(
    { conversation: conversation.key, topic: topic.key },
    request.generation,
    request.keyPackage,
  );
  if (!verify(labels.healRequest, message, request.signature, signatureKey)) return undefined;
  const { generation, keyPackage, have } = request;
  const asker = { device: credential.device, generation, keyPackage, have };
  return [
    { kind: "put", table: "contacts", row: { ...contact, deviceList: request.deviceList } },
    { kind: "put", table: "conversations", row: { ...conversation, asker } },
  ];
}

/**
 * `changes`: this device goes on in the new group. `nothing`: an old one, or none that this device can open. `refused`: not
 * made by the rules.
 */
export async function successorTaken(
  context: Context,
  about: AboutKeys,
  successor: Successor,
): Promise<{ readonly changes: readonly Change[] } | "nothing" | "refused"> {
  const { conversation, contact, group, topic } = about;
  if (successor.generation <= (group?.generation ?? 0)) return "nothing";
  const asked = conversation.healing?.asked;
  const profile = await me(context);
  const list = succeedList(contact.deviceList, successor.deviceList);
  if (!list.ok) return "refused";
  // Not asked for, or made for an earlier request. If it is in use, what is said in it shows that.
  if (asked === undefined) return "nothing";
  const check = leafCheckOf([profile.deviceList, successor.deviceList]);
  const state = await joinGroup(successor.welcome, asked, check);
  if (!state.ok) return "nothing";
  const { context: agreed, members } = await viewGroup(state.value);
  const known = [profile.account, contact.key];
  if (agreed.kind !== "direct") return "refused";
  const sameTopic = equalBytes(sha256(agreed.topicSecret), sha256(topic.secret));
  const isOurs = agreed.conversation === conversation.key && sameTopic;
  if (!isOurs || agreed.generation !== successor.generation) return "refused";
  if (!members.every(({ credential }) => known.includes(credential.account))) return "refused";
  const changes = await successionChanges(context, profile, {
    conversation,
    before: group,
    topic,
    state: state.value,
    have: successor.have,
  });
  return {
    changes: [{ kind: "put", table: "contacts", row: { ...contact, deviceList: successor.deviceList } }, ...changes],
  };
}
