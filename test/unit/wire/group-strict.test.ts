/** What the formats of groups refuse (PROTOCOL.md §13), each time one thing wrong in what is right otherwise. */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { publicKeyOf } from "../../../core/crypto/signature.ts";
import { idBytes, toHex } from "../../../core/lang/bytes.ts";
import { decodeCommitNote, encodeCommitNote } from "../../../core/wire/commit-note.ts";
import { decodeContent } from "../../../core/wire/content.ts";
import { decodeConversationContext } from "../../../core/wire/conversation-context.ts";
import { openEnvelope, type Payload, sealEnvelope } from "../../../core/wire/envelope.ts";
import { ContentSchema, type Content as WireContent } from "../../../core/wire/gen/kith/content_pb.js";
import { CommitNoteSchema, GroupCardSchema, type GroupFactsSchema } from "../../../core/wire/gen/kith/group_pb.js";
import { HistoryCapsuleSchema } from "../../../core/wire/gen/kith/history_pb.js";
import { ConversationContextSchema, ConversationKind } from "../../../core/wire/gen/kith/identity_pb.js";
import { decodeGroupCard } from "../../../core/wire/group-card.ts";
import { decodeHistoryCapsule } from "../../../core/wire/history.ts";
import { isLeaveOf, signLeave } from "../../../core/wire/leave.ts";
import { decodeLinkShown, encodeLinkShown, type LinkShown } from "../../../core/wire/link-shown.ts";
import {
  account,
  bob,
  bobPhoneSeed,
  commitNotes,
  context,
  countUp,
  groupContexts,
  keys,
  linksShown,
  node,
  nonce,
  payloads,
  sentAtMs,
  valueIn,
} from "./samples.ts";

const malformed = { ok: false, error: "malformed" };
const newer = { ok: false, error: "newer-version" };
const [first, second] = [account, bob].sort().map(idBytes);
if (first === undefined || second === undefined) throw new Error("two accounts");

describe("the context of a group", () => {
  type Context = MessageInitShape<typeof ConversationContextSchema>;
  type Facts = MessageInitShape<typeof GroupFactsSchema>;
  const rules = { writers: 1, history: 1, joining: 1 } as const;
  const facts: Facts = { name: "Hikers", ...rules, roles: [{ account: first, role: 1 }], nodes: [node] };
  const whole = { version: 3, conversation: countUp(0, 16), kind: ConversationKind.GROUP };
  const contextWith = (fields: MessageInitShape<typeof ConversationContextSchema>, inFacts: Facts = {}) => {
    const message = { ...whole, facts: { ...facts, ...inFacts }, ...fields };
    return decodeConversationContext(
      toBinary(ConversationContextSchema, create(ConversationContextSchema, message as Context)),
    );
  };

  test("is what its members agree on, and nothing about its topic", () => {
    expect(contextWith({})).toMatchObject({
      value: { kind: "group", generation: 0, facts: { name: "Hikers", nodes: [node] } },
    });
  });

  test.each<[string, MessageInitShape<typeof ConversationContextSchema>]>([
    ["a topic secret, which who is removed would read", { topicSecret: countUp(0, 32) }],
    ["nodes beside its facts", { nodes: [node] }],
    ["a generation", { generation: 1 }],
    ["the kind of two people", { kind: ConversationKind.DIRECT }],
    ["version 2", { version: 2 }],
    ["an id of 15 bytes", { conversation: countUp(0, 15) }],
  ])("with %s is malformed", (_, fields) => {
    expect(contextWith(fields)).toEqual(malformed);
  });

  test("without facts is malformed", () => {
    const bytes = toBinary(ConversationContextSchema, create(ConversationContextSchema, whole));
    expect(decodeConversationContext(bytes)).toEqual(malformed);
  });

  test.each<[string, Facts]>([
    ["no name", { name: "" }],
    ["a name that is not in order", { name: "Hikers " }],
    ["a tab in its description", { description: "a\tb" }],
    ["a word for a picture", { emoji: "Boots" }],
    ["roles that are not ascending", { roles: [second, first].map((who) => ({ account: who, role: 2 })) }],
    ["two roles of one account", { roles: [first, first].map((who) => ({ account: who, role: 2 })) }],
    ["two owners", { roles: [first, second].map((who) => ({ account: who, role: 1 })) }],
    ["a role that nobody gave", { roles: [{ account: first, role: 3 as 1 }] }],
    ["a role of nobody", { roles: [{ account: countUp(0, 31), role: 1 }] }],
    ["no word on who writes", { writers: 0 }],
    ["a rule on history that nobody made", { history: 5 as 1 }],
    ["a way to join that nobody made", { joining: 3 as 1 }],
    ["a slow mode of more than a day", { slowModeS: 86_401 }],
    ["no node", { nodes: [] }],
    ["four nodes", { nodes: ["a", "b", "c", "d"].map((host) => `https://${host}.example`) }],
    ["one node twice", { nodes: [node, node] }],
    ["a node with a path", { nodes: [`${node}/x`] }],
    ["a node not in its normal form", { nodes: [`${node}/`] }],
  ])("with %s is malformed", (_, inFacts) => {
    expect(contextWith({}, inFacts)).toEqual(malformed);
  });

  test("of a hundred admins with the longest texts is within its bound", () => {
    const roles = Array.from({ length: 100 }, (_, index) => ({ account: countUp(index, 32), role: 2 as const }));
    const texts = { name: "長".repeat(60), description: "長".repeat(500), emoji: "🥾".repeat(10) };
    const nodes = ["a", "b", "c"].map((letter) => `https://${letter.repeat(60)}.${"host.".repeat(20)}example:65535`);
    expect(contextWith({}, { ...texts, roles, nodes, slowModeS: 86_400, rotation: 4_294_967_295 }).ok).toBe(true);
  });
});

