/** One valid value and its bytes for every format of the wire, from fixed inputs: for golden bytes and for mutation. */

import { messageIdOf } from "../../../core/conversation/order.ts";
import { sha256 } from "../../../core/crypto/hash.ts";
import { labels } from "../../../core/crypto/labels.ts";
import { publicKeyOf, sign } from "../../../core/crypto/signature.ts";
import type { AccountId, ConversationId, DeviceId, EnvelopeHash, NodeUrl } from "../../../core/lang/brand.ts";
import { concat, toHex } from "../../../core/lang/bytes.ts";
import { encodeClientFrame } from "../../../core/wire/client-frame.ts";
import { type CommitNote, encodeCommitNote } from "../../../core/wire/commit-note.ts";
import { type Content, type ContentBody, encodeContent } from "../../../core/wire/content.ts";
import {
  encodeConversationContext,
  type GroupContext,
  type PairContext,
} from "../../../core/wire/conversation-context.ts";
import { type Credential, encodeCredential } from "../../../core/wire/credential.ts";
import { type DeviceList, encodeDeviceList, signDeviceList } from "../../../core/wire/device-list.ts";
import { healRequestMessage, type Payload, sealEnvelope } from "../../../core/wire/envelope.ts";
import { epochMark, epochMarkBytes, epochMarksMessage } from "../../../core/wire/epoch-marks.ts";
import { encodeGroupCard, type GroupCard } from "../../../core/wire/group-card.ts";
import { joinRequestMessage } from "../../../core/wire/group-payload.ts";
import type { HaveOf } from "../../../core/wire/have.ts";
import {
  encodeHistoryCapsule,
  encodeHistoryPiece,
  type HistoryCapsule,
  type HistoryEntry,
} from "../../../core/wire/history.ts";
import { formatInviteLink, type InviteLinkText } from "../../../core/wire/invite-link.ts";
import { peopleMark } from "../../../core/wire/known-group.ts";
import { type LeaveStatement, signLeave } from "../../../core/wire/leave.ts";
import { signLinkAnswer } from "../../../core/wire/link-answer.ts";
import { encodeLinkFrame, keepingMessage, type LinkFrame, linkMac } from "../../../core/wire/link-protocol.ts";
import { encodeLinkShown, type LinkShown, linkAnswerer, signLinkShown } from "../../../core/wire/link-shown.ts";
import { encodeNodeFrame } from "../../../core/wire/node-frame.ts";
import type { ClientFrame, NodeFrame } from "../../../core/wire/node-protocol.ts";
import { encodeSignal, type Signal, sealSignal } from "../../../core/wire/signal.ts";
import { type OwnerClaim, signOwnerGone } from "../../../core/wire/succession.ts";
import { deriveTopic } from "../../../core/wire/topic.ts";

/** `length` bytes that count up from `first`, so that swapped or shifted fields show. */
export function countUp(first: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (first + index) & 0xff);
}

export const accountSeed = countUp(0x10, 32);
export const account = toHex(publicKeyOf(accountSeed)) as AccountId;
export const laptop = toHex(countUp(0x20, 16)) as DeviceId;
export const phone = toHex(countUp(0x30, 16)) as DeviceId;
export const lostPhone = toHex(countUp(0x40, 16)) as DeviceId;
export const node = "https://node.kith.example" as NodeUrl;
export const otherNode = "http://localhost:8080" as NodeUrl;
export const topicSecret = countUp(0x50, 32);
export const keys = deriveTopic(topicSecret);
export const nonce = countUp(0x60, 24);
export const epochSecret = countUp(0x70, 32);
export const sentAtMs = 1_795_000_000_123;
export const hash = (first: number) => toHex(countUp(first, 32)) as EnvelopeHash;

