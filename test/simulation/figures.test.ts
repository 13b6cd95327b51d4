// Two rows of the table of faults with their pass figures: F5, a network that loses, doubles, reorders and delays; F8,
// clocks that are wrong or jump. The gate lives through a part of the seeds, `KITH_FIGURES=1000` through all of them.
import { beforeAll, describe, expect, it } from "vitest";
import type { MessageRecord } from "../../core/ports/message-record.ts";
import { chooseCryptography } from "../support/native-crypto.ts";
import { rowsOn, type World } from "../support/sim-world.ts";
import { calmFaults, mildFaults } from "./faults.ts";
import { type Life, live } from "./life.ts";
import { timeFor } from "./seeds.ts";
import { prepareStarts, type Starts } from "./worlds.ts";

let starts: Starts;
beforeAll(async () => {
  await chooseCryptography("native");
  starts = await prepareStarts();
});

const count = Number(process.env["KITH_FIGURES"] ?? 25);
const timeout = timeFor(count);
const seeds = Array.from({ length: count }, (_, n) => n + 1);

const faultsOf = (seed: number, life: Life): readonly string[] =>
  [...life.watch.breaches.map(({ invariant, what }) => `${invariant}: ${what}`), ...life.complaints].map(
    (what) => `seed ${seed}: ${what}`,
  );

describe("F5: frames dropped, doubled, reordered and delayed", () => {
  it(`brings 50 messages in each of ${count} seeds at 1 %, 1 %, 5 % and up to 2 s, with 0 violations`, {
    timeout,
  }, async () => {
    const violations: string[] = [];
    let sent = 0;
    for (const seed of seeds) {
      const plan = { troubles: [], messages: [50, 50], faults: [mildFaults], trouble: 0 } as const;
      const life = await live(seed, { ...plan, start: starts.two });
      sent += life.sent;
      violations.push(...faultsOf(seed, life));
    }
    console.log(`  F5: ${count} seeds, ${sent} messages`);
    expect(sent).toBe(50 * count);
    expect(violations).toEqual([]);
  });
});

describe("F8: clocks wrong by ten minutes or a year, and jumping back", () => {
  it(`shows the same order on all devices in ${count} seeds, and nothing expires`, { timeout }, async () => {
    const violations: string[] = [];
    let jumps = 0;
    for (const seed of seeds) {
      const plan = {
        troubles: ["clocks"],
        messages: [20, 30],
        faults: [mildFaults, calmFaults],
        trouble: 0.5,
      } as const;
      const life = await live(seed, {
        ...plan,
        start: starts.three,
        atEnd: (world) => violations.push(...expired(world).map((what) => `seed ${seed}: ${what}`)),
      });
      jumps += life.troubles;
      violations.push(...faultsOf(seed, life));
    }
    console.log(`  F8: ${count} seeds, ${jumps} jumps`);
    expect(jumps).toBeGreaterThan(5 * count);
    expect(violations).toEqual([]);
  });
});

/** Promises that were called over or broken because a clock was wrong. */
function expired(world: World): readonly string[] {
  return [...world.devices.keys()].flatMap((name) =>
    rowsOn<MessageRecord>(world.disk(name), "messages")
      .filter(({ deliveries, trouble }) => {
        const isThere = Object.values(deliveries).every(({ deliveredAtMs }) => deliveredAtMs !== undefined);
        return !isThere || trouble !== undefined;
      })
      .map(({ key }) => `${name} shows ${key} as expired or in trouble`),
  );
}
