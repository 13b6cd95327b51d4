/**
 * A copy of a group, of which this person is the owner (§13.14): it begins with what this device has of the group's messages.
 * They have numbers of their own there, since the devices that wrote them may write in the copy, too. Writes all or nothing.
 */

import { runsOf } from "../conversation/history.ts";
import { sha256 } from "../crypto/hash.ts";
import { labelled, labels } from "../crypto/labels.ts";
import type { AccountId, ConversationId, DeviceId, MessageId } from "../lang/brand.ts";
import { concat, idBytes, toHex } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import type { ConversationRecord, SharedHistory } from "../ports/conversation-record.ts";
import type { MessageRecord } from "../ports/message-record.ts";
import type { ProfileRecord } from "../ports/people-records.ts";
import type { Change } from "../ports/storage.ts";
import type { Ranges } from "../wire/have.ts";
import type { HistoryEntry } from "../wire/history.ts";
import { type Context, commit, me } from "./context.ts";
import { beginning, checkedChoice, type NewGroup } from "./group-create.ts";
import type { GroupFault } from "./group-face.ts";
import { authorsOf, entriesHere } from "./history-entries.ts";
import { sharedRow } from "./history-take.ts";

/** Written in one batch. Higher: more than a second on a slow disk. */
const maxCopied = 2_000;
const deviceLength = 16;

export interface GroupCopy extends NewGroup {
  readonly history: boolean;
  readonly byLink: boolean;
}

/** Who waits for a copy. */
export interface CopyWatch {
  /** Once `aborted`, nothing is written any more; what was read is forgotten. */
  readonly signal: { readonly aborted: boolean };
  /** So many messages were read. */
  readonly read: (messages: number) => void;
}

const unwatched: CopyWatch = { signal: { aborted: false }, read: () => {} };

export async function forkGroup(
  context: Context,
  id: ConversationId,
  choice: GroupCopy,
  watch: CopyWatch = unwatched,
): Promise<Result<ConversationId, GroupFault | "cancelled">> {
  const old = await context.storage.get("conversations", id);
  if (old?.group === undefined) return err("no-such-conversation");
  const members = new Set(old.group.people.map(({ account }) => account));
  if (choice.people.some((account) => !members.has(account))) return err("people");
  const checked = await checkedChoice(context, choice);
  if (!checked.ok) return checked;
  const begun = await beginning(context, {
    ...checked.value,
    facts: { history: choice.history ? "all" : "none", joining: choice.byLink ? "open" : "approval" },
    // What is said in the copy comes after what was copied, also where others' clocks ran ahead.
    time: { clockMs: Math.max(context.clock.now(), old.clockMs + 1), clockCount: 0 },
    event: { kind: "created", from: old.group.facts.name },
  });
  const profile = await me(context);
  const copied = choice.history ? await copyOf(context, old, begun.conversation, watch) : { rows: [] };
  const newest = copied.rows.filter(({ body }) => body.kind === "text").at(-1);
  const row: ConversationRecord = {
    ...begun.conversation,
    shared: copied.shared,
    last: newest && lastOf(newest, profile),
  };
  if (watch.signal.aborted) return err("cancelled");
  const written = await commit(context, {
    changes: [
      { kind: "put", table: "conversations", row },
      ...begun.changes,
      ...copied.rows.map((message): Change => ({ kind: "put", table: "messages", row: message })),
    ],
  });
  return written.ok ? ok(row.key) : written;
}

interface Copied {
  /** Oldest first. */
  readonly rows: readonly MessageRecord[];
  readonly shared?: SharedHistory;
}

async function copyOf(
  context: Context,
  old: ConversationRecord,
  { key: conversation }: ConversationRecord,
  { signal, read }: CopyWatch,
): Promise<Copied> {
  const profile = await me(context);
  const told = (rows: number) => {
    read(rows);
    return !signal.aborted;
  };
  const { entries, owners } = await entriesHere(context, old, profile, { most: maxCopied, read: told });
  const nowMs = context.clock.now();
  const devices = new Map([...owners.keys()].map((device) => [device, copiedDevice(conversation, device)]));
  const numbers = new Map<DeviceId, number[]>();
  const rows = entries.flatMap((entry) => {
    const [device, content] = entry.message.split("/") as [DeviceId, string];
    const [author, copiedAs] = [owners.get(device), devices.get(device)];
    if (author === undefined || copiedAs === undefined) return [];
    const theirs = numbers.get(copiedAs);
    if (theirs === undefined) numbers.set(copiedAs, [entry.number]);
    else theirs.push(entry.number);
    const copy: HistoryEntry = { ...entry, message: `${copiedAs}/${content}` as MessageId };
    return sharedRow(copy, { conversation, author, by: profile.account, nowMs }) ?? [];
  });
  if (rows.length === 0) return { rows };
  const authors = await authorsOf(context, owners, old, profile);
  const names = Object.fromEntries(authors.map(({ account, name }): [AccountId, string] => [account, name]));
  const shared = { by: profile.account, names, ...countedOf(numbers) };
  return { rows: rows.toSorted((a, b) => (a.order < b.order ? -1 : 1)), shared };
}

/** Of a device's numbers those between the first and the last exist; what is not among them is missing in the copy as well. */
function countedOf(numbers: ReadonlyMap<DeviceId, readonly number[]>): Pick<SharedHistory, "exist" | "here"> {
  const exist: Record<DeviceId, Ranges> = {};
  const here: Record<DeviceId, Ranges> = {};
  for (const [device, all] of numbers) {
    const runs = runsOf(all);
    const [first = 0, last = 0] = [runs[0]?.[0], runs.at(-1)?.[1]];
    here[device] = runs;
    exist[device] = [[first, last]];
  }
  return { exist, here };
}

function copiedDevice(conversation: ConversationId, device: DeviceId): DeviceId {
  const hash = sha256(labelled(labels.copiedDevice, concat(idBytes(conversation), idBytes(device))));
  return toHex(hash.subarray(0, deviceLength)) as DeviceId;
}

function lastOf(
  { order, body, author, sentAtMs }: MessageRecord,
  { account }: ProfileRecord,
): ConversationRecord["last"] {
  if (body.kind !== "text") return undefined;
  return { order, text: body.text, mine: author === account, author, atMs: sentAtMs };
}
