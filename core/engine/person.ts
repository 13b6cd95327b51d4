/** Beginning: the keys, the first device list and "Note to self" of a new person; and the person's name. */

import { publicKeyOf } from "../crypto/signature.ts";
import { createGroup } from "../group/create.ts";
import { accountOf, accountSeed } from "../identity/account.ts";
import type { ConversationId, DeviceId, NodeUrl } from "../lang/brand.ts";
import { noBytes, toHex } from "../lang/bytes.ts";
import { done, err, type Result } from "../lang/result.ts";
import type { ProfileRecord } from "../ports/people-records.ts";
import type { Change, Expectation } from "../ports/storage.ts";
import { checkName } from "../wire/content.ts";
import { encodeDeviceList, signDeviceList } from "../wire/device-list.ts";
import { deriveTopic } from "../wire/topic.ts";
import { type Context, commit, me } from "./context.ts";
import { freshConversation } from "./conversation-row.ts";
import type { NameFault, WriteFaultView } from "./face.ts";
import { firstGroupRecord } from "./group-step.ts";
import { ownKeyPackage } from "./own-leaf.ts";
import { profileBatch } from "./profile-row.ts";
import { leafCheckOf } from "./roster.ts";
import { quietBatch } from "./send.ts";
import { inTurns } from "./turns.ts";

const entropyBytes = 16;
const idBytesLength = 16;
const secretBytes = 32;

export function startPerson(
  context: Context,
  choice: { readonly name: string; readonly node: NodeUrl },
): Promise<Result<void, NameFault | WriteFaultView | "already-started">> {
  return context.turns("profile", async () => {
    const name = checkName(choice.name);
    if (!name.ok) return name;
    if ((await context.storage.get("profile", "me")) !== undefined) return err("already-started");
    const profile = newProfile(context, name.value, choice.node);
    const self = await selfConversation(context, profile);
    return commit(context, {
      expect: [{ table: "profile", key: "me", revision: undefined }],
      changes: [{ kind: "put", table: "profile", row: profile }, ...self],
    });
  });
}

function newProfile(context: Context, name: string, node: NodeUrl): ProfileRecord {
  const entropy = context.random.bytes(entropyBytes);
  const deviceSeed = context.random.bytes(secretBytes);
  const account = accountOf(entropy);
  const device = toHex(context.random.bytes(idBytesLength)) as DeviceId;
  const list = encodeDeviceList({
    account,
    sequence: 1,
    previousHash: noBytes,
    devices: [{ device, signatureKey: publicKeyOf(deviceSeed), addedAtMs: context.clock.now() }],
    revoked: [],
  });
  const deviceList = signDeviceList(list, accountSeed(entropy));
  return {
    key: "me",
    revision: 1,
    name,
    entropy,
    account,
    device,
    deviceSeed,
    deviceList,
    nodes: [node],
    receipts: true,
    relayOnly: false,
  };
}

/** A group of one: other devices of this person join it later. */
async function selfConversation(context: Context, profile: ProfileRecord): Promise<readonly Change[]> {
  const conversation = toHex(context.random.bytes(idBytesLength)) as ConversationId;
  const topicSecret = context.random.bytes(secretBytes);
  const own = await ownKeyPackage(profile);
  const state = await createGroup(
    context.random.bytes(idBytesLength),
    { conversation, kind: "self", topicSecret, nodes: profile.nodes, generation: 0 },
    own,
    leafCheckOf([profile.deviceList]),
  );
  const nowMs = context.clock.now();
  const { topic } = deriveTopic(topicSecret);
  // No topic row: while this is the only device there is nothing to follow.
  return [
    { kind: "put", table: "groups", row: await firstGroupRecord(conversation, state, nowMs) },
    { kind: "put", table: "conversations", row: freshConversation(conversation, "self", undefined, topic, [], nowMs) },
  ];
}

export async function rename(
  context: Context,
  raw: string,
  kick: (id: ConversationId) => void,
): Promise<Result<void, NameFault | WriteFaultView>> {
  const name = checkName(raw);
  return name.ok ? changeProfile(context, { name: name.value }, kick) : name;
}

/** Changes what contacts are told of this person, and tells them. */
export async function changeProfile(
  context: Context,
  change: Partial<Pick<ProfileRecord, "name" | "nodes">>,
  kick: (id: ConversationId) => void,
): Promise<Result<void, WriteFaultView>> {
  const direct = new Set(await acceptedConversations(context));
  // In groups the name alone: where mail is looked for is for contacts.
  const ids = [...direct, ...(change.name === undefined ? [] : await openGroups(context))];
  // One batch for all: an engine that dies in the middle must not leave contacts with different names of this person.
  const changed = await inTurns(context.turns, ["profile", ...ids], async () => {
    const profile = await me(context);
    const { name, nodes } = { ...profile, ...change };
    const own = profileBatch(profile, change);
    const expect: Expectation[] = [...own.expect];
    const changes: Change[] = [...own.changes];
    for (const id of ids) {
      const telling = await quietBatch(context, id, { kind: "profile", name, nodes: direct.has(id) ? nodes : [] });
      expect.push(...(telling?.expect ?? []));
      changes.push(...(telling?.changes ?? []));
    }
    return commit(context, { expect, changes });
  });
  if (!changed.ok) return changed;
  for (const id of ids) kick(id);
  return done;
}

async function acceptedConversations(context: Context): Promise<readonly ConversationId[]> {
  const accepted = new Set<string>(
    (await context.storage.all("contacts")).filter(({ state }) => state === "accepted").map(({ key }) => key),
  );
  const conversations = await context.storage.all("conversations");
  return conversations.filter(({ contact }) => contact !== undefined && accepted.has(contact)).map(({ key }) => key);
}

async function openGroups(context: Context): Promise<readonly ConversationId[]> {
  const conversations = await context.storage.all("conversations");
  return conversations.filter(({ group }) => group?.standing.kind === "member").map(({ key }) => key);
}

/** The 12 words, or `undefined` before anybody started. */
export async function phraseOf(context: Context): Promise<string | undefined> {
  const profile = await context.storage.get("profile", "me");
  if (profile === undefined) return undefined;
  // The word list is large and hardly ever looked at: it is fetched when it is.
  const { phraseFromEntropy } = await import("../crypto/phrase.ts");
  return phraseFromEntropy(profile.entropy);
}
