import { expect, it } from "vitest";
import { followAgainMs, readPage } from "../../../core/network/node-answers.ts";

it.each([
  [0, 50],
  [2_000, 2_000],
  [2 ** 32 - 1, 60_000],
])("asks a node that is busy for %i ms again after %i", (saidMs, againMs) => {
  const answer = { kind: "refusal", refusal: { why: "busy", retryAfterMs: saidMs } } as const;
  expect(readPage(answer, 0, 100)).toEqual({ ok: false, error: { kind: "busy", retryAfterMs: againMs } });
  expect(followAgainMs(answer)).toBe(againMs);
});
