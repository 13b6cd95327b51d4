/**
 * Groups that a member's device knows nothing of any more, for its disk is an earlier copy (§13.7): a contact who is in them says
 * that it is there, and it asks them for a leaf. Does not make the commit, and does not join.
 */

import { labels } from "../crypto/labels.ts";
import { sign } from "../crypto/signature.ts";
import { isReadable, viewGroup } from "../group/state.ts";
import type { AccountId, ConversationId, DeviceId } from "../lang/brand.ts";
import { noBytes, toHex } from "../lang/bytes.ts";
import { assertNever } from "../lang/result.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { ChangeRecord } from "../ports/group-records.ts";
import type { KeyPackageRecord } from "../ports/people-records.ts";
import type { Change } from "../ports/storage.ts";
import { maxGroupsThere } from "../wire/bounds.ts";
import type { AboutGroups, GroupThere } from "../wire/content-group.ts";
import type { Credential } from "../wire/credential.ts";
import { healRequestMessage } from "../wire/envelope.ts";
import { type Context, commit, me } from "./context.ts";
import { untilDueMs } from "./group-heal.ts";
import { keyOfPackage } from "./key-stock.ts";
import { askerOf } from "./leaf-asked.ts";
import { ownKeyPackage } from "./own-leaf.ts";
import { quietBatch } from "./send.ts";
import { personWith, presentPeople } from "./talking.ts";
import { conversationWith } from "./welcome.ts";

/** After a link opened: a Welcome or the next topic may be under way to the other end. */
const patienceMs = 60_000;
/** Between two times that a device is told, and that it asks. Lower: who says that it knows nothing has others make commits. */
const againMs = 3_600_000;
/** At most, where it goes on naming nothing on one link: what it asked for then may have been lost, or it has long been answered. */
const mostAgainMs = 24 * 3_600_000;

export interface LostGroups {
  /** `named`: of which it says on this link what it has of them; it knows those. */
  linkOpened(device: DeviceId, account: AccountId, named: ReadonlySet<ConversationId>): Promise<void>;
  linkClosed(device: DeviceId): void;
  /** It could not open something that was for it alone, in the conversation `id` with its person. */
  refused(id: ConversationId, device: DeviceId): Promise<void>;
  /** `id`: the conversation with them. */
  told(id: ConversationId, by: Credential, body: AboutGroups): Promise<void>;
  stop(): void;
}

/** `kick`: something is to be carried. `leafWanted`: a leaf is to be given in that group. */
export function createLostGroups(
  context: Context,
  { kick, leafWanted }: { kick(id: ConversationId): void; leafWanted(id: ConversationId): Promise<void> },
): LostGroups {
  /** Of the link that is open now, as long as one is. */
  const known = new Map<DeviceId, ReadonlySet<ConversationId>>();
  const timers = new Map<DeviceId, () => void>();
  const toldAtMs = new Map<DeviceId, number>();
  let stopped = false;

  /** How long this device is not to be told again. */
  function restMs(device: DeviceId): number {
    const sinceMs = context.clock.now() - (toldAtMs.get(device) ?? Number.NEGATIVE_INFINITY);
    // Told in the future: the clock was set back.
    return sinceMs < 0 ? 0 : Math.max(0, againMs - sinceMs);
  }

  /** Of these groups, as far as it is in them and did not name them since. */
  async function tell(device: DeviceId, account: AccountId, of: readonly GroupThere[]): Promise<void> {
    const now = await groupsWith(context, device, account);
    const isOf = ({ conversation }: GroupThere) => of.some((one) => one.conversation === conversation);
    const groups = now.filter((one) => isOf(one) && !known.get(device)?.has(one.conversation));
    const between = groups.length > 0 ? await conversationWith(context, account) : undefined;
    if (between === undefined || restMs(device) > 0) return;
    toldAtMs.set(device, context.clock.now());
    const { key } = between.conversation;
    const said = await context.turns(key, async () => {
      const batch = await quietBatch(context, key, { kind: "there", groups: groups.slice(0, maxGroupsThere) });
      return batch !== undefined && (await commit(context, batch)).ok;
    });
    if (said) kick(key);
  }

  /** As long as it does not name them on this link. */
  function tellLater(device: DeviceId, account: AccountId, of: readonly GroupThere[], delayMs = patienceMs): void {
    forget(device);
    if (stopped || of.every(({ conversation }) => known.get(device)?.has(conversation))) return;
    const failed = (error: unknown) => context.log.fault("a device was not told of its groups", error);
    const later = async () => {
      timers.delete(device);
      await tell(device, account, of).catch(failed);
      // The link may be another one by now, with a time of its own.
      if (!known.has(device) || timers.has(device)) return;
      tellLater(device, account, of, Math.min(mostAgainMs, Math.max(againMs, 2 * delayMs)));
    };
    timers.set(
      device,
      context.clock.after(Math.max(delayMs, restMs(device)), () => void later()),
    );
  }

  function forget(device: DeviceId): void {
    timers.get(device)?.();
    timers.delete(device);
  }

  return {
    async linkOpened(device, account, named) {
      known.set(device, named);
      // What begins from now on it hears of as everybody does.
      tellLater(device, account, await groupsWith(context, device, account));
    },
    linkClosed(device) {
      forget(device);
      known.delete(device);
    },
    async refused(id, device) {
      const account = (await context.storage.get("conversations", id))?.contact;
      if (account !== undefined) await tell(device, account, await groupsWith(context, device, account));
    },
    async told(id, by, body) {
      switch (body.kind) {
        case "there": {
          const asked = await context.turns(id, () => askedFor(context, id, by.account, body.groups));
          if (asked) kick(id);
          return;
        }
        case "leaf-wanted": {
          const noted = await context.turns(body.conversation, () => leafNoted(context, by, body));
          if (noted) await leafWanted(body.conversation);
          return;
        }
        default:
          return assertNever(body);
      }
    },
    stop() {
      stopped = true;
      for (const device of [...timers.keys()]) forget(device);
    },
  };
}

