/** From facts about each recipient device's copy to the one mark a message shows (DESIGN §6). */

import type { DeviceId } from "../lang/brand.ts";

/** What is known of one recipient device's copy; each is backed by a fact. */
export type Delivery =
  | { readonly kind: "waiting" }
  /** A node's signed promise. */
  | { readonly kind: "held"; readonly untilMs: number }
  | { readonly kind: "delivered"; readonly atMs: number }
  /** The device answered that no key of it opens the envelope. */
  | { readonly kind: "refused"; readonly atMs: number };

export type Mark =
  | { readonly kind: "saved" }
  | { readonly kind: "held"; readonly untilMs: number }
  | { readonly kind: "delivered"; readonly atMs: number }
  | { readonly kind: "refused" }
  | { readonly kind: "expired" };

/** The weakest of all devices: a message is as far as its slowest copy. `undefined` when it is for nobody else. */
export function weakestMark(deliveries: Readonly<Record<DeviceId, Delivery>>, nowMs: number): Mark | undefined {
  let weakest: Mark | undefined;
  for (const delivery of Object.values(deliveries)) {
    const mark = markOf(delivery, nowMs);
    if (weakest === undefined || rank(mark) < rank(weakest)) weakest = mark;
  }
  return weakest;
}

function markOf(delivery: Delivery, nowMs: number): Mark {
  switch (delivery.kind) {
    case "waiting":
      return { kind: "saved" };
    case "held":
      return delivery.untilMs <= nowMs ? { kind: "expired" } : { kind: "held", untilMs: delivery.untilMs };
    case "delivered":
      return { kind: "delivered", atMs: delivery.atMs };
    case "refused":
      return { kind: "refused" };
  }
}

/** What needs somebody's attention comes first, then by how far the copy is. */
function rank(mark: Mark): number {
  return ["refused", "expired", "saved", "held", "delivered"].indexOf(mark.kind);
}

/** A later fact never takes back an earlier, stronger one: custody after delivery changes nothing. */
export function advance(now: Delivery | undefined, fact: Delivery): Delivery {
  if (now === undefined || now.kind === "waiting") return fact;
  if (now.kind === "held") return fact.kind === "waiting" ? now : fact;
  // A device that refused one copy and then opened another has it.
  return now.kind === "refused" && fact.kind === "delivered" ? fact : now;
}