export const deviceLists = {
  first: {
    account,
    sequence: 1,
    previousHash: new Uint8Array(0),
    devices: [{ device: laptop, signatureKey: publicKeyOf(countUp(0x21, 32)), addedAtMs: sentAtMs }],
    revoked: [],
  },
  third: {
    account,
    sequence: 3,
    previousHash: sha256(countUp(0, 8)),
    devices: [
      { device: laptop, signatureKey: publicKeyOf(countUp(0x21, 32)), addedAtMs: sentAtMs },
      { device: phone, signatureKey: publicKeyOf(countUp(0x31, 32)), addedAtMs: sentAtMs + 1000 },
    ],
    revoked: [lostPhone],
  },
} satisfies Record<string, DeviceList>;

export const credential: Credential = { account, device: laptop, listSequence: 1 };

export const context: PairContext = {
  conversation: toHex(countUp(0x80, 16)) as ConversationId,
  kind: "direct",
  topicSecret,
  nodes: [node, otherNode],
  generation: 3,
};

export const bobSeed = countUp(0x11, 32);
export const bob = toHex(publicKeyOf(bobSeed)) as AccountId;
export const bobPhone = toHex(countUp(0x41, 16)) as DeviceId;
export const bobPhoneSeed = countUp(0x42, 32);
export const bobList: DeviceList = {
  account: bob,
  sequence: 1,
  previousHash: new Uint8Array(0),
  devices: [{ device: bobPhone, signatureKey: publicKeyOf(bobPhoneSeed), addedAtMs: sentAtMs }],
  revoked: [],
};
const ascending = <One extends { readonly account: AccountId }>(...list: One[]): readonly One[] =>
  list.sort((a, b) => (a.account < b.account ? -1 : 1));

export const groupContexts = {
  group: {
    conversation: toHex(countUp(0x81, 16)) as ConversationId,
    kind: "group",
    generation: 0,
    facts: {
      name: "Zoë’s hikers",
      description: "Sundays at 8,\nrain or shine.",
      emoji: "🥾",
      roles: ascending({ account, role: "owner" as const }, { account: bob, role: "admin" as const }),
      writers: "everybody",
      slowModeS: 30,
      history: "last-100",
      joining: "approval",
      rotation: 3,
      nodes: [node, otherNode],
    },
  },
  "group-that-only-admins-write-in": {
    conversation: toHex(countUp(0x81, 16)) as ConversationId,
    kind: "group",
    generation: 0,
    facts: {
      name: "News",
      description: "",
      emoji: "",
      roles: [],
      writers: "admins",
      slowModeS: 0,
      history: "none",
      joining: "open",
      rotation: 0,
      nodes: [otherNode],
    },
  },
} satisfies Record<string, GroupContext>;
const hikers = groupContexts.group.conversation;

/** A device asks for a leaf with a KeyPackage of 40 bytes from 0xa0 on. */
function signHealing(generation: number, seed: Uint8Array, conversation = hikers): Uint8Array {
  const within = { conversation, topic: keys.topic };
  return sign(labels.healRequest, healRequestMessage(within, generation, countUp(0xa0, 40)), seed);
}

const leafKey = countUp(0x43, 40);
export const bobLeaves: LeaveStatement = {
  account: bob,
  device: bobPhone,
  signature: signLeave({ conversation: hikers, account: bob, encryptionKey: leafKey }, bobPhoneSeed),
};

const ownerGone: OwnerClaim = { claim: toHex(countUp(0xd0, 16)), owner: account, next: bob };
const ownerGoneSigned = signOwnerGone({ ...ownerGone, conversation: hikers, absence: countUp(0xd1, 32) }, bobPhoneSeed);

