/** What MLS carries for us: the credential of a leaf and the context of a group (PROTOCOL.md §3.2, §3.3). */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { fromHex, idBytes } from "../../../core/lang/bytes.ts";
import { decodeConversationContext, encodeConversationContext } from "../../../core/wire/conversation-context.ts";
import { decodeCredential, encodeCredential } from "../../../core/wire/credential.ts";
import {
  ConversationContextSchema,
  type ConversationKind,
  CredentialSchema,
} from "../../../core/wire/gen/kith/identity_pb.js";
import { account, context, countUp, credential, laptop, node, valueIn } from "./samples.ts";

const contextOfVersion1 =
  "08011210808182838485868788898a8b8c8d8e8f18022220505152535455565758595a5b5c5d5e5f60616263646566676869" +
  "6a6b6c6d6e6f2a1968747470733a2f2f6e6f64652e6b6974682e6578616d706c652a15687474703a2f2f6c6f63616c686f73" +
  "743a38303830";

const malformed = { ok: false, error: "malformed" };
const newer = { ok: false, error: "newer-version" };

describe("a credential", () => {
  const credentialWith = (fields: MessageInitShape<typeof CredentialSchema>) => {
    const whole = { version: 1, accountKey: idBytes(account), device: idBytes(laptop), listSequence: 1n, ...fields };
    return toBinary(CredentialSchema, create(CredentialSchema, whole));
  };

  test("says which device of which account it is", () => {
    expect(decodeCredential(encodeCredential(credential))).toEqual({ ok: true, value: credential });
    expect(encodeCredential(credential)).toEqual(credentialWith({}));
  });

  test.each<[string, MessageInitShape<typeof CredentialSchema>]>([
    ["version 0", { version: 0 }],
    ["an account key of 33 bytes", { accountKey: countUp(0, 33) }],
    ["a device of 15 bytes", { device: countUp(0, 15) }],
    ["list sequence 0", { listSequence: 0n }],
    ["a list sequence beyond counting", { listSequence: 2n ** 63n }],
  ])("with %s is malformed", (_, fields) => {
    expect(decodeCredential(credentialWith(fields))).toEqual(malformed);
  });

  test("of a newer version says so", () => {
    expect(decodeCredential(credentialWith({ version: 2 }))).toEqual(newer);
  });

  test("beyond its bound is malformed, whatever version it claims", () => {
    expect(decodeCredential(credentialWith({ version: 2, device: countUp(0, 200) }))).toEqual(malformed);
  });
});

describe("a conversation's context", () => {
  const contextWith = (fields: MessageInitShape<typeof ConversationContextSchema>) => {
    const whole = {
      version: 2,
      conversation: countUp(0, 16),
      kind: 2 as ConversationKind,
      topicSecret: countUp(0, 32),
      nodes: [node as string],
      ...fields,
    };
    return toBinary(ConversationContextSchema, create(ConversationContextSchema, whole));
  };

  test.each(["self", "direct"] as const)("of a %s conversation comes back", (kind) => {
    const value = { ...context, kind };
    expect(decodeConversationContext(encodeConversationContext(value))).toEqual({ ok: true, value });
  });

  test.each<[string, MessageInitShape<typeof ConversationContextSchema>]>([
    ["version 0", { version: 0 }],
    ["an id of 15 bytes", { conversation: countUp(0, 15) }],
    ["no kind", { kind: 0 }],
    ["a kind that nobody gave", { kind: 4 as ConversationKind }],
    ["the kind of a group, which came with version 3", { kind: 3 as ConversationKind }],
    ["facts of a group", { facts: {} }],
    ["a topic secret of 31 bytes", { topicSecret: countUp(0, 31) }],
    ["no node", { nodes: [] }],
    ["four nodes", { nodes: ["http://a.example", "http://b.example", "http://c.example", "http://d.example"] }],
    ["one node twice", { nodes: [node, node] }],
    ["a node with a path", { nodes: [`${node}/x`] }],
    ["a node not in its normal form", { nodes: [`${node}/`] }],
    ["a version of two bytes", { version: 128 }],
    ["a generation beyond counting", { generation: 65_536 }],
    ["a generation in version 1, which had none", { version: 1, generation: 1 }],
  ])("with %s is malformed", (_, fields) => {
    expect(decodeConversationContext(contextWith(fields))).toEqual(malformed);
  });

  test("of a newer version says so", () => {
    expect(decodeConversationContext(contextWith({ version: 4, kind: 9 as ConversationKind }))).toEqual(newer);
  });

  test("of version 1 is the conversation's first group", () => {
    expect(decodeConversationContext(contextWith({ version: 1 }))).toMatchObject({ value: { generation: 0 } });
    // As the first Kith wrote it, byte for byte.
    const { generation: _, ...rest } = context;
    expect(decodeConversationContext(valueIn(fromHex(contextOfVersion1)))).toEqual({
      ok: true,
      value: { ...rest, generation: 0 },
    });
  });

  test("counts groups up to the last that a conversation can have", () => {
    expect(decodeConversationContext(contextWith({ generation: 65_535 }))).toMatchObject({
      value: { generation: 65_535 },
    });
  });

  test("with three nodes of the greatest length is within its bound", () => {
    const nodes = ["a", "b", "c"].map((first) => `https://${first}${"bcdefghi.".repeat(40)}`.slice(0, 199).concat("a"));
    expect(decodeConversationContext(contextWith({ nodes, generation: 65_535 })).ok).toBe(true);
  });
});
