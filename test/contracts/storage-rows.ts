// Rows for storage tests: valid in shape, meaningless in content.
import { toHex, uint32 } from "../../core/lang/bytes.ts";
import type { ConversationRecord } from "../../core/ports/conversation-record.ts";
import type { GroupRecord } from "../../core/ports/group-records.ts";
import type { MessageRecord } from "../../core/ports/message-record.ts";
import type { KeptRecord, OutboxRecord, SeenRecord } from "../../core/ports/outbox-records.ts";
import type { ContactRecord, InviteRecord, ProfileRecord } from "../../core/ports/people-records.ts";
import type { Records, Table } from "../../core/ports/records.ts";
import type { Change } from "../../core/ports/storage.ts";
import type { TopicRecord } from "../../core/ports/topic-record.ts";

export const friends = "aa".repeat(16) as MessageRecord["conversation"];
export const work = "bb".repeat(16) as MessageRecord["conversation"];
const alice = "a1".repeat(32) as ContactRecord["key"];
const phone = "d1".repeat(16) as MessageRecord["authorDevice"];
const node = "https://node.example" as ProfileRecord["nodes"][number];

/** Change rows as a batch takes them. */
export const put = <T extends Table>(table: T, ...rows: readonly Records[T][]): readonly Change[] =>
  rows.map((row) => ({ kind: "put", table, row }) as Change);

/** The numbers that rows were made with. */
export const orders = (rows: readonly { readonly order: string }[]): number[] =>
  rows.map((row) => Number.parseInt(row.order, 16));

/** The `n`th message of a conversation; its order sorts as `n` does. */
export const message = (n: number, conversation = friends): MessageRecord => ({
  key: `${phone}/${conversation}${n}` as MessageRecord["key"],
  conversation,
  order: toHex(uint32(n)),
  author: alice,
  authorDevice: phone,
  sentAtMs: n,
  receivedAtMs: n,
  number: n,
  body: { kind: "text", text: `number ${n}` },
  deliveries: { [phone]: { deliveredAtMs: 5, readAtMs: 6, refusedAtMs: undefined } },
  held: [{ node, atMs: 1, untilMs: 9, brokenAtMs: undefined }],
  keepings: [{ keeper: alice, atMs: 1, untilMs: 9 }],
  trouble: { node, what: "full", atMs: 2 },
});

export const outboxRow = (n: number, conversation = friends, envelope = Uint8Array.of(n)): OutboxRecord => ({
  key: toHex(uint32(n)) as OutboxRecord["key"],
  conversation,
  topic: "cc".repeat(32) as OutboxRecord["topic"],
  order: toHex(uint32(n)),
  envelope,
  content: undefined,
  generation: 0,
  epoch: 0,
  refusals: 0,
  slot: undefined,
  ends: "acknowledged",
  waitingFor: [phone],
  alsoAt: [],
  custodies: [],
  keepings: [],
  message: undefined,
  sinceMs: n,
});

export const group = (revision: number, key = friends): GroupRecord => ({
  key,
  revision,
  generation: 0,
  state: { live: Uint8Array.of(1, 2, revision), trees: new Map([[0, Uint8Array.of(7)]]) },
  epoch: 0,
  joinedEpoch: 0,
  epochSecrets: [{ epoch: 0, secret: Uint8Array.of(9), endedBy: "" }],
  sealedSinceUpdate: 0,
  updatedAtMs: 0,
  pending: undefined,
});

export const contact = (name: string): ContactRecord => ({
  key: alice,
  name,
  deviceList: Uint8Array.of(7),
  state: "accepted",
  knownAs: "",
  verified: false,
  answered: true,
  relayOnly: false,
  nodes: [],
  profileOrder: "",
  keepsFor: false,
  keeper: false,
  keeperOrder: "",
  sinceMs: 1,
});

export const seen = (n: number): SeenRecord => ({
  key: toHex(uint32(n)) as SeenRecord["key"],
  conversation: friends,
  acknowledge: false,
  atMs: n,
  owedAtMs: n,
});

export const profile = (revision: number): ProfileRecord => ({
  key: "me",
  revision,
  name: "Alice",
  entropy: Uint8Array.of(4),
  account: alice,
  device: phone,
  deviceSeed: Uint8Array.of(5),
  deviceList: Uint8Array.of(6),
  nodes: [node],
  receipts: true,
  relayOnly: false,
});