export const commitNotes = {
  renewal: {
    id: toHex(countUp(1, 8)),
    clockMs: sentAtMs,
    clockCount: 2,
    lists: [],
    names: [],
    leaves: [],
    healed: undefined,
    link: undefined,
    succession: undefined,
  },
  addition: {
    id: toHex(countUp(2, 8)),
    clockMs: sentAtMs,
    clockCount: 0,
    lists: [signed(deviceLists.third), signDeviceList(encodeDeviceList(bobList), bobSeed)],
    names: ascending({ account, name: "Zoë 🦊" }, { account: bob, name: "Bob" }),
    leaves: [],
    healed: undefined,
    link: keys.topic,
    succession: undefined,
  },
  "removal-of-who-left": {
    id: toHex(countUp(3, 8)),
    clockMs: sentAtMs,
    clockCount: 0,
    lists: [],
    names: [],
    leaves: [bobLeaves],
    healed: undefined,
    link: undefined,
    succession: undefined,
  },
  healing: {
    id: toHex(countUp(4, 8)),
    clockMs: sentAtMs,
    clockCount: 0,
    lists: [],
    names: [],
    leaves: [],
    healed: {
      device: bobPhone,
      generation: 0,
      signature: signHealing(0, bobPhoneSeed),
    },
    link: undefined,
    succession: undefined,
  },
  succession: {
    id: toHex(countUp(5, 8)),
    clockMs: sentAtMs,
    clockCount: 0,
    lists: [],
    names: [],
    leaves: [],
    healed: undefined,
    link: undefined,
    succession: { ...ownerGone, confirmations: [{ account: bob, device: bobPhone, signature: ownerGoneSigned }] },
  },
} satisfies Record<string, CommitNote>;

export const groupCards = {
  one: {
    topicSecret,
    lists: [signed(deviceLists.third), signDeviceList(encodeDeviceList(bobList), bobSeed)],
    names: ascending({ account, name: "Zoë 🦊" }, { account: bob, name: "Bob" }),
    leaves: [bobLeaves],
    event: {
      id: toHex(countUp(2, 8)),
      clockMs: sentAtMs,
      clockCount: 0,
      added: ascending({ account }, { account: bob }).map((one) => one.account),
      link: keys.topic,
    },
    putOut: [toHex(countUp(0xd1, 16)), toHex(countUp(0xd0, 16))],
    have: [],
    marks: undefined,
    replaced: false,
  },
  "of-who-is-healed": {
    topicSecret,
    lists: [signed(deviceLists.third)],
    names: [],
    leaves: [],
    event: { id: toHex(countUp(4, 8)), clockMs: sentAtMs, clockCount: 0, added: [], link: undefined },
    putOut: [],
    have: [{ device: phone, ranges: [[1, 7]] }],
    marks: { first: 6, marks: countUp(0xe0, 2 * epochMarkBytes) },
    replaced: true,
  },
} satisfies Record<string, GroupCard>;

export const historyPieces = {
  one: [
    {
      message: messageIdOf(laptop, toHex(countUp(1, 8))),
      number: 9,
      clockMs: sentAtMs,
      clockCount: 1,
      what: { kind: "text", text: "Grüße, 👋🏽\nAlice" },
    },
    {
      message: messageIdOf(bobPhone, toHex(countUp(2, 8))),
      number: 4,
      clockMs: sentAtMs - 1,
      clockCount: 0,
      what: { kind: "removed", by: account },
    },
    {
      message: messageIdOf(laptop, toHex(countUp(3, 8))),
      number: 7,
      clockMs: sentAtMs - 2,
      clockCount: 0,
      what: { kind: "unshown" },
    },
  ],
} satisfies Record<string, readonly HistoryEntry[]>;

export const historyCapsules = {
  one: {
    conversation: hikers,
    account: bob,
    madeAtMs: sentAtMs,
    persons: ascending(
      {
        account,
        name: "Zoë 🦊",
        devices: [
          {
            device: laptop,
            first: 7,
            last: 9,
            ranges: [
              [7, 7],
              [9, 9],
            ],
          },
        ],
      },
      { account: bob, name: "Bob", devices: [{ device: bobPhone, first: 4, last: 4, ranges: [[4, 4]] }] },
    ),
    pieces: [toHex(sha256(encodeHistoryPiece(historyPieces.one)))],
  },
} satisfies Record<string, HistoryCapsule>;
const capsuleBytes = valueIn(encodeHistoryCapsule(historyCapsules.one));

