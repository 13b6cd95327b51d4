import type { DiagnosisView, NodeUrl } from "@kith/core";
import { describe, expect, test } from "vitest";
import { findings, verdict } from "../../../app/views/doctor/findings.ts";
import { report } from "../../../app/views/doctor/report.ts";
import { node } from "./message.ts";

const now = new Date(2026, 4, 13, 12, 0).getTime();
const minute = 60_000;
const day = 24 * 60 * minute;
const around = { name: "Ana", online: true, nowMs: now };
const other = "https://other.example:8443" as NodeUrl;

const well: DiagnosisView = {
  nodes: [{ node, own: true, state: "connected", sinceMs: now - day, conversations: 3 }],
  direct: "ready",
  reservedUntilMs: now + 40 * minute,
  candidates: { host: 2, reflexive: 1, relayed: 0 },
  stun: "answered",
  relayOnly: undefined,
  presence: { kind: "here" },
  path: "direct",
  lastDial: { atMs: now - minute, outcome: "linked" },
  waiting: { messages: 0, oldestMs: undefined, held: 0, heldUntilMs: undefined, trouble: undefined },
  healingSinceMs: undefined,
  missing: 0,
};
const troubled: DiagnosisView = {
  nodes: [
    { node, own: true, state: "unreachable", sinceMs: now - 12 * minute, conversations: 3 },
    { node: other, own: false, state: "refused", sinceMs: now - 5 * minute, conversations: 1 },
  ],
  direct: "relay-full",
  reservedUntilMs: undefined,
  candidates: undefined,
  stun: "silent",
  relayOnly: "contact",
  presence: { kind: "away", lastHeardMs: now - 26 * 60 * minute },
  path: "node",
  lastDial: { atMs: now - 3 * minute, outcome: "timeout" },
  waiting: {
    messages: 3,
    oldestMs: now - 20 * minute,
    held: 2,
    heldUntilMs: now + 13 * day,
    trouble: { node: other, what: "full", atMs: now - 5 * minute },
  },
  healingSinceMs: now - 2 * minute,
  missing: 2,
};
const say = (found: DiagnosisView, change: Partial<typeof around> = {}) => findings(found, { ...around, ...change });
const sentences = (found: DiagnosisView) =>
  say(found)
    .map(({ text, remedy }) => `${text} ${remedy ?? ""}`)
    .join("\n");

