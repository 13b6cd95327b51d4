/**
 * The bytes of every format, as they were when its version was given (PROTOCOL.md §1.4). Other devices, stored profiles
 * and printed invites hold such bytes, so a change here is a change of protocol, wanted or not.
 *
 * To write new bytes for a new version: KITH_WRITE_GOLDEN=1 npx vitest run --root test vectors/golden
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { labels } from "../../../core/crypto/labels.ts";
import { sign } from "../../../core/crypto/signature.ts";
import { fromHex, idBytes, toHex } from "../../../core/lang/bytes.ts";
import { decodeClientFrame } from "../../../core/wire/client-frame.ts";
import { decodeCommitNote } from "../../../core/wire/commit-note.ts";
import { decodeContent } from "../../../core/wire/content.ts";
import { decodeConversationContext } from "../../../core/wire/conversation-context.ts";
import { decodeCredential } from "../../../core/wire/credential.ts";
import { readSignedDeviceList } from "../../../core/wire/device-list.ts";
import { envelopeHash, openEnvelope } from "../../../core/wire/envelope.ts";
import { epochMark } from "../../../core/wire/epoch-marks.ts";
import { file_kith_content } from "../../../core/wire/gen/kith/content_pb.js";
import { file_kith_envelope } from "../../../core/wire/gen/kith/envelope_pb.js";
import { file_kith_group } from "../../../core/wire/gen/kith/group_pb.js";
import { file_kith_history } from "../../../core/wire/gen/kith/history_pb.js";
import { file_kith_identity } from "../../../core/wire/gen/kith/identity_pb.js";
import { file_kith_link } from "../../../core/wire/gen/kith/link_pb.js";
import { file_kith_node } from "../../../core/wire/gen/kith/node_pb.js";
import { file_kith_signal } from "../../../core/wire/gen/kith/signal_pb.js";
import { decodeGroupCard } from "../../../core/wire/group-card.ts";
import { decodeHistoryCapsule, decodeHistoryPiece } from "../../../core/wire/history.ts";
import { parseInviteLink } from "../../../core/wire/invite-link.ts";
import { decodeLinkFrame, linkMac } from "../../../core/wire/link-protocol.ts";
import { decodeLinkShown } from "../../../core/wire/link-shown.ts";
import { decodeNodeFrame } from "../../../core/wire/node-frame.ts";
import { custodyMessage, nodeAccessMessage } from "../../../core/wire/node-protocol.ts";
import { decodeSignal, openSignal } from "../../../core/wire/signal.ts";
import {
  acceptSlot,
  commitSlot,
  deriveTopic,
  inviteTopicSecret,
  rotatedTopicSecret,
} from "../../../core/wire/topic.ts";
import * as samples from "../../unit/wire/samples.ts";

const { countUp, keys, valueIn } = samples;

/** Derived keys and signed statements, whose inputs are bytes of no format of their own. */
const derived = {
  "topic-id": idBytes(keys.topic),
  "topic-seed": keys.seed,
  "envelope-key": keys.envelopeKey,
  "envelope-hash": idBytes(envelopeHash(samples.sealed(samples.payloads.mls))),
  "invite-topic-id": idBytes(deriveTopic(inviteTopicSecret(samples.invite.secret)).topic),
  "accept-slot": acceptSlot(samples.invite.secret),
  "commit-slot": commitSlot(samples.epochSecret, 7),
  "epoch-mark": epochMark(samples.epochSecret, 7),
  "rotated-topic-secret": rotatedTopicSecret(samples.epochSecret, samples.groupContexts.group.conversation),
  "link-mac-of-dialler": linkMac(samples.epochSecret, samples.prover),
  "link-mac-of-listener": linkMac(samples.epochSecret, { ...samples.prover, role: "listener" }),
  "node-access-signature": sign(
    labels.nodeAccess,
    nodeAccessMessage(countUp(0x60, 32), countUp(0x61, 32), keys.topic),
    keys.seed,
  ),
  "custody-signature": sign(
    labels.custody,
    custodyMessage(keys.topic, countUp(1, 32), 10, samples.sentAtMs),
    countUp(0x61, 32),
  ),
};

const formats: Record<string, Record<string, Uint8Array>> = { ...samples.encoded, derived };

/** Reads golden bytes back; `samples` says which value they must be. */
const readers: Record<samples.Format, (bytes: Uint8Array) => unknown> = {
  "device-list": (bytes) => valueIn(readSignedDeviceList(bytes)).list,
  credential: (bytes) => valueIn(decodeCredential(bytes)),
  "conversation-context": (bytes) => valueIn(decodeConversationContext(bytes)),
  "commit-note": (bytes) => valueIn(decodeCommitNote(bytes)),
  "group-card": (bytes) => valueIn(decodeGroupCard(bytes)),
  "link-shown": (bytes) => valueIn(decodeLinkShown(bytes)),
  "history-capsule": (bytes) => valueIn(decodeHistoryCapsule(bytes)),
  "history-piece": (bytes) => valueIn(decodeHistoryPiece(bytes)),
  content: (bytes) => valueIn(decodeContent(bytes)),
  envelope: (bytes) => valueIn(openEnvelope(keys.envelopeKey, keys.topic, bytes)),
  "invite-link": (bytes) => valueIn(parseInviteLink(Buffer.from(bytes).toString())),
  signal: (bytes) => valueIn(decodeSignal(valueIn(openSignal(samples.epochSecret, bytes)))),
  "link-frame": (bytes) => valueIn(decodeLinkFrame(bytes)),
  "client-frame": (bytes) => valueIn(decodeClientFrame(bytes)),
  "node-frame": (bytes) => valueIn(decodeNodeFrame(bytes)),
};
const values: Record<samples.Format, Record<string, unknown>> = {
  "device-list": samples.deviceLists,
  credential: { one: samples.credential },
  "conversation-context": { direct: samples.context, ...samples.groupContexts },
  "commit-note": samples.commitNotes,
  "group-card": samples.groupCards,
  "link-shown": samples.linksShown,
  "history-capsule": samples.historyCapsules,
  "history-piece": samples.historyPieces,
  content: samples.contents,
  envelope: samples.payloads,
  "invite-link": samples.invites,
  signal: samples.signals,
  "link-frame": samples.linkFrames,
  "client-frame": samples.clientFrames,
  "node-frame": samples.nodeFrames,
};