/** All of the laptop's to 300 but one, and one of the phone's, as members shared it; nothing of the one that is lost. */
export const have: readonly HaveOf[] = [
  {
    device: laptop,
    ranges: [
      [1, 7],
      [9, 300],
    ],
  },
  { device: phone, ranges: [[4, 4]], shared: true },
  { device: lostPhone, ranges: [] },
];

/** What is no message, so it has no number. */
const aside = <B extends ContentBody>(first: number, body: B) => ({
  id: toHex(countUp(first, 8)),
  clockMs: sentAtMs,
  clockCount: 0,
  number: 0,
  body,
});

export const contents = {
  text: {
    id: toHex(countUp(1, 8)),
    clockMs: sentAtMs,
    clockCount: 2,
    number: 17,
    body: { kind: "text", text: "Grüße, 👋🏽\nAlice" },
  },
  profile: aside(2, { kind: "profile", name: "Zoë 🦊", nodes: [] }),
  "profile-with-nodes": aside(2, { kind: "profile", name: "Zoë 🦊", nodes: [node, otherNode] }),
  delivered: aside(3, { kind: "delivered", hashes: [hash(1), hash(2)], refused: [hash(3)] }),
  read: aside(4, {
    kind: "read",
    messages: [messageIdOf(laptop, toHex(countUp(1, 8))), messageIdOf(phone, toHex(countUp(9, 8)))],
  }),
  nodes: aside(5, { kind: "nodes", nodes: [otherNode, node] }),
  have: aside(6, { kind: "have", have }),
  "keeper-on": aside(7, { kind: "keeper", on: true }),
  "keeper-off": aside(7, { kind: "keeper", on: false }),
  "key-packages": aside(8, { kind: "key-packages", packages: [countUp(0xa0, 40), countUp(0xa1, 41)] }),
  leave: { ...aside(9, { kind: "leave", signature: bobLeaves.signature }), number: 18 },
  "group-invite": {
    ...aside(10, {
      kind: "group-invite",
      secret: countUp(0xc0, 16),
      node,
      expiresAtMs: sentAtMs + 1000,
      budget: 10,
      withdrawn: false,
      account,
      answerSeed: countUp(0xc1, 32),
      joined: [],
    }),
    number: 19,
  },
  "group-invite-withdrawn": {
    ...aside(10, {
      kind: "group-invite",
      secret: countUp(0xc0, 16),
      node,
      expiresAtMs: sentAtMs + 1000,
      budget: 10,
      withdrawn: true,
      account,
      answerSeed: countUp(0xc1, 32),
      joined: [account, bob].sort(),
    }),
    number: 20,
  },
  "remove-message": {
    ...aside(11, { kind: "remove-message", message: messageIdOf(laptop, toHex(countUp(1, 8))) }),
    number: 21,
  },
  report: {
    ...aside(12, { kind: "report", message: messageIdOf(laptop, toHex(countUp(1, 8))), text: "Not nice." }),
    number: 22,
  },
  "history-offer": {
    ...aside(13, {
      kind: "history-offer",
      topicSecret,
      capsule: capsuleBytes,
      signature: sign(labels.history, capsuleBytes, countUp(0x21, 32)),
    }),
    number: 23,
  },
  "owner-gone": { ...aside(14, { kind: "owner-gone", ...ownerGone, withdrawn: false }), number: 24 },
  "owner-gone-where-there-is-none": {
    ...aside(15, { kind: "owner-gone", ...ownerGone, owner: undefined, withdrawn: true }),
    number: 25,
  },
  "owner-confirm": {
    ...aside(16, { kind: "owner-confirm", ...ownerGone, signature: ownerGoneSigned }),
    number: 26,
  },
  unsaid: { ...aside(17, { kind: "unsaid" }), number: 27 },
  "not-for": aside(18, {
    kind: "not-for",
    device: phone,
    ranges: [
      [1, 4],
      [9, 9],
    ],
  }),
  there: aside(19, {
    kind: "there",
    groups: [{ conversation: toHex(countUp(0x71, 16)) as ConversationId, topic: keys.topic }],
  }),
  "leaf-wanted": aside(20, {
    kind: "leaf-wanted",
    conversation: toHex(countUp(0x71, 16)) as ConversationId,
    keyPackage: countUp(0xa0, 40),
    signature: signHealing(0, bobPhoneSeed, toHex(countUp(0x71, 16)) as ConversationId),
  }),
} satisfies Record<string, Content>;