describe("the doctor", () => {
  test("finds nothing to mend where all is well", () => {
    const tones = say(well).map((finding) => finding.tone);
    expect(tones).not.toContain("fault");
    expect(tones).not.toContain("wait");
    expect(say(well).filter((finding) => finding.remedy)).toEqual([]);
    expect(verdict(well, around)).toBe("Ana is here, and you are connected directly.");
  });

  test("has exactly one remedy for everything that is not well", () => {
    for (const finding of say(troubled))
      expect(finding.remedy !== undefined, finding.text).toBe(finding.tone === "fault" || finding.tone === "wait");
  });

  test("tells first what holds things up", () => {
    const order = say(troubled).map(({ tone }) => (tone === "fault" ? 0 : tone === "wait" ? 1 : 2));
    expect(order).toEqual(order.toSorted());
    expect(order[0]).toBe(0);
  });

  test("answers every question of somebody who cannot reach another", () => {
    const told = sentences(troubled);
    for (const answer of [
      /node\.example cannot be reached since/,
      /other\.example:8443 refuses this device/,
      /other\.example:8443 has no room/,
      /lets no UDP through/,
      /You hide your internet address from Ana/,
      /Ana was last heard yesterday at/,
      /3 messages of yours wait for Ana, the oldest since/,
      /A node keeps 2 of them, at least until 26 May 2026/,
      /keys of this conversation are being renewed/,
      /2 messages from Ana have not arrived yet/,
      /no place where Ana could call/,
      /The last try to connect, .*, had no answer in time/,
    ])
      expect(told).toMatch(answer);
    expect(sentences(well)).toMatch(/keeps a place until 12:40/);
    expect(sentences(well)).toMatch(/2 in its own network, 1 from the internet, 0 through a relay/);
  });

  test("blames no node while another takes its place", () => {
    const nodes = [...well.nodes, ...troubled.nodes.slice(0, 1)];
    expect(say({ ...well, nodes }).map((finding) => finding.tone)).not.toContain("fault");
  });

  test("does not call the node well known as away when the device has no internet", () => {
    expect(verdict(troubled, { ...around, online: false })).toMatch(/no internet/);
    expect(say(troubled, { online: false })[0]?.text).toMatch(/no internet/);
    // A node on this very machine answers without one.
    expect(say(well, { online: false }).map((finding) => finding.tone)).not.toContain("fault");
  });

  test("claims nothing that only a node could tell or do while none is in reach", () => {
    const away = { node, own: true, state: "unreachable", sinceMs: now - minute, conversations: 1 } as const;
    const nodes = [away, { ...away, node: other }];
    const told = sentences({ ...troubled, nodes, direct: "relay-away" });
    expect(told).toMatch(/Without a node Kith cannot tell whether Ana is there\./);
    expect(told).not.toMatch(/closed or offline|go through|arranges direct connections/);
    expect(told.match(/the node itself is away/g)).toHaveLength(1);
    expect(told).toMatch(/until a node takes it or Ana comes/);
  });

  test("says that a place is gone when its time is over", () => {
    expect(sentences({ ...well, reservedUntilMs: now - 1 })).toMatch(/no place where Ana could call/);
  });

  test("sends nobody into the settings for a choice that was not made", () => {
    expect(say(well).map((finding) => finding.way)).not.toContain("settings");
    expect(say({ ...well, relayOnly: "everybody" }).map((finding) => finding.way)).toContain("settings");
  });
});

describe("the report to copy", () => {
  const context = { version: "1.2.3", online: true, nowMs: now };

  /** The same facts about other people, nodes and hours: every open text is another, every point in time has moved. */
  function elsewhere(found: DiagnosisView, byMs: number): DiagnosisView {
    const moved = (value: unknown, key = ""): unknown => {
      if (key === "node") return "https://secret-host.example:1234";
      if (typeof value === "number" && key.endsWith("Ms")) return value + byMs;
      if (Array.isArray(value)) return value.map((each) => moved(each));
      if (value === null || typeof value !== "object") return value;
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, moved(each, name)]));
    };
    return moved(found) as DiagnosisView;
  }

  test.each([
    ["well", well],
    ["troubled", troubled],
  ])("of somebody %s names nobody: other people, nodes and hours give the same text", (_name, found) => {
    const byMs = 1_234_567_890;
    const mine = report(found, context);
    expect(report(elsewhere(found, byMs), { ...context, nowMs: now + byMs })).toBe(mine);
    expect(mine).not.toMatch(/example|:\/\/|8443|\d{2}:\d{2}|20\d\d|[0-9a-f]{16}/);
  });

  test("tells the facts that a helper needs", () => {
    const text = report(troubled, { ...context, online: false });
    for (const fact of [
      "version: 1.2.3",
      "browser says: offline",
      "nodes: 2, of them own: 1",
      "nodes unreachable: 1",
      "nodes refused: 1",
      "a node away: 12 min ago",
      "direct: relay-full",
      "relay only: contact",
      "relay place: none",
      "stun: silent",
      "candidates: not looked for",
      "last dial: timeout, 3 min ago",
      "other side: away, 1 d ago",
      "path: node",
      "waiting: 3, oldest: 20 min ago",
      "held by nodes: 2, first ends: 13 d left",
      "trouble: full, 5 min ago",
      "keys being renewed: 2 min ago",
      "missing: 2",
    ])
      expect(text.split("\n")).toContain(fact);
  });
});
