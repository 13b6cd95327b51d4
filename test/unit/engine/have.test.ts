import { describe, expect, it } from "vitest";
import { createCaughtUp } from "../../../core/engine/catching-up.ts";
import type { Context } from "../../../core/engine/context.ts";
import { missingIn } from "../../../core/engine/gaps.ts";
import { haveOf, noteRollback } from "../../../core/engine/have.ts";
import type { ConversationId, DeviceId } from "../../../core/lang/brand.ts";
import type { ConversationRecord } from "../../../core/ports/conversation-record.ts";
import { maxEnvelopeBytes, maxHaveDevices, maxHaveRanges } from "../../../core/wire/bounds.ts";
import { decodeContent, encodeContent } from "../../../core/wire/content.ts";
import type { Ranges } from "../../../core/wire/have.ts";
import { contact, conversation, profile, put } from "../../contracts/storage-rows.ts";
import { memoryStorage } from "../../support/memory-storage.ts";

const phone = "aa".repeat(16) as DeviceId;
const laptop = "bb".repeat(16) as DeviceId;
const received = (ranges: Readonly<Record<DeviceId, Ranges>>): ConversationRecord => ({
  ...conversation(0),
  received: ranges,
});

describe("what is told to be here", () => {
  it("names every device of which something is here, and no other", () => {
    const row = received({
      [phone]: [
        [1, 3],
        [5, 5],
      ],
      [laptop]: [],
    });
    expect(haveOf(row)).toEqual([
      {
        device: phone,
        ranges: [
          [1, 3],
          [5, 5],
        ],
      },
    ]);
    expect(haveOf(received({}))).toEqual([]);
  });

  it("fits the frame, however many devices there were", () => {
    const devices = Array.from({ length: maxHaveDevices + 5 }, (_, n) => [n.toString(16).padStart(32, "0"), [[1, 1]]]);
    expect(haveOf(received(Object.fromEntries(devices)))).toHaveLength(maxHaveDevices);
  });

  it("fits the frame, however many gaps there are, with each device's newest runs and who is in the group first", () => {
    const runs = (base: number): Ranges =>
      Array.from({ length: maxHaveRanges }, (_, n) => [base + 2 * n, base + 2 * n]);
    const far = Number.MAX_SAFE_INTEGER - 2 * maxHaveRanges;
    const names = Array.from({ length: maxHaveDevices + 5 }, (_, n) => n.toString(16).padStart(32, "0") as DeviceId);
    const row = received(Object.fromEntries([...names.map((name) => [name, runs(far)]), [phone, runs(1)]]));
    const group = { people: [{ devices: [phone] }] } as unknown as ConversationRecord["group"];
    const have = haveOf({ ...row, group });
    expect(have).toHaveLength(maxHaveDevices);
    expect(have[0]).toEqual({
      device: phone,
      ranges: [
        [1, 119],
        [121, 121],
        [123, 123],
        [125, 125],
        [127, 127],
      ],
    });
    const content = { kind: "have", have } as const;
    const bytes = encodeContent({ id: "00".repeat(8), clockMs: 0, clockCount: 0, number: 0, body: content });
    expect(bytes.length).toBeLessThan(maxEnvelopeBytes / 2);
    expect(decodeContent(bytes).ok).toBe(true);
  });

  it("tells of who is in the group, however many devices somebody made up of whom something is missing", () => {
    const names = Array.from({ length: maxHaveDevices }, (_, n) => n.toString(16).padStart(32, "0") as DeviceId);
    const exist = Object.fromEntries(names.map((name) => [name, [[1, 2]] as Ranges]));
    const shared = { exist, here: {}, names: {} } as unknown as ConversationRecord["shared"];
    const group = { people: [{ devices: [phone] }] } as unknown as ConversationRecord["group"];
    const have = haveOf({ ...received({ [phone]: [[2, 3]] }), shared, group });
    expect(have[0]).toEqual({ device: phone, ranges: [[2, 3]] });
    expect(have).toHaveLength(maxHaveDevices);
  });

  it("says what it has of a device behind a gap, whatever members say that the device said", () => {
    const exist = { [phone]: [[1, 1_000]] as Ranges };
    const shared = { exist, here: {}, names: {} } as unknown as ConversationRecord["shared"];
    const theirs: Ranges = [
      [1, 38],
      [40, 45],
    ];
    expect(haveOf({ ...received({ [phone]: theirs }), shared })).toEqual([{ device: phone, ranges: [[40, 45]] }]);
  });
});

describe("what is missing", () => {
  const { key } = conversation(0);
  const row = received({
    [phone]: [
      [2, 3],
      [6, 6],
      [9, 9],
    ],
    [laptop]: [[3, 3]],
  });
  const upTo = (phones: number, laptops: number) =>
    missingIn(row, new Map([[key, { [phone]: phones, [laptop]: laptops }]]));

  it("is what lies below the numbers that were known when the time began", () => {
    expect(upTo(9, 3)).toBe(1 + 2 + 2 + 2);
    expect(upTo(6, 3)).toBe(1 + 2 + 2);
    expect(upTo(3, 0)).toBe(1);
  });

  it("is nothing before that time is over, or in another conversation", () => {
    expect(missingIn(row, new Map())).toBe(0);
    const other = "cc".repeat(16) as ConversationId;
    expect(missingIn(row, new Map([[other, { [phone]: 9 }]]))).toBe(0);
  });

  it("is over once the gap is closed", () => {
    const whole = received({ [phone]: [[1, 9]], [laptop]: [[1, 3]] });
    expect(missingIn(whole, new Map([[key, { [phone]: 9, [laptop]: 3 }]]))).toBe(0);
  });
});

describe("being told that one's own words are there", () => {
  const { key } = conversation(0);
  const me = profile(1);
  const told = async (state: "accepted" | "requested", sentNumber: number, highest: number) => {
    const storage = memoryStorage();
    const rows = [
      ...put("profile", me),
      ...put("contacts", { ...contact("Bob"), state }),
      ...put("conversations", { ...conversation(0), sentNumber }),
    ];
    await storage.commit({ changes: rows });
    const clock = { now: () => 7, after: () => () => {} };
    const context = { storage, clock, caughtUp: createCaughtUp(), waiting: async () => [] } as unknown as Context;
    const have = [{ device: me.device, ranges: [[1, highest]] as Ranges }];
    const noticed = await noteRollback(context, key, phone, { have, via: "link" });
    return { noticed, row: await storage.get("conversations", key) };
  };

  it("has this device go on above them, even where its keys are lost", async () => {
    const { noticed, row } = await told("accepted", 4, 9);
    expect(noticed).toBe("noted");
    expect(row).toMatchObject({ sentNumber: 9, healing: { why: "rolled-back" } });
  });

  it("says nothing new of what it knows that it wrote, nor when a stranger says so", async () => {
    for (const { noticed, row } of [await told("accepted", 9, 9), await told("requested", 4, 9)]) {
      expect(noticed).toBe("none");
      expect(row).toMatchObject({ healing: undefined });
    }
  });
});