export const linksShown = {
  one: {
    by: "Zoë 🦊",
    name: "Zoë’s hikers",
    emoji: "🥾",
    joining: "open",
    people: 7,
    answerKey: publicKeyOf(countUp(0xc1, 32)),
    madeAtMs: sentAtMs,
    answerers: [account, bob].map((one) => linkAnswerer(keys.topic, hikers, one)).sort(),
  },
} satisfies Record<string, LinkShown>;

const someMarks = {
  conversation: hikers,
  device: laptop,
  first: 6,
  marks: concat(epochMark(epochSecret, 6), epochMark(epochSecret, 7)),
};

export const payloads = {
  mls: { kind: "mls", message: countUp(0x90, 100), generation: 0 },
  "mls-of-a-successor": { kind: "mls", message: countUp(0x90, 100), generation: 3 },
  "invite-bundle": {
    kind: "invite-bundle",
    deviceList: signed(deviceLists.first),
    keyPackages: [countUp(0xa0, 40)],
    name: "Zoë 🦊",
    nodes: [],
  },
  "invite-bundle-with-nodes": {
    kind: "invite-bundle",
    deviceList: signed(deviceLists.first),
    keyPackages: [countUp(0xa0, 40)],
    name: "Zoë 🦊",
    nodes: [node, otherNode],
  },
  "invite-reply": { kind: "invite-reply", deviceList: signed(deviceLists.first), welcome: countUp(0xb0, 60) },
  "heal-request": {
    kind: "heal-request",
    deviceList: signed(deviceLists.first),
    keyPackage: countUp(0xa0, 40),
    generation: 2,
    signature: signHealing(2, countUp(0x21, 32)),
    have: [{ device: phone, ranges: [[1, 7]] }],
  },
  "heal-request-of-a-part": {
    kind: "heal-request",
    deviceList: signed(deviceLists.first),
    keyPackage: countUp(0xa0, 40),
    generation: 0,
    signature: signHealing(0, countUp(0x21, 32)),
    have: [],
    ofPart: { epoch: 7, mark: epochMark(epochSecret, 7) },
  },
  "heal-request-after-an-epoch": {
    kind: "heal-request",
    deviceList: signed(deviceLists.first),
    keyPackage: countUp(0xa0, 40),
    generation: 0,
    signature: signHealing(0, countUp(0x21, 32)),
    have: [],
    afterEpoch: 7,
    known: { facts: groupContexts.group.facts, people: peopleMark([account, bob]) },
  },
  "epoch-marks": {
    kind: "epoch-marks",
    ...someMarks,
    signature: sign(labels.epochMarks, epochMarksMessage(someMarks), countUp(0x21, 32)),
  },
  successor: {
    kind: "successor",
    deviceList: signed(deviceLists.first),
    welcome: countUp(0xb0, 60),
    generation: 3,
    have: [
      {
        device: phone,
        ranges: [
          [1, 7],
          [9, 2_000],
        ],
      },
    ],
  },
  welcome: { kind: "welcome", welcome: countUp(0xb0, 60) },
  part: { kind: "part", whole: countUp(0x92, 32), index: 1, bytes: countUp(0x93, 100) },
  "whole-commit": { kind: "whole", hash: countUp(0x92, 32), count: 2, of: "commit" },
  "whole-welcome": { kind: "whole", hash: countUp(0x92, 32), count: 32, of: "welcome" },
  "group-invite-bundle": {
    kind: "group-invite-bundle",
    deviceList: signed(deviceLists.first),
    device: laptop,
    shown: encodeLinkShown(linksShown.one),
    signature: signLinkShown(keys.topic, encodeLinkShown(linksShown.one), countUp(0x21, 32)),
  },
  "group-join-request": {
    kind: "group-join-request",
    deviceList: signDeviceList(encodeDeviceList(bobList), bobSeed),
    keyPackages: [countUp(0xa0, 40)],
    name: "Bob",
    signature: sign(
      labels.joinRequest,
      joinRequestMessage(keys.topic, { keyPackages: [countUp(0xa0, 40)], name: "Bob" }),
      bobPhoneSeed,
    ),
  },
  "group-link-answer": {
    kind: "group-link-answer",
    ...signLinkAnswer(keys.topic, "refused", countUp(0xc1, 32), countUp(0xc2, 32)),
  },
  "group-link-withdrawn": {
    kind: "group-link-answer",
    ...signLinkAnswer(keys.topic, "withdrawn", countUp(0xc1, 32)),
  },
  "history-piece": { kind: "history-piece", piece: encodeHistoryPiece(historyPieces.one) },
} satisfies Record<string, Payload>;