describe("the note of a commit", () => {
  const noteWith = (fields: MessageInitShape<typeof CommitNoteSchema>) => {
    const whole = { version: 1, id: countUp(1, 8), clockMs: BigInt(sentAtMs), ...fields };
    return decodeCommitNote(toBinary(CommitNoteSchema, create(CommitNoteSchema, whole)));
  };
  const leave = (who: Uint8Array) => ({ account: who, device: countUp(0, 16), signature: countUp(0, 64) });

  test("may say nothing but when it was made", () => {
    expect(noteWith({})).toEqual({ ok: true, value: { ...commitNotes.renewal, clockCount: 0 } });
  });

  test.each<[string, MessageInitShape<typeof CommitNoteSchema>]>([
    ["version 0", { version: 0 }],
    ["an id of 7 bytes", { id: countUp(0, 7) }],
    ["a time beyond the last date", { clockMs: 8_640_000_000_000_001n }],
    ["an empty list", { lists: [new Uint8Array(0)] }],
    ["a list beyond its bound", { lists: [new Uint8Array(8_193)] }],
    ["101 lists", { lists: Array(101).fill(countUp(0, 1)) }],
    ["names that are not ascending", { names: [second, first].map((who) => ({ account: who, name: "Bob" })) }],
    ["a name twice", { names: [first, first].map((who) => ({ account: who, name: "Bob" })) }],
    ["a name that is not in order", { names: [{ account: first, name: "Bob " }] }],
    ["statements that are not ascending", { leaves: [leave(second), leave(first)] }],
    ["a statement without a signature", { leaves: [{ ...leave(first), signature: countUp(0, 63) }] }],
    ["a leaf healed without a device", { healed: { signature: countUp(0, 64) } }],
    ["a link of 31 bytes", { link: countUp(0, 31) }],
  ])("with %s is malformed", (_, fields) => {
    expect(noteWith(fields)).toEqual(malformed);
  });

  test("of a newer version says so, and one that is too long is malformed", () => {
    expect(noteWith({ version: 2 })).toEqual(newer);
    expect(noteWith({ lists: Array(7).fill(new Uint8Array(8_000)) })).toEqual(malformed);
    expect(encodeCommitNote({ ...commitNotes.renewal, lists: Array(7).fill(new Uint8Array(8_000)) })).toEqual({
      ok: false,
      error: "too-large",
    });
  });
});