type Golden = { readonly format: string; readonly version: number; readonly bytes: Record<string, string> };
const fileOf = (name: string) => new URL(`${name}.json`, import.meta.url);
const readGolden = (format: string) => JSON.parse(readFileSync(fileOf(format), "utf8")) as Golden;
const hexOf = (cases: Record<string, Uint8Array>) =>
  Object.fromEntries(Object.entries(cases).map(([name, bytes]) => [name, toHex(bytes)]));
const sha256Hex = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");

const protocol = readFileSync(new URL("../../../core/PROTOCOL.md", import.meta.url), "utf8");
const currentVersion = Number(/^# The Kith protocol, version (\d+)$/m.exec(protocol)?.[1]);

/** Comments and layout of a `.proto` are not in its descriptor: only what changes bytes changes this. */
const schemaDigest = sha256Hex(
  [
    file_kith_content,
    file_kith_envelope,
    file_kith_group,
    file_kith_history,
    file_kith_identity,
    file_kith_link,
    file_kith_node,
    file_kith_signal,
  ]
    .map((file) => sha256Hex(toBinary(FileDescriptorProtoSchema, file.proto)))
    .join("\n"),
);
const bytesDigest = sha256Hex(
  JSON.stringify(Object.keys(formats).map((format) => [format, hexOf(formats[format] ?? {})])),
);
type History = Record<string, { readonly schema: string; readonly bytes: string }>;

const whatToDo =
  "The bytes of a format changed. If that was not wanted, the change is a bug: undo it. If it was: raise the version in " +
  "core/PROTOCOL.md (title, Version history, and the section of the format), refuse or still read the old one, write " +
  "golden bytes with KITH_WRITE_GOLDEN=1, and add the new version's line to history.json beside the old ones.";

const write = process.env["KITH_WRITE_GOLDEN"] === "1";
if (write) {
  for (const [format, cases] of Object.entries(formats)) {
    const golden: Golden = { format, version: currentVersion, bytes: hexOf(cases) };
    writeFileSync(fileOf(format), `${JSON.stringify(golden, null, 2)}\n`);
  }
  const history = JSON.parse(readFileSync(fileOf("history"), "utf8")) as History;
  const next = { ...history, [currentVersion]: { schema: schemaDigest, bytes: bytesDigest } };
  writeFileSync(fileOf("history"), `${JSON.stringify(next, null, 2)}\n`);
}

describe("golden bytes", () => {
  test("are checked, not written", () => {
    expect(write, "written; look at the difference, then run without KITH_WRITE_GOLDEN").toBe(false);
  });

  test("exist for every format, and for nothing else", () => {
    const files = readdirSync(new URL(".", import.meta.url)).filter((name) => name.endsWith(".json"));
    expect(files.sort()).toEqual([...Object.keys(formats), "history"].map((name) => `${name}.json`).sort());
  });

  test.each(Object.keys(formats))("of %s are what is written today", (format) => {
    const golden = readGolden(format);
    expect(Object.keys(golden.bytes).length, "no cases").toBeGreaterThan(0);
    expect(hexOf(formats[format] ?? {}), whatToDo).toEqual(golden.bytes);
  });

  test.each(Object.keys(readers) as samples.Format[])("of %s are read as the value they came from", (format) => {
    const { bytes } = readGolden(format);
    const read = Object.entries(bytes).map(([name, hex]) => [name, readers[format](valueIn(fromHex(hex)))]);
    expect(Object.fromEntries(read), whatToDo).toEqual(values[format]);
  });
});

describe("the version history", () => {
  const rows = [...protocol.matchAll(/^\| (\d+) \| (\d{4}-\d{2}) \| .+ \|$/gm)].map((row) => Number(row[1]));
  const history = JSON.parse(readFileSync(fileOf("history"), "utf8")) as History;

  test("counts up to the protocol's version", () => {
    expect(currentVersion).toBeGreaterThanOrEqual(1);
    expect(rows).toEqual(Array.from({ length: currentVersion }, (_, index) => index + 1));
  });

  test("has the digests of every version, so that a version's bytes cannot change in silence", () => {
    expect(Object.keys(history).map(Number)).toEqual(rows);
    expect(history[currentVersion], whatToDo).toEqual({ schema: schemaDigest, bytes: bytesDigest });
  });
});