export const invite: InviteLinkText = {
  kind: "person",
  account,
  secret: countUp(0xc0, 16),
  node,
  expiresAtMs: 1_795_000_000_000,
};

export const invites = { one: invite, group: { ...invite, kind: "group" } } satisfies Record<string, InviteLinkText>;

export const signals = {
  here: {
    device: laptop,
    body: {
      kind: "presence",
      state: "here",
      peer: "12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8",
      addresses: ["/dns4/node.kith.example/tcp/443/wss/p2p/12D3KooWabc/p2p-circuit/webrtc"],
      answerWanted: true,
    },
  },
  gone: { device: laptop, body: { kind: "presence", state: "gone", peer: "", addresses: [], answerWanted: false } },
  typing: { device: laptop, body: { kind: "typing", typing: true } },
} satisfies Record<string, Signal>;

export const prover = {
  role: "dialler",
  ownPeer: "12D3KooWalice",
  otherPeer: "12D3KooWbob",
  topic: keys.topic,
  device: laptop,
} as const;

export const linkFrames = {
  proof: {
    kind: "proof",
    topic: keys.topic,
    epoch: 7,
    device: laptop,
    mac: linkMac(epochSecret, prover),
    signature: countUp(0xd0, 64),
  },
  deliver: { kind: "deliver", topic: keys.topic, envelope: sealed(payloads.mls) },
  got: { kind: "got", hash: hash(5), refused: false },
  "got-refused": { kind: "got", hash: hash(5), refused: true },
  have: { kind: "have", topic: keys.topic, have },
  keep: { kind: "keep", topic: keys.topic, devices: [laptop, phone], envelope: sealed(payloads.mls) },
  kept: {
    kind: "kept",
    hash: hash(5),
    untilMs: sentAtMs,
    signature: sign(labels.keeping, keepingMessage(keys.topic, hash(5), sentAtMs), countUp(0x21, 32)),
  },
  ping: { kind: "ping", id: 0 },
  pong: { kind: "pong", id: 4_294_967_295 },
} satisfies Record<string, LinkFrame>;

export const clientFrames = {
  prove: { requestId: 1, request: { kind: "prove", topic: keys.topic, signature: countUp(0xd0, 64) } },
  append: {
    requestId: 2,
    request: { kind: "append", topic: keys.topic, envelope: sealed(payloads.mls), slot: undefined },
  },
  "append-in-slot": {
    requestId: 3,
    request: { kind: "append", topic: keys.topic, envelope: sealed(payloads.mls), slot: countUp(0xe0, 32) },
  },
  read: { requestId: 4, request: { kind: "read", topic: keys.topic, after: 9, limit: 100 } },
  follow: { requestId: 5, request: { kind: "follow", topic: keys.topic } },
  unfollow: { requestId: 6, request: { kind: "unfollow", topic: keys.topic } },
  signal: { requestId: 7, request: { kind: "signal", topic: keys.topic, body: countUp(0, 20) } },
} satisfies Record<string, ClientFrame>;

