/** Marks of a group's epochs as they travel (PROTOCOL.md §13.15): what is refused, and that they fit the smallest envelope. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { maxEpochMarks } from "../../../core/wire/bounds.ts";
import { openEnvelope, sealEnvelope } from "../../../core/wire/envelope.ts";
import { epochMark, epochMarkBytes, readEpochMark, readEpochMarks } from "../../../core/wire/epoch-marks.ts";
import { EpochMarksSchema } from "../../../core/wire/gen/kith/group_pb.js";
import { EpochMarkSchema } from "../../../core/wire/gen/kith/identity_pb.js";
import { countUp, epochSecret, keys, payloads, valueIn } from "./samples.ts";

const whole = {
  conversation: countUp(1, 16),
  device: countUp(2, 16),
  first: 3n,
  marks: countUp(4, 2 * epochMarkBytes),
  signature: countUp(5, 64),
};
const read = (fields: MessageInitShape<typeof EpochMarksSchema>) =>
  readEpochMarks(create(EpochMarksSchema, { ...whole, ...fields }));

test("marks of two epochs are read", () => {
  expect(read({})).toMatchObject({ first: 3, marks: whole.marks, signature: whole.signature });
});

test.each<[string, MessageInitShape<typeof EpochMarksSchema>]>([
  ["none", { marks: new Uint8Array() }],
  ["half a mark", { marks: countUp(4, 24) }],
  ["one too many", { marks: new Uint8Array((maxEpochMarks + 1) * epochMarkBytes) }],
  ["an epoch beyond counting", { first: 2n ** 53n - 1n }],
  ["a conversation of 15 bytes", { conversation: countUp(1, 15) }],
  ["a device of 17 bytes", { device: countUp(2, 17) }],
  ["a signature of 63 bytes", { signature: countUp(5, 63) }],
])("marks with %s are refused", (_, fields) => {
  expect(read(fields)).toBeUndefined();
});

test("a mark of one epoch is 16 bytes", () => {
  expect(readEpochMark(create(EpochMarkSchema, { epoch: 7n, mark: countUp(1, 16) }))?.epoch).toBe(7);
  expect(readEpochMark(create(EpochMarkSchema, { epoch: 7n, mark: countUp(1, 15) }))).toBeUndefined();
  expect(readEpochMark(create(EpochMarkSchema, { epoch: 2n ** 60n, mark: countUp(1, 16) }))).toBeUndefined();
});

test("two epochs with one secret have different marks", () => {
  expect(epochMark(epochSecret, 7)).not.toEqual(epochMark(epochSecret, 8));
  expect(epochMark(epochSecret, 7)).toHaveLength(epochMarkBytes);
});

test("as many as there may be fit the smallest envelope", () => {
  const marks = new Uint8Array(maxEpochMarks * epochMarkBytes);
  const payload = { ...payloads["epoch-marks"], first: 2 ** 40, marks } as const;
  const sealed = valueIn(sealEnvelope(keys.envelopeKey, keys.topic, payload, countUp(1, 24)));
  expect(sealed).toHaveLength(1_024);
  expect(valueIn(openEnvelope(keys.envelopeKey, keys.topic, sealed))).toEqual(payload);
});