describe("the card of a group", () => {
  const event = { id: countUp(1, 8), clockMs: BigInt(sentAtMs) };
  const cardWith = (fields: MessageInitShape<typeof GroupCardSchema>) => {
    const whole = { version: 1, topicSecret: countUp(0, 32), lists: [countUp(0, 9)], event, ...fields };
    return decodeGroupCard(
      toBinary(GroupCardSchema, create(GroupCardSchema, whole as MessageInitShape<typeof GroupCardSchema>)),
    );
  };

  test("says how to read the topic and who is in the group", () => {
    expect(cardWith({})).toMatchObject({ value: { names: [], event: { added: [], link: undefined } } });
    expect(cardWith({ version: 2 })).toEqual(newer);
  });

  test.each<[string, MessageInitShape<typeof GroupCardSchema>]>([
    ["a topic secret of 31 bytes", { topicSecret: countUp(0, 31) }],
    ["no list", { lists: [] }],
    ["an event without an id", { event: {} }],
    ["newcomers that are not ascending", { event: { ...event, added: [second, first] } }],
    ["a link with which nobody came", { event: { ...event, link: countUp(0, 32) } }],
    ["a short mark of who was put out", { putOut: [countUp(0, 15)] }],
    ["numbers that are no runs", { have: [{ device: countUp(0, 16), ranges: [3n, 2n] }] }],
    ["a leaf that was replaced where somebody is new", { replaced: true, event: { ...event, added: [first] } }],
    ["half a mark of an epoch", { marks: countUp(0, 24) }],
    ["marks of an epoch that are not there", { marksFirst: 3n }],
    ["somebody put out twice", { putOut: [countUp(0, 16), countUp(0, 16)] }],
    ["501 who were put out", { putOut: Array.from({ length: 501 }, (_, n) => idBytes(`${n}`.padStart(32, "0"))) }],
  ])("with %s is malformed", (_, fields) => {
    expect(cardWith(fields)).toEqual(malformed);
  });
});

describe("what a link shows", () => {
  const { one } = linksShown;
  const [low = "", high = ""] = one.answerers;

  test("has room for a hundred who may answer, with the longest names", () => {
    const answerers = Array.from({ length: 100 }, (_, n) => toHex(countUp(n, 32))).sort();
    const largest = { ...one, by: "漢".repeat(60), name: "漢".repeat(60), answerers };
    expect(decodeLinkShown(encodeLinkShown(largest))).toEqual({ ok: true, value: largest });
  });

  test.each<[string, Partial<LinkShown>]>([
    ["nobody in the group", { people: 0 }],
    ["101 people", { people: 101 }],
    ["no name of the group", { name: "" }],
    ["a short key", { answerKey: countUp(0, 31) }],
    ["a time beyond the last date", { madeAtMs: 8_640_000_000_000_001 }],
    ["nobody who may answer", { answerers: [] }],
    ["a short hash of who may answer", { answerers: [toHex(countUp(0, 31))] }],
    ["answerers that are not ascending", { answerers: [high, low] }],
    ["an answerer twice", { answerers: [low, low] }],
    ["101 who may answer", { answerers: Array.from({ length: 101 }, (_, n) => toHex(countUp(n, 32))).sort() }],
  ])("with %s is malformed", (_, fields) => {
    expect(decodeLinkShown(encodeLinkShown({ ...one, ...fields }))).toEqual(malformed);
  });
});