export const nodeFrames = {
  hello: {
    kind: "hello",
    version: 2,
    nonce: countUp(0x60, 32),
    nodeKey: countUp(0x61, 32),
    relayPeerId: "12D3KooWrelay",
    maxEnvelopeBytes: 65_536,
    retentionSeconds: 2_592_000,
    maxTopicsFollowed: 1_000,
    ice: { stunPort: 8_080, servers: [] },
  },
  ice: {
    kind: "ice",
    ice: {
      stunPort: undefined,
      servers: [
        { urls: ["stun:stun.example.org:3478", "stun:[2001:db8::7]:3478"] },
        {
          urls: ["turn:turn.example.org:3478?transport=udp", "turns:turn.example.org"],
          username: "1795000000",
          credential: "rV0zUZ7zT2eWm5o0c6sVZ3yWzRk=",
        },
      ],
    },
  },
  done: { kind: "answer", requestId: 1, result: { kind: "done" } },
  custody: {
    kind: "answer",
    requestId: 2,
    result: { kind: "custody", sequence: 10, expiresAtMs: sentAtMs, signature: countUp(0xd0, 64) },
  },
  entries: {
    kind: "answer",
    requestId: 4,
    result: {
      kind: "entries",
      entries: [{ sequence: 10, envelope: sealed(payloads.mls), expiresAtMs: sentAtMs }],
      more: true,
      latest: 12,
    },
  },
  busy: {
    kind: "answer",
    requestId: 4,
    result: { kind: "refusal", refusal: { why: "busy", retryAfterMs: 1_500 } },
  },
  "slot-taken": {
    kind: "answer",
    requestId: 3,
    result: { kind: "refusal", refusal: { why: "slot-taken", sequence: 8 } },
  },
  wake: { kind: "wake", topic: keys.topic, latest: 12 },
  signal: { kind: "signal", topic: keys.topic, body: countUp(0, 20) },
} satisfies Record<string, NodeFrame>;

export function signed(list: DeviceList): Uint8Array {
  return signDeviceList(encodeDeviceList(list), accountSeed);
}

export function sealed(payload: Payload): Uint8Array {
  return valueIn(sealEnvelope(keys.envelopeKey, keys.topic, payload, nonce));
}

/** The value of an outcome that must be good for the test to mean anything. */
export function valueIn<T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T {
  if (!result.ok) throw new Error(`expected a value, got "${String(result.error)}"`);
  return result.value;
}

const each = <V>(values: Record<string, V>, encode: (value: V) => Uint8Array): Record<string, Uint8Array> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, encode(value)]));

/** Bytes of every format, by format and case. */
export const encoded = {
  "device-list": each(deviceLists, signed),
  credential: { one: encodeCredential(credential) },
  "conversation-context": {
    direct: encodeConversationContext(context),
    ...each(groupContexts, encodeConversationContext),
  },
  "commit-note": each<CommitNote>(commitNotes, (note) => valueIn(encodeCommitNote(note))),
  "group-card": each<GroupCard>(groupCards, encodeGroupCard),
  "link-shown": each<LinkShown>(linksShown, encodeLinkShown),
  "history-capsule": each<HistoryCapsule>(historyCapsules, (capsule) => valueIn(encodeHistoryCapsule(capsule))),
  "history-piece": each<readonly HistoryEntry[]>(historyPieces, encodeHistoryPiece),
  content: each<Content>(contents, encodeContent),
  envelope: each<Payload>(payloads, sealed),
  "invite-link": each<InviteLinkText>(invites, (link) =>
    new TextEncoder().encode(formatInviteLink("https://kith.example", link)),
  ),
  signal: each<Signal>(signals, (signal) => sealSignal(epochSecret, 7, valueIn(encodeSignal(signal)), nonce)),
  "link-frame": each<LinkFrame>(linkFrames, encodeLinkFrame),
  "client-frame": each<ClientFrame>(clientFrames, encodeClientFrame),
  "node-frame": each<NodeFrame>(nodeFrames, encodeNodeFrame),
};
export type Format = keyof typeof encoded;
