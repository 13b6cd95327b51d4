import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Label, labelled, labels } from "../../../core/crypto/labels.ts";

describe("the labels", () => {
  test("are all different, of this version, and short enough for their length byte", () => {
    const all: string[] = Object.values(labels);
    expect(all.length).toBeGreaterThan(0);
    expect(new Set(all).size).toBe(all.length);
    for (const label of all) expect(label).toMatch(/^kith\/v1\/[a-z ]{1,100}$/);
  });

  test("frame bytes so that no two pairs of label and bytes give the same frame", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 4 }) as fc.Arbitrary<Label>;
    const bytes = fc.array(fc.constantFrom(0x61, 0x62), { maxLength: 4 });
    fc.assert(
      fc.property(text, bytes, text, bytes, (label, rest, otherLabel, otherRest) => {
        const same = label === otherLabel && rest.join() === otherRest.join();
        const frame = labelled(label, Uint8Array.from(rest));
        const otherFrame = labelled(otherLabel, Uint8Array.from(otherRest));
        expect(frame.join() === otherFrame.join()).toBe(same);
      }),
      { numRuns: 2000 },
    );
  });

  // A changed label orphans every key and signature made under the old one. Give the new meaning a new label, or raise
  // the version of the format that uses it in PROTOCOL.md; then change this list.
  test("keep their bytes", () => {
    expect(labels).toMatchObject({
      accountKey: "kith/v1/account key",
      deviceList: "kith/v1/device list",
      topicKey: "kith/v1/topic key",
      nodeAccess: "kith/v1/node access",
      custody: "kith/v1/custody",
      envelopeKey: "kith/v1/envelope key",
      signalKey: "kith/v1/signal key",
      slot: "kith/v1/slot",
      linkProof: "kith/v1/link proof",
      linkMac: "kith/v1/link mac",
      inviteTopic: "kith/v1/invite topic",
      inviteChecksum: "kith/v1/invite checksum",
      safetyNumber: "kith/v1/safety number",
      accept: "kith/v1/accept",
      groupTopic: "kith/v1/group topic",
      leave: "kith/v1/leave",
      joinRequest: "kith/v1/join request",
      history: "kith/v1/history",
      copiedDevice: "kith/v1/copied device",
      job: "kith/v1/job",
    });
  });
});
