import { describe, expect, test } from "vitest";
import {
  chosen,
  historyTotals,
  isSharedBy,
  readPiece,
  type Sharing,
  shareHistory,
  signHistory,
  startReading,
} from "../../../core/conversation/history.ts";
import { messageIdOf } from "../../../core/conversation/order.ts";
import { sha256 } from "../../../core/crypto/hash.ts";
import { publicKeyOf } from "../../../core/crypto/signature.ts";
import { toHex, uint64 } from "../../../core/lang/bytes.ts";
import { maxHistoryPieceBytes } from "../../../core/wire/bounds.ts";
import {
  decodeHistoryCapsule,
  encodeHistoryCapsule,
  encodeHistoryPiece,
  type HistoryCapsule,
  type HistoryEntry,
} from "../../../core/wire/history.ts";
import { valueIn } from "../wire/samples.ts";
import { conversation, person } from "./group-world.ts";

const [ana, bob, carol] = [person("ana"), person("bob"), person("carol")];
const nowMs = 1_795_000_000_000;
const hourMs = 3_600_000;

function entry(
  of: typeof ana,
  number: number,
  what: HistoryEntry["what"],
  clockMs = nowMs - 1_000 * hourMs + number,
): HistoryEntry {
  const message = messageIdOf(of.devices[0]!.device, toHex(uint64(number)));
  return { message, number, clockMs, clockCount: 0, what };
}
const text = (of: typeof ana, number: number, clockMs?: number) =>
  entry(of, number, { kind: "text", text: `${of.name} ${number}` }, clockMs);

function sharing(entries: readonly HistoryEntry[]): Sharing {
  const authors = [ana, bob].map(({ account, name, devices }) => ({ account, name, devices: [devices[0]!.device] }));
  return { conversation, account: carol.account, madeAtMs: nowMs, authors, entries: chosen(entries, "all", nowMs) };
}

function readAll(capsule: HistoryCapsule, pieces: readonly Uint8Array[]): readonly HistoryEntry[] {
  let reading = startReading(capsule);
  return pieces.flatMap((piece, index) => {
    const read = valueIn(readPiece(reading, piece));
    reading = read.reading;
    expect(read.complete).toBe(index === pieces.length - 1);
    return read.entries;
  });
}

/** 420 of ana, of which eight are not here, and one of bob. */
const lost = [3, 50, 51, 52, 200, 300, 301, 419];
const said = Array.from({ length: 420 }, (_, index) => index + 1)
  .filter((number) => !lost.includes(number))
  .map((number) => text(ana, number));

describe("shared history", () => {
  test("says what is there and what is missing, and comes back newest first", async () => {
    const { capsule, pieces } = await shareHistory(sharing(said));
    expect(historyTotals(capsule)).toEqual({ here: 412, missing: 8 });
    expect(readAll(capsule, pieces)).toEqual([...said].reverse());
    expect(valueIn(decodeHistoryCapsule(valueIn(encodeHistoryCapsule(capsule))))).toEqual(capsule);
  });

  test("is cut into pieces within their bound", async () => {
    const long = Array.from({ length: 40 }, (_, index) =>
      entry(index % 2 === 0 ? ana : bob, index + 1, { kind: "text", text: "ü".repeat(8_000) }),
    );
    const { capsule, pieces } = await shareHistory(sharing(long));
    expect(pieces.length).toBeGreaterThan(10);
    for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(maxHistoryPieceBytes);
    expect(readAll(capsule, pieces)).toHaveLength(40);
  });

  test("begins later rather than call a gap none, where there are too many", async () => {
    const odd = Array.from({ length: 100 }, (_, index) => text(ana, 2 * index + 1));
    const { capsule, pieces } = await shareHistory(sharing(odd));
    expect(historyTotals(capsule)).toEqual({ here: 64, missing: 63 });
    expect(readAll(capsule, pieces)).toHaveLength(64);
    expect(decodeHistoryCapsule(valueIn(encodeHistoryCapsule(capsule))).ok).toBe(true);
  });

  test("is signed by who shares it", async () => {
    const bytes = valueIn(encodeHistoryCapsule((await shareHistory(sharing(said))).capsule));
    const { seed } = ana.devices[0]!;
    expect(isSharedBy(bytes, signHistory(bytes, seed), publicKeyOf(seed))).toBe(true);
    expect(isSharedBy(bytes, signHistory(bytes, seed), publicKeyOf(bob.devices[0]!.seed))).toBe(false);
    expect(
      isSharedBy(
        bytes.map((byte, at) => (at === 9 ? byte ^ 1 : byte)),
        signHistory(bytes, seed),
        publicKeyOf(seed),
      ),
    ).toBe(false);
  });

  test.each<[string, readonly HistoryEntry[], string]>([
    ["leaves out what the capsule promised", [text(ana, 2)], "against-capsule"],
    ["brings what the capsule does not name", [text(ana, 3), text(ana, 2), text(ana, 1)], "against-capsule"],
    ["is of somebody the capsule does not name", [text(bob, 2), text(ana, 1)], "against-capsule"],
    ["brings a number twice", [text(ana, 2, nowMs), text(ana, 2), text(ana, 1)], "against-capsule"],
    ["is not newest first", [text(ana, 1), text(ana, 2)], "against-capsule"],
  ])("of which a signed piece %s is void", async (_, entries, fault) => {
    const { capsule } = await shareHistory(sharing([text(ana, 2), text(ana, 1)]));
    const piece = encodeHistoryPiece(entries);
    const forged = { ...capsule, pieces: [toHex(sha256(piece))] };
    expect(readPiece(startReading(forged), piece)).toEqual({ ok: false, error: fault });
  });

  test("takes no piece that was not signed, and none before its turn", async () => {
    const { capsule, pieces } = await shareHistory(
      sharing(Array.from({ length: 3_000 }, (_, index) => text(ana, index + 1))),
    );
    expect(readPiece(startReading(capsule), encodeHistoryPiece([text(ana, 1)]))).toEqual({ ok: false, error: "other" });
    expect(readPiece(startReading(capsule), pieces[1]!)).toEqual({ ok: false, error: "other" });
  });
});

describe("of what was said a newcomer is given", () => {
  const aside = entry(bob, 1, { kind: "unshown" }, nowMs - 5);
  const recent = Array.from({ length: 150 }, (_, index) => text(ana, index + 10, nowMs - (index + 1) * hourMs * 2));

  test("nothing, or all", () => {
    expect(chosen(recent, "none", nowMs)).toEqual([]);
    expect(chosen(recent.toReversed(), "all", nowMs)).toEqual(recent);
  });

  test("that of seven days", () => {
    expect(chosen(recent, "last-7-days", nowMs)).toHaveLength(84);
  });

  test("the last 100 messages, with what is none between them", () => {
    expect(chosen([...recent, aside], "last-100", nowMs)).toEqual([aside, ...recent.slice(0, 100)]);
    expect(chosen([aside], "last-100", nowMs)).toEqual([]);
  });
});
