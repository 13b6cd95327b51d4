import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { advance, type Delivery, weakestMark } from "../../../core/conversation/marks.ts";
import { renewalIsDue } from "../../../core/conversation/renewal.ts";
import type { DeviceId } from "../../../core/lang/brand.ts";

const phone = "aa".repeat(16) as DeviceId;
const laptop = "bb".repeat(16) as DeviceId;
const waiting: Delivery = { kind: "waiting" };
const held: Delivery = { kind: "held", untilMs: 1_000 };
const delivered: Delivery = { kind: "delivered", atMs: 5 };
const refused: Delivery = { kind: "refused", atMs: 6 };
const facts = fc.constantFrom(waiting, held, delivered, refused);

describe("the mark of a message", () => {
  it("is none where it is for nobody else", () => {
    expect(weakestMark({}, 0)).toBeUndefined();
  });

  it("is as far as the slowest copy, and trouble comes first", () => {
    const markOf = (a: Delivery, b: Delivery, nowMs = 0) => weakestMark({ [phone]: a, [laptop]: b }, nowMs)?.kind;
    expect(markOf(delivered, delivered)).toBe("delivered");
    expect(markOf(delivered, held)).toBe("held");
    expect(markOf(held, waiting)).toBe("saved");
    expect(markOf(waiting, { ...held, untilMs: 0 })).toBe("expired");
    expect(markOf(delivered, refused)).toBe("refused");
    expect(markOf(refused, { ...held, untilMs: 0 })).toBe("refused");
  });

  it("is held up to the promised moment and expired from it on", () => {
    expect(weakestMark({ [phone]: held }, 999)).toEqual({ kind: "held", untilMs: 1_000 });
    expect(weakestMark({ [phone]: held }, 1_000)).toEqual({ kind: "expired" });
  });
});

describe("a fact about a copy", () => {
  it("never takes back a stronger one, in whatever order facts come", () => {
    const rank = ({ kind }: Delivery) => ["waiting", "held", "refused", "delivered"].indexOf(kind);
    fc.assert(
      fc.property(fc.array(facts, { minLength: 1 }), (all) => {
        let now: Delivery | undefined;
        for (const fact of all) {
          const next = advance(now, fact);
          expect(rank(next)).toBeGreaterThanOrEqual(now === undefined ? 0 : rank(now));
          now = next;
        }
        expect(rank(now!)).toBe(Math.max(...all.map(rank)));
      }),
    );
  });

  it("renews a promise by a newer promise", () => {
    expect(advance(held, { kind: "held", untilMs: 2_000 })).toEqual({ kind: "held", untilMs: 2_000 });
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