/** In which the device is, as this one knows with sound keys. */
async function groupsWith(context: Context, device: DeviceId, account: AccountId): Promise<readonly GroupThere[]> {
  const all = await context.storage.all("conversations");
  return all.flatMap(({ key: conversation, topic, group, healing }) => {
    if (group?.standing.kind !== "member" || healing !== undefined) return [];
    // Who said that they leave knows it no more, as they wanted.
    const isThere = presentPeople(group).some((one) => one.account === account && one.devices.includes(device));
    return isThere && context.caughtUp.has(conversation) ? [{ conversation, topic }] : [];
  });
}

/** Of one contact alone: two would each give another leaf. Call within the turn of the conversation with them. */
async function askedFor(
  context: Context,
  id: ConversationId,
  account: AccountId,
  groups: readonly GroupThere[],
): Promise<boolean> {
  const profile = await me(context);
  const nowMs = context.clock.now();
  const isRecent = ({ sinceMs }: KeyPackageRecord) => sinceMs <= nowMs && nowMs - sinceMs < againMs;
  let asked = false;
  for (const { conversation, topic } of groups) {
    if ((await context.storage.get("conversations", conversation)) !== undefined) continue;
    // A topic is of one conversation: who names another one with it made that up.
    if ((await context.storage.get("topics", topic)) !== undefined) continue;
    const waiting = (await context.storage.all("keyPackages")).filter(({ lost }) => lost !== undefined);
    const before = waiting.filter(({ lost }) => lost === conversation);
    if (before.some(isRecent)) continue;
    const others = waiting.filter((one) => one.account === account && one.lost !== conversation);
    const oldestFirst = others.sort((a, b) => a.sinceMs - b.sinceMs);
    // Names of groups cost them nothing, and keys for each do here.
    const tooMany = oldestFirst.slice(0, Math.max(0, others.length - (maxGroupsThere - 1)));
    if (tooMany.some(isRecent)) return asked;
    const pair = await ownKeyPackage(profile);
    const { publicPackage: keyPackage } = pair;
    const signature = sign(
      labels.healRequest,
      healRequestMessage({ conversation, topic }, 0, keyPackage),
      profile.deviceSeed,
    );
    const about = { account, device: profile.device, sinceMs: nowMs, usedAtMs: nowMs, lost: conversation };
    const row: KeyPackageRecord = { key: keyOfPackage(keyPackage), ...about, ...pair };
    const batch = await quietBatch(context, id, { kind: "leaf-wanted", conversation, keyPackage, signature }, () => [
      // Whoever was asked before did not answer.
      ...[...before, ...tooMany].map(({ key }): Change => ({ kind: "delete", table: "keyPackages", key })),
      { kind: "put", table: "keyPackages", row },
    ]);
    if (batch !== undefined && (await commit(context, batch)).ok) asked = true;
  }
  return asked;
}

/** Call within the group's turn. */
async function leafNoted(
  context: Context,
  by: Credential,
  { conversation: id, keyPackage, signature }: Extract<AboutGroups, { kind: "leaf-wanted" }>,
): Promise<boolean> {
  const conversation = await context.storage.get("conversations", id);
  const group = await context.storage.get("groups", id);
  const topic = conversation && (await context.storage.get("topics", conversation.topic));
  if (topic === undefined || group === undefined || !isReadable(group.state) || !isListed(conversation, by))
    return false;
  const contact = await context.storage.get("contacts", by.account);
  const request = { keyPackage, signature, generation: 0, deviceList: contact?.deviceList ?? noBytes };
  const asker = await askerOf(context, { topic }, await viewGroup(group.state), request);
  if (asker?.device !== by.device || asker.account !== by.account) return false;
  const all = (await context.storage.all("changes")).filter((one) => one.conversation === id);
  const before = all.find(({ act }) => act.kind === "give-leaf" && act.device === by.device);
  const nowMs = context.clock.now();
  const noted = before?.act.kind === "give-leaf" ? before.act.notBeforeMs : nowMs;
  const { account, device, deviceList } = asker;
  const asked = { keyPackage, signature, deviceList };
  const row: ChangeRecord = {
    key: before?.key ?? toHex(context.random.bytes(16)),
    conversation: id,
    act: { kind: "give-leaf", account, device, asked, notBeforeMs: nowMs + untilDueMs(noted, nowMs), between: true },
    place: before?.place ?? 1 + Math.max(0, ...all.map(({ place }) => place)),
    sinceMs: nowMs,
  };
  return (await commit(context, { changes: [{ kind: "put", table: "changes", row }] })).ok;
}

/** A further device is told of the group by those of its own person. */
function isListed(conversation: ConversationRecord | undefined, { account, device }: Credential): boolean {
  const group = conversation?.group;
  return group?.standing.kind === "member" && personWith(group, device) === account;
}
