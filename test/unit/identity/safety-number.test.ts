import { expect, it } from "vitest";
import { accountOf } from "../../../core/identity/account.ts";
import { safetyNumber } from "../../../core/identity/safety-number.ts";

const alice = accountOf(new Uint8Array(16).fill(1));
const bob = accountOf(new Uint8Array(16).fill(2));

it("is the same sixty digits on both sides", () => {
  expect(safetyNumber(alice, bob)).toBe(safetyNumber(bob, alice));
  expect(safetyNumber(alice, bob)).toMatch(/^\d{60}$/);
});

it("has not changed since version 1: people have compared and written down these numbers", () => {
  expect([alice, bob]).toEqual([
    "298b77d943567d201ed69e2403ada74af372c3eb5c22ec5fcde18fd34de1eb02",
    "5bf48f3bd88d142976a1d8079ed2bb8ba24473be875067d875ac2c9198461624",
  ]);
  expect(safetyNumber(alice, bob)).toBe("771872378410503039593621884146593924536519845214226721653655");
});

it("differs in its other half for another person", () => {
  const carol = accountOf(new Uint8Array(16).fill(3));
  const halves = (number: string) => [number.slice(0, 30), number.slice(30)];
  const shared = halves(safetyNumber(alice, bob)).filter((half) => halves(safetyNumber(alice, carol)).includes(half));
  expect(shared).toHaveLength(1);
});
