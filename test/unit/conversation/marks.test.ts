import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Copies, type Delivery, learn, nothingHeard, weakestMark } from "../../../core/conversation/marks.ts";
import { renewalIsDue } from "../../../core/conversation/renewal.ts";
import type { AccountId, NodeUrl } from "../../../core/lang/brand.ts";

const node = "https://node.example" as NodeUrl;
const other = "https://other.example" as NodeUrl;
const delivered = learn(nothingHeard, "delivered", 5);
const read = learn(nothingHeard, "read", 7);
const refused = learn(nothingHeard, "refused", 6);
const promise = { node, atMs: 1, untilMs: 1_000, brokenAtMs: undefined };
const trouble = { node: other, what: "full", atMs: 2 } as const;

const markOf = (persons: Copies["persons"], more: Partial<Copies> = {}, receipts = true, nowMs = 0) =>
  weakestMark({ persons, held: [], keepings: [], trouble: undefined, ...more }, receipts, nowMs);

describe("the mark of a message", () => {
  it("is none where it is for nobody else", () => {
    expect(markOf([])).toBeUndefined();
    expect(markOf([[]])).toBeUndefined();
  });

  it("is as far as the slowest copy, and what needs attention comes first", () => {
    const kind = (a: Delivery, b: Delivery, more: Partial<Copies> = {}) => markOf([[a, b]], more)?.kind;
    expect(kind(delivered, delivered)).toBe("delivered");
    expect(kind(delivered, nothingHeard, { held: [promise] })).toBe("held");
    expect(kind(delivered, nothingHeard)).toBe("saved");
    expect(kind(delivered, nothingHeard, { trouble })).toBe("trouble");
    expect(kind(delivered, nothingHeard, { held: [{ ...promise, untilMs: 0 }], trouble })).toBe("expired");
    expect(kind(refused, nothingHeard, { held: [{ ...promise, untilMs: 0 }] })).toBe("refused");
    expect(kind(delivered, refused)).toBe("refused");
  });

  it("says since when every device has it", () => {
    expect(markOf([[delivered, learn(nothingHeard, "delivered", 9)]])).toEqual({ kind: "delivered", atMs: 9 });
  });

  it("is held up to the promised moment and expired from it on", () => {
    const held = [promise];
    expect(markOf([[nothingHeard]], { held }, true, 999)).toEqual({ kind: "held", untilMs: 1_000 });
    expect(markOf([[nothingHeard]], { held }, true, 1_000)).toEqual({ kind: "expired" });
  });

  it("is held as long as one of several nodes keeps its promise", () => {
    const longer = { ...promise, node: other, untilMs: 2_000 };
    expect(markOf([[nothingHeard]], { held: [promise, longer] })).toEqual({ kind: "held", untilMs: 2_000 });
    const broken = { ...longer, brokenAtMs: 3 };
    expect(markOf([[nothingHeard]], { held: [promise, broken] })).toEqual({ kind: "held", untilMs: 1_000 });
    expect(markOf([[nothingHeard]], { held: [broken], trouble })).toEqual({ kind: "trouble", trouble });
    expect(markOf([[nothingHeard]], { held: [promise], trouble })).toEqual({ kind: "held", untilMs: 1_000 });
  });

  it("is kept by a contact only while no node holds it, and is nobody's failure when that is over", () => {
    const keepings = [{ keeper: "c0".repeat(32) as AccountId, atMs: 1, untilMs: 2_000 }];
    expect(markOf([[nothingHeard]], { keepings })).toEqual({ kind: "kept", untilMs: 2_000 });
    expect(markOf([[nothingHeard]], { keepings, held: [promise] })).toEqual({ kind: "held", untilMs: 1_000 });
    expect(markOf([[nothingHeard]], { keepings, held: [promise] }, true, 1_500)?.kind).toBe("kept");
    expect(markOf([[nothingHeard]], { keepings, trouble })?.kind).toBe("kept");
    expect(markOf([[nothingHeard]], { keepings }, true, 2_000)).toEqual({ kind: "saved" });
    expect(markOf([[delivered, nothingHeard]], { keepings })?.kind).toBe("kept");
  });

  it("is read once one device of the person says so, wherever their other devices are", () => {
    expect(markOf([[read]])).toEqual({ kind: "read", atMs: 7 });
    expect(markOf([[read, nothingHeard]])).toEqual({ kind: "read", atMs: 7 });
    expect(markOf([[read, delivered]])).toEqual({ kind: "read", atMs: 7 });
  });

  it("is read only when everybody has read it", () => {
    expect(markOf([[read], [delivered]])?.kind).toBe("delivered");
    expect(markOf([[read], [nothingHeard]])?.kind).toBe("saved");
    expect(markOf([[read], [learn(nothingHeard, "read", 9)]])).toEqual({ kind: "read", atMs: 9 });
  });

  it("does not hide behind a reader that another device of theirs was given up", () => {
    expect(markOf([[read, refused]])?.kind).toBe("refused");
    expect(markOf([[read, nothingHeard]], { held: [{ ...promise, untilMs: 0 }] })?.kind).toBe("expired");
  });

  it("shows no reading where receipts are off", () => {
    expect(markOf([[read]], {}, false)).toEqual({ kind: "delivered", atMs: 7 });
  });
});

describe("a fact about a copy", () => {
  const facts = fc.record({ fact: fc.constantFrom("delivered", "read", "refused"), atMs: fc.nat() });

  it("is never taken back nor moved in time, in whatever order facts come", () => {
    fc.assert(
      fc.property(fc.array(facts, { minLength: 1 }), (all) => {
        let now = nothingHeard;
        for (const { fact, atMs } of all) {
          const next = learn(now, fact, atMs);
          for (const key of ["deliveredAtMs", "readAtMs", "refusedAtMs"] as const) {
            if (now[key] !== undefined) expect(next[key]).toBe(now[key]);
          }
          now = next;
        }
        for (const { fact } of all) expect(now[`${fact}AtMs`]).toBeDefined();
      }),
    );
  });

  it("says of whoever has read it that they have it", () => {
    expect(read).toEqual({ deliveredAtMs: 7, readAtMs: 7, refusedAtMs: undefined });
    expect(learn(delivered, "read", 7)).toEqual({ deliveredAtMs: 5, readAtMs: 7, refusedAtMs: undefined });
  });

  it("says of whoever refused one copy and opened another that they have it", () => {
    expect(markOf([[learn(refused, "delivered", 8)]])).toEqual({ kind: "delivered", atMs: 8 });
    expect(markOf([[learn(delivered, "refused", 8)]])).toEqual({ kind: "delivered", atMs: 5 });
  });
});

describe("a renewal of the leaf", () => {
  const day = 24 * 3_600_000;
  it("is due after 100 own messages, or a day in which there was one", () => {
    expect(renewalIsDue({ sealedSinceUpdate: 99, updatedAtMs: 0 }, day - 1)).toBe(false);
    expect(renewalIsDue({ sealedSinceUpdate: 100, updatedAtMs: 0 }, 0)).toBe(true);
    expect(renewalIsDue({ sealedSinceUpdate: 1, updatedAtMs: 0 }, day)).toBe(true);
    expect(renewalIsDue({ sealedSinceUpdate: 0, updatedAtMs: 0 }, 10 * day)).toBe(false);
  });
});