describe("an envelope of a group", () => {
  const opened = (payload: Payload) =>
    openEnvelope(keys.envelopeKey, keys.topic, valueIn(sealEnvelope(keys.envelopeKey, keys.topic, payload, nonce)));
  const { part, "whole-commit": whole, "group-invite-bundle": bundle, "group-join-request": request } = payloads;

  test("holds the largest part", () => {
    expect(opened({ ...part, index: 31, bytes: new Uint8Array(60_000) }).ok).toBe(true);
  });

  test.each<[string, Payload]>([
    ["an empty Welcome", { kind: "welcome", welcome: new Uint8Array(0) }],
    ["an empty part", { ...part, bytes: new Uint8Array(0) }],
    ["a part beyond its bound", { ...part, bytes: new Uint8Array(60_001) }],
    ["the 33rd part", { ...part, index: 32 }],
    ["a part of something with a short hash", { ...part, whole: countUp(0, 31) }],
    ["a whole of one part", { ...whole, count: 1 }],
    ["a whole of 33 parts", { ...whole, count: 33 }],
    ["a bundle without a signature", { ...bundle, signature: new Uint8Array(0) }],
    ["a bundle that shows nothing", { ...bundle, shown: new Uint8Array(0) }],
    ["a bundle that shows more than its bound", { ...bundle, shown: new Uint8Array(4_097) }],
    ["a request without a key package", { ...request, keyPackages: [] }],
    ["a request under a name that is not in order", { ...request, name: " Bob" }],
    ["a request without a signature", { ...request, signature: new Uint8Array(0) }],
    ["an empty piece of history", { kind: "history-piece", piece: new Uint8Array(0) }],
  ])("with %s is malformed", (_, payload) => {
    expect(opened(payload)).toEqual(malformed);
  });
});

describe("content of a group", () => {
  const said = (kind: MessageInitShape<typeof ContentSchema>["kind"]) => {
    const whole = { id: countUp(1, 8), clockMs: BigInt(sentAtMs), number: 1n, kind };
    return decodeContent(toBinary(ContentSchema, create(ContentSchema, whole as WireContent)));
  };
  const invite = {
    secret: countUp(0, 16),
    node: node as string,
    expiresAtMs: BigInt(sentAtMs),
    budget: 1,
    account: countUp(0, 32),
    answerSeed: countUp(0, 32),
    joined: [countUp(1, 32), countUp(2, 32)],
  };
  const offer = { topicSecret: countUp(0, 32), capsule: countUp(0, 9), signature: countUp(0, 64) };
  const message = countUp(0, 24);
  const there = { conversation: countUp(0, 16), topic: countUp(0, 32) };
  const wanted = { conversation: countUp(0, 16), keyPackage: countUp(0, 9), signature: countUp(0, 64) };

  test("is taken where it is right", () => {
    expect(said({ case: "groupInvite", value: invite }).ok).toBe(true);
    expect(said({ case: "historyOffer", value: offer }).ok).toBe(true);
    expect(said({ case: "report", value: { message, text: "" } }).ok).toBe(true);
  });

  test.each<[string, MessageInitShape<typeof ContentSchema>["kind"]]>([
    ["an invite of no account", { case: "groupInvite", value: { ...invite, account: countUp(0, 31) } }],
    ["an invite without its answer key", { case: "groupInvite", value: { ...invite, answerSeed: countUp(0, 31) } }],
    [
      "an invite with which somebody came twice",
      { case: "groupInvite", value: { ...invite, joined: [countUp(1, 32), countUp(1, 32)] } },
    ],
    ["no key package", { case: "keyPackages", value: {} }],
    ["five key packages", { case: "keyPackages", value: { packages: Array(5).fill(countUp(0, 9)) } }],
    ["a key package beyond its bound", { case: "keyPackages", value: { packages: [new Uint8Array(8_193)] } }],
    ["leave without a signature", { case: "leave", value: {} }],
    ["a link with a short secret", { case: "groupInvite", value: { ...invite, secret: countUp(0, 15) } }],
    ["a link to no node", { case: "groupInvite", value: { ...invite, node: "" } }],
    ["a link for nobody", { case: "groupInvite", value: { ...invite, budget: 0 } }],
    ["a link for more than fit", { case: "groupInvite", value: { ...invite, budget: 101 } }],
    ["no message to remove", { case: "removeMessage", value: { message: countUp(0, 23) } }],
    ["a report of blanks", { case: "report", value: { message, text: " " } }],
    ["a report of more than 500 characters", { case: "report", value: { message, text: "a".repeat(501) } }],
    ["an offer without a capsule", { case: "historyOffer", value: { ...offer, capsule: new Uint8Array(0) } }],
    ["numbers for nobody", { case: "notFor", value: { ranges: [1n, 4n] } }],
    ["no numbers", { case: "notFor", value: { device: countUp(0, 16) } }],
    ["numbers that are no runs", { case: "notFor", value: { device: countUp(0, 16), ranges: [4n, 1n] } }],
    ["no group that somebody is in", { case: "there", value: {} }],
    ["a group that is there twice", { case: "there", value: { groups: [there, there] } }],
    ["a group with a short topic", { case: "there", value: { groups: [{ ...there, topic: countUp(0, 31) }] } }],
    [
      "more groups than anybody shares",
      {
        case: "there",
        value: { groups: Array.from({ length: 33 }, (_, n) => ({ ...there, conversation: countUp(n, 16) })) },
      },
    ],
    [
      "a leaf that is wanted without a signature",
      { case: "leafWanted", value: { ...wanted, signature: countUp(0, 9) } },
    ],
    ["a leaf that is wanted in no group", { case: "leafWanted", value: { ...wanted, conversation: countUp(0, 9) } }],
    ["a leaf that is wanted without a key", { case: "leafWanted", value: { ...wanted, keyPackage: countUp(0, 0) } }],
    ["an offer without a topic", { case: "historyOffer", value: { ...offer, topicSecret: new Uint8Array(0) } }],
  ])("with %s is malformed", (_, kind) => {
    expect(said(kind)).toEqual(malformed);
  });
});

