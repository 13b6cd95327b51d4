import { describe, expect, test } from "vitest";
import {
  droppedAbove,
  grewUpwards,
  newSince,
  onlyAbove,
  timelineRows,
} from "../../../app/views/conversation/timeline-rows.ts";
import { message } from "./message.ts";

const noon = new Date(2026, 4, 12, 12, 0).getTime();
const minute = 60_000;
const whole = { more: false, unreadFrom: undefined };
const kinds = (rows: ReturnType<typeof timelineRows>) => rows.map((row) => row.kind);
const groups = (rows: ReturnType<typeof timelineRows>) =>
  rows.flatMap((row) => (row.kind === "message" ? [`${row.first ? "[" : ""}${row.last ? "]" : ""}`] : []));

describe("the rows of a timeline", () => {
  test("put a day before the first message of each day", () => {
    const rows = timelineRows([message(noon), message(noon + minute), message(noon + 24 * 60 * minute)], whole);
    expect(kinds(rows)).toEqual(["beginning", "day", "message", "message", "day", "message"]);
  });

  test("begin with the beginning only when nothing older exists", () => {
    expect(kinds(timelineRows([message(noon)], { more: true, unreadFrom: undefined }))[0]).toBe("older");
  });

  test("keep messages of one person within five minutes together", () => {
    const rows = timelineRows([message(noon), message(noon + 5 * minute), message(noon + 10 * minute + 1)], whole);
    expect(groups(rows)).toEqual(["[", "]", "[]"]);
  });

  test("part messages of different people", () => {
    const rows = timelineRows([message(noon), message(noon + 1, { mine: true }), message(noon + 2)], whole);
    expect(groups(rows)).toEqual(["[]", "[]", "[]"]);
  });

  test("part messages at midnight, however close", () => {
    const midnight = new Date(2026, 4, 13).getTime();
    const rows = timelineRows([message(midnight - 1000), message(midnight + 1000)], whole);
    expect(groups(rows)).toEqual(["[]", "[]"]);
  });

  test("draw the unread line before its message and part the group there", () => {
    const read = message(noon);
    const unread = message(noon + minute);
    const rows = timelineRows([read, unread], { more: false, unreadFrom: unread.id });
    expect(kinds(rows)).toEqual(["beginning", "day", "message", "unread", "message"]);
    expect(groups(rows)).toEqual(["[]", "[]"]);
  });

  test("show the state of an earlier message when it differs from the next one's", () => {
    const rows = timelineRows(
      [
        message(noon, { mine: true, mark: { kind: "refused" } }),
        message(noon + 1, { mine: true, mark: { kind: "delivered", atMs: noon } }),
        message(noon + 2, { mine: true, mark: { kind: "delivered", atMs: noon + 1 } }),
      ],
      whole,
    );
    expect(rows.flatMap((row) => (row.kind === "message" ? [row.detail] : []))).toEqual([true, false, true]);
  });

  test("show the state of every message of a group that is not the last one's", () => {
    const mark = (kind: "held" | "delivered") =>
      kind === "held" ? ({ kind, untilMs: noon } as const) : ({ kind, atMs: noon } as const);
    const details = (...marks: readonly ("held" | "delivered")[]) =>
      timelineRows(
        marks.map((kind, index) => message(noon + index, { mine: true, mark: mark(kind) })),
        whole,
      ).flatMap((row) => (row.kind === "message" ? [row.detail] : []));
    expect(details("held", "held", "delivered")).toEqual([true, true, true]);
    expect(details("delivered", "held", "held", "delivered")).toEqual([true, true, true, true]);
    expect(details("held", "held", "held")).toEqual([false, false, true]);
  });

  test("name the newest own message and no other", () => {
    const rows = timelineRows(
      [message(noon, { mine: true }), message(noon + 1, { mine: true }), message(noon + 2)],
      whole,
    );
    expect(rows.flatMap((row) => (row.kind === "message" ? [row.newestOwn] : []))).toEqual([false, true, false]);
  });

  test("have different keys, even when the days go back and forth", () => {
    const rows = timelineRows([message(noon), message(noon - 48 * 60 * minute), message(noon)], whole);
    expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
  });
});

describe("a window over the messages", () => {
  const all = Array.from({ length: 6 }, (_, index) => message(noon + index * minute));
  const shown = timelineRows(all.slice(2, 5), whole);

  test("grew upwards when older ones came and the newest stayed", () => {
    expect(grewUpwards(shown, timelineRows(all.slice(0, 5), whole))).toBe(true);
    expect(grewUpwards(shown, timelineRows(all.slice(2, 6), whole))).toBe(false);
    expect(grewUpwards([], shown)).toBe(false);
  });

  test("takes what came above first when both ends grew", () => {
    expect(onlyAbove(shown, all)?.map((each) => each.id)).toEqual(all.slice(0, 5).map((each) => each.id));
    expect(onlyAbove(shown, all.slice(0, 5))).toBeUndefined();
    expect(onlyAbove(shown, all.slice(2))).toBeUndefined();
  });

  test("counts what fell out at its top", () => {
    expect(droppedAbove(shown, all.slice(4))).toBe(2);
    expect(droppedAbove(shown, all)).toBe(0);
  });

  test("counts what others wrote since one looked", () => {
    expect(newSince([...all, message(noon, { mine: true })], all[3]?.id)).toBe(2);
    expect(newSince(all, undefined)).toBe(0);
  });
});

describe("what this device tells in the timeline", () => {
  const notice = (atMs: number) =>
    ({ ...message(atMs, { mine: true }), body: { kind: "notice", notice: "keys-renewed" } }) as const;

  test("is a row of its own that parts the groups around it", () => {
    const rows = timelineRows([message(noon), notice(noon + 1), message(noon + 2)], whole);
    expect(kinds(rows)).toEqual(["beginning", "day", "message", "notice", "message"]);
    expect(groups(rows)).toEqual(["[]", "[]"]);
  });

  test("has the group's events and the ends of own changes beside it", () => {
    const event = { ...message(noon + 1), body: { kind: "event", event: { kind: "created" } } } as const;
    const act = { kind: "describe", description: "" } as const;
    const end = {
      ...message(noon + 2),
      body: { kind: "change-ended", end: { act, why: "moot", by: undefined } },
    } as const;
    const said = message(noon);
    const rows = timelineRows([said, event, end, message(noon + 3)], whole);
    expect(kinds(rows)).toEqual(["beginning", "day", "message", "notice", "notice", "message"]);
    expect(newSince([said, event, end], said.id)).toBe(0);
  });

  test("is nobody's newest message and counts as none", () => {
    const mine = message(noon, { mine: true });
    const last = notice(noon + 1);
    const rows = timelineRows([mine, last], whole);
    expect(rows.flatMap((row) => (row.kind === "message" && row.newestOwn ? [row.key] : []))).toEqual([mine.id]);
    expect(newSince([mine, { ...last, mine: false }], mine.id)).toBe(0);
  });

  test("keeps the window in its place like a message", () => {
    const all = [notice(noon), message(noon + minute), message(noon + 2 * minute)];
    const shown = timelineRows(all.slice(0, 2), whole);
    expect(droppedAbove(shown, all.slice(1))).toBe(1);
    expect(grewUpwards(timelineRows(all.slice(1), whole), timelineRows(all, whole))).toBe(true);
  });
});