export const conversation = (unread: number, key = friends): ConversationRecord => ({
  key,
  kind: "direct",
  contact: alice,
  group: undefined,
  muted: false,
  topic: "cc".repeat(32) as TopicRecord["key"],
  nodes: [node],
  nodesOrder: "",
  healing: undefined,
  asker: undefined,
  draft: "",
  clockMs: 0,
  clockCount: 0,
  readUpTo: "",
  unread,
  readAtMs: 0,
  readsDue: [],
  sentNumber: 0,
  received: {},
  newcomers: [],
  shared: undefined,
  last: undefined,
  sinceMs: 1,
});

export const topic = (cursor: number): TopicRecord => ({
  key: "cc".repeat(32) as TopicRecord["key"],
  secret: Uint8Array.of(1),
  places: [{ node, cursor, ahead: undefined, leftAtMs: undefined }],
  due: [],
  purpose: { kind: "conversation", conversation: friends },
});

export const invite = (link: string): InviteRecord => ({
  key: "ee".repeat(16) as InviteRecord["key"],
  link,
  secret: Uint8Array.of(2),
  node,
  nodes: [node],
  createdAtMs: 1,
  expiresAtMs: 2,
  keyPackage: undefined,
  envelope: Uint8Array.of(5),
  published: true,
  withdrawn: false,
  retentionMs: 1,
  usedBy: undefined,
});

export const kept = (n: number): KeptRecord => ({
  key: `${toHex(uint32(n))}/${alice}`,
  hash: toHex(uint32(n)) as KeptRecord["hash"],
  topic: "cc".repeat(32) as KeptRecord["topic"],
  from: alice,
  devices: [phone],
  envelope: Uint8Array.of(n),
  place: n,
  untilMs: n,
});

/** A row of every table as it is today: the compiler sees to it that no field is missing. */
export const samples: { readonly [T in Table]: Records[T] } = {
  profile: profile(1),
  contacts: contact("Alice"),
  conversations: conversation(0),
  messages: message(1),
  groups: group(1),
  trees: { key: `${friends} ${"ae".repeat(32)}`, bytes: Uint8Array.of(4) },
  outbox: outboxRow(1),
  seen: seen(1),
  topics: topic(0),
  invites: invite("https://kith.example/#/i/AQ"),
  kept: kept(1),
  changes: {
    key: "ab".repeat(16),
    conversation: friends,
    act: { kind: "rename", name: "Walkers" },
    place: 1,
    sinceMs: 1,
  },
  keyPackages: {
    key: "ac".repeat(32),
    account: alice,
    device: phone,
    publicPackage: Uint8Array.of(1),
    privatePackage: Uint8Array.of(2),
    sinceMs: 1,
    usedAtMs: undefined,
  },
  groupLinks: {
    key: "cd".repeat(32) as TopicRecord["key"],
    conversation: friends,
    id: "ef".repeat(16) as InviteRecord["key"],
    link: "https://kith.example/#/i/Ag",
    secret: Uint8Array.of(4),
    node,
    by: alice,
    createdAtMs: 1,
    expiresAtMs: 2,
    budget: 5,
    joined: [alice],
    toLeave: [Uint8Array.of(5)],
    answerSeed: Uint8Array.of(10),
    withdrawn: false,
    tell: false,
    shown: { deviceList: Uint8Array.of(13), device: phone, madeAtMs: 1, answerers: ["ad".repeat(32)] },
  },
  joinRequests: {
    key: "cd/a1",
    conversation: friends,
    link: "cd".repeat(32) as TopicRecord["key"],
    account: alice,
    name: "Alice",
    deviceList: Uint8Array.of(6),
    keyPackages: [Uint8Array.of(7)],
    atMs: 1,
    request: "ab".repeat(32),
    over: ["ac".repeat(32)],
  },
  asked: {
    key: "ce".repeat(32) as TopicRecord["key"],
    by: alice,
    node,
    publicPackage: Uint8Array.of(8),
    privatePackage: Uint8Array.of(9),
    earlier: [{ publicPackage: Uint8Array.of(14), privatePackage: Uint8Array.of(15) }],
    envelope: undefined,
    atMs: 1,
    name: "Hikers",
    emoji: "",
    people: 2,
    expiresAtMs: 2,
    answerKey: Uint8Array.of(11),
    shown: { deviceList: Uint8Array.of(13), device: phone, madeAtMs: 1, answerers: ["ad".repeat(32)] },
    request: Uint8Array.of(12),
    state: "waiting",
  },
  parts: { key: "ad", topic: "cc".repeat(32) as TopicRecord["key"], bytes: Uint8Array.of(3), atMs: 1 },
};