describe("a capsule of history", () => {
  const device = { device: countUp(0, 16), first: 4n, last: 9n, ranges: [4n, 9n] };
  const capsuleWith = (devices: (typeof device)[], more: MessageInitShape<typeof HistoryCapsuleSchema> = {}) => {
    const persons = [{ account: first, name: "Ana", devices }];
    const whole = { version: 1, conversation: countUp(0, 16), account: second, persons, ...more };
    return decodeHistoryCapsule(toBinary(HistoryCapsuleSchema, create(HistoryCapsuleSchema, whole)));
  };

  test("may say that nothing of somebody is here", () => {
    expect(capsuleWith([{ ...device, ranges: [] }]).ok).toBe(true);
  });

  test.each<[string, (typeof device)[], MessageInitShape<typeof HistoryCapsuleSchema>?]>([
    ["a person without devices", []],
    ["a device twice", [device, device]],
    ["a number before the first", [{ ...device, first: 5n }]],
    ["a number after the last", [{ ...device, last: 8n }]],
    ["no first number", [{ ...device, first: 0n }]],
    ["one piece twice", [device], { pieces: [countUp(0, 32), countUp(0, 32)] }],
    [
      "257 pieces",
      [device],
      { pieces: Array.from({ length: 257 }, (_, at) => idBytes(at.toString(16).padStart(64, "0"))) },
    ],
    [
      "one device of two persons",
      [device],
      {
        persons: [
          { account: first, name: "Ana", devices: [device] },
          { account: second, name: "Bob", devices: [device] },
        ],
      },
    ],
  ])("with %s is malformed", (_, devices, more) => {
    expect(capsuleWith(devices, more)).toEqual(malformed);
  });
});

describe("a statement of who leaves", () => {
  const leaf = { conversation: groupContexts.group.conversation, account: bob, encryptionKey: countUp(1, 32) };
  const signature = signLeave(leaf, bobPhoneSeed);
  const key = publicKeyOf(bobPhoneSeed);

  test("holds for its leaf and for no other", () => {
    expect(isLeaveOf(leaf, signature, key)).toBe(true);
    expect(isLeaveOf({ ...leaf, encryptionKey: countUp(2, 32) }, signature, key)).toBe(false);
    expect(isLeaveOf({ ...leaf, account }, signature, key)).toBe(false);
    expect(isLeaveOf({ ...leaf, conversation: context.conversation }, signature, key)).toBe(false);
    expect(isLeaveOf(leaf, signature, publicKeyOf(countUp(0, 32)))).toBe(false);
  });
});
