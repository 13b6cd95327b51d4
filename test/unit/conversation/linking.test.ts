import { expect, test } from "vitest";
import { type Candidate, maxDialled, whichMakesRoom, whomToDial } from "../../../core/conversation/linking.ts";
import type { DeviceId } from "../../../core/lang/brand.ts";

const minute = 60_000;
const now = Date.UTC(2026, 10, 1);

const device = (n: number) => n.toString(16).padStart(32, "0") as DeviceId;
const candidate = (n: number, minutesAgo: number, placed = false): Candidate => ({
  device: device(n),
  activeAtMs: now - minutesAgo * minute,
  placed,
});
const numbers = (chosen: ReadonlySet<DeviceId>) =>
  [...chosen].map((one) => Number.parseInt(one, 16)).sort((a, b) => a - b);

test("everybody who is here is dialled while there are places", () => {
  const all = Array.from({ length: maxDialled }, (_, n) => candidate(n, n * 1_000));
  expect(whomToDial(all).size).toBe(maxDialled);
  expect(whomToDial([])).toEqual(new Set());
});

test("of three hundred the twelve with whom somebody spoke last are dialled, whatever order they came in", () => {
  const all = Array.from({ length: 300 }, (_, n) => candidate(n, (n * 7) % 300));
  const latest = all.filter(({ activeAtMs }) => activeAtMs > now - maxDialled * minute);
  expect(numbers(whomToDial(all))).toEqual(numbers(new Set(latest.map((one) => one.device))));
  expect(whomToDial([...all].reverse())).toEqual(whomToDial(all));
  expect(whomToDial(all).size).toBe(12);
});

test("who has a place keeps it while somebody spoke there in the ten minutes before the newcomer's last word", () => {
  const placed = Array.from({ length: 12 }, (_, n) => candidate(n, 3 + (n % 2), true));
  expect(whomToDial([...placed, candidate(99, 0)]).has(device(99))).toBe(false);
});

test("who had no word for longer makes room for somebody who wrote now, the most silent one first", () => {
  const placed = Array.from({ length: 12 }, (_, n) => candidate(n, 5 + n, true));
  const chosen = whomToDial([...placed, candidate(99, 0)]);
  expect(chosen.has(device(99))).toBe(true);
  expect(numbers(chosen)).not.toContain(11);
  expect(chosen.size).toBe(12);
});

test("thirteen who all speak at once do not pass twelve places around", () => {
  let placed = new Set(Array.from({ length: 12 }, (_, n) => device(n)));
  let changes = 0;
  for (let second = 0; second < 3_600; second++) {
    const all = Array.from({ length: 13 }, (_, n) => ({
      device: device(n),
      // Each says something every 13 s.
      activeAtMs: now + (second - ((second + n) % 13)) * 1_000,
      placed: placed.has(device(n)),
    }));
    const next = new Set(whomToDial(all));
    changes += [...next].filter((one) => !placed.has(one)).length;
    placed = next;
  }
  expect(changes).toBe(0);
});

test("for one link more the one unused for longest is closed, and none that was used in the last ten minutes", () => {
  const links = [4, 25, 11].map((minutesAgo) => ({ minutesAgo, usedAtMs: now - minutesAgo * minute }));
  expect(whichMakesRoom(links, now)?.minutesAgo).toBe(25);
  expect(whichMakesRoom(links.slice(0, 1), now)).toBeUndefined();
  expect(whichMakesRoom([], now)).toBeUndefined();
});
