/** Until when a node says that it keeps something (§6.3). It is shown as a date: one that no date can show would end the view. */
import { describe, expect, it } from "vitest";
import { maxClockMs } from "../../../core/wire/bounds.ts";
import { decodeNodeFrame, encodeNodeFrame } from "../../../core/wire/node-frame.ts";
import { nodeFrames } from "./samples.ts";

const { custody, entries } = nodeFrames;
const [entry] = entries.result.entries;

const promised = (expiresAtMs: number) => ({ ...custody, result: { ...custody.result, expiresAtMs } });
const given = (expiresAtMs: number) => ({
  ...entries,
  result: { ...entries.result, entries: [{ ...entry!, expiresAtMs }] },
});

describe.each([
  ["a promise", promised],
  ["an entry", given],
])("%s of a node", (_, frameUntil) => {
  it("may last until the last date there is", () => {
    const frame = frameUntil(maxClockMs);
    expect(decodeNodeFrame(encodeNodeFrame(frame))).toEqual({ ok: true, value: frame });
    expect(() => new Intl.DateTimeFormat("en-GB").format(maxClockMs)).not.toThrow();
  });

  it("is refused where it lasts beyond", () => {
    expect(decodeNodeFrame(encodeNodeFrame(frameUntil(maxClockMs + 1)))).toEqual({ ok: false, error: "malformed" });
    expect(() => new Intl.DateTimeFormat("en-GB").format(maxClockMs + 1)).toThrow(RangeError);
  });
});
