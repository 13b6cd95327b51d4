import { expect, it } from "vitest";
import { chooseCryptography } from "../support/native-crypto.ts";
import { meet } from "./meeting.ts";

const only = process.env["KITH_MEETING"];
const seeds =
  only === undefined
    ? Array.from({ length: Number(process.env["KITH_SEEDS"] ?? 100) }, (_, n) => n + 1)
    : [Number(only)];

it(`lets strangers become contacts in ${seeds.length} seeds, whatever is interrupted`, async () => {
  const failed: string[] = [];
  let crashes = 0;
  for (const seed of seeds) {
    // A tenth of them with what is shipped.
    await chooseCryptography(seed % 10 === 0 ? "shipped" : "native");
    const { watch, complaints, crashes: here } = await meet(seed);
    crashes += here;
    const all = [...watch.breaches.map(({ invariant, what }) => `${invariant}: ${what}`), ...complaints];
    failed.push(...[...new Set(all)].map((what) => `seed ${seed}: ${what}`));
    if (failed.length > 20) break;
  }
  console.log(`  ${seeds.length} seeds, ${crashes} crashes`);
  expect(failed).toEqual([]);
});
