// The storage that keeps trees in rows of their own, over a disk in memory.
import { describe, expect, it } from "vitest";
import { treesApart } from "../../../core/engine/trees-apart.ts";
import type { GroupRecord } from "../../../core/ports/group-records.ts";
import type { Change, Storage } from "../../../core/ports/storage.ts";
import { friends, group, work } from "../../contracts/storage-rows.ts";
import { type Disk, emptyDisk, memoryStorage } from "../../support/memory-storage.ts";

const tree = (epoch: number) => new Uint8Array(4_000).fill(epoch);

const inEpochs = (revision: number, epochs: readonly number[], key = friends): GroupRecord => ({
  ...group(revision, key),
  state: { live: Uint8Array.of(revision), trees: new Map(epochs.map((epoch) => [epoch, tree(epoch)])) },
});

const put = (row: GroupRecord): Change => ({ kind: "put", table: "groups", row });
const treesOn = (disk: Disk) => [...(disk.tables.get("trees")?.values() ?? [])] as { key: string; bytes: Uint8Array }[];
const epochsOn = (disk: Disk) => treesOn(disk).map(({ bytes }) => bytes[0]);

/** As long as the bytes are. */
const bytesText = (value: unknown) => (value instanceof Uint8Array ? "x".repeat(value.length) : value);

/** Bytes of trees in each batch. */
function watched(disk: Disk): number[] {
  const written: number[] = [];
  disk.onCommit = (moment, { changes }) => {
    if (moment === "before") return;
    const bytes = changes.flatMap((one) => (one.kind === "put" && one.table === "trees" ? [one.row.bytes.length] : []));
    written.push(bytes.reduce((sum, one) => sum + one, 0));
  };
  return written;
}

async function step(storage: Storage, row: GroupRecord, revision: number | undefined): Promise<void> {
  const outcome = await storage.commit({ expect: [{ table: "groups", key: row.key, revision }], changes: [put(row)] });
  expect(outcome.ok).toBe(true);
}

describe("trees in rows of their own", () => {
  it("are read with the state that has them, after a restart too", async () => {
    const disk = emptyDisk();
    const storage = treesApart(memoryStorage(disk));
    await step(storage, inEpochs(1, [3, 4]), undefined);
    expect(await storage.get("groups", friends)).toEqual(inEpochs(1, [3, 4]));
    expect(await treesApart(memoryStorage(disk)).get("groups", friends)).toEqual(inEpochs(1, [3, 4]));
    const stored = disk.tables.get("groups")!.get(friends) as GroupRecord;
    for (const [, bytes] of stored.state.trees) expect(bytes.length).toBe(32);
  });

  it("are not written again by a step that leaves them as they are", async () => {
    const disk = emptyDisk();
    const written = watched(disk);
    const storage = treesApart(memoryStorage(disk));
    await step(storage, inEpochs(1, [3, 4]), undefined);
    await step(storage, inEpochs(2, [3, 4]), 1);
    await step(storage, inEpochs(3, [4, 5]), 2);
    expect(written).toEqual([8_000, 0, 4_000]);
  });

  it("go in the batch in which their epoch does, and with the group", async () => {
    const disk = emptyDisk();
    const storage = treesApart(memoryStorage(disk));
    await step(storage, inEpochs(1, [3, 4]), undefined);
    await step(storage, inEpochs(1, [4], work), undefined);
    await step(storage, inEpochs(2, [4, 5]), 1);
    expect(epochsOn(disk)).toEqual([4, 4, 5]);
    await storage.commit({ changes: [{ kind: "delete", table: "groups", key: friends }] });
    expect(epochsOn(disk)).toEqual([4]);
    expect((await storage.get("groups", work))?.state.trees.size).toBe(1);
  });

  it("of a commit that waits are kept with it, and those that it shares once", async () => {
    const disk = emptyDisk();
    const storage = treesApart(memoryStorage(disk));
    const { state } = inEpochs(9, [4, 5]);
    const pending = { state, envelope: Uint8Array.of(1), parts: [], slot: undefined } as const;
    const row: GroupRecord = {
      ...inEpochs(1, [3, 4]),
      pending: { ...pending, commit: undefined, change: undefined, welcome: undefined },
    };
    await step(storage, row, undefined);
    expect(epochsOn(disk)).toEqual([3, 4, 5]);
    expect(await treesApart(memoryStorage(disk)).get("groups", friends)).toEqual(row);
    await step(storage, inEpochs(2, [3, 4]), 1);
    expect(epochsOn(disk)).toEqual([3, 4]);
  });

  it("are as what is large of a commit that waits: written with it, and not with each message", async () => {
    const disk = emptyDisk();
    const storage = treesApart(memoryStorage(disk));
    const large = (seed: number) => new Uint8Array(60_000).fill(seed);
    const { state } = inEpochs(9, [4]);
    const pending = {
      state,
      envelope: large(11),
      parts: [large(12), large(13)],
      slot: undefined,
      commit: large(14),
      change: undefined,
      welcome: { bytes: large(15), people: [] },
    } as const;
    const rows = [1, 2].map((revision): GroupRecord => ({ ...inEpochs(revision, [3]), pending }));
    const sizes: number[] = [];
    disk.onCommit = (moment, { changes }) => {
      if (moment === "after") sizes.push(JSON.stringify(changes, (_, value) => bytesText(value)).length);
    };
    await step(storage, rows[0]!, undefined);
    await step(storage, rows[1]!, 1);
    expect(sizes[0]).toBeGreaterThan(300_000);
    expect(sizes[1]).toBeLessThan(4_000);
    expect(await treesApart(memoryStorage(disk)).get("groups", friends)).toEqual(rows[1]);
    const commitRow = treesOn(disk).find(({ bytes }) => bytes[0] === 14)!;
    await step(storage, inEpochs(3, [3]), 2);
    expect(epochsOn(disk)).toEqual([3]);
    // Nothing is sent of which a part is gone.
    await step(storage, { ...rows[0]!, revision: 4 }, 3);
    disk.tables.get("trees")!.delete(commitRow.key);
    const damaged = await treesApart(memoryStorage(disk)).get("groups", friends);
    expect(damaged).toMatchObject({ revision: 4, pending: undefined });
  });

  it("are those of before when the batch was not written", async () => {
    const disk = emptyDisk();
    const storage = treesApart(memoryStorage(disk));
    await step(storage, inEpochs(1, [3, 4]), undefined);
    disk.failNext = "full";
    expect((await storage.commit({ changes: [put(inEpochs(2, [4, 5]))] })).ok).toBe(false);
    const late = {
      expect: [{ table: "groups", key: friends, revision: 7 }] as const,
      changes: [put(inEpochs(2, [5]))],
    };
    expect(await storage.commit(late)).toEqual({ ok: false, error: "conflict" });
    expect(await storage.get("groups", friends)).toEqual(inEpochs(1, [3, 4]));
    expect(epochsOn(disk)).toEqual([3, 4]);
  });

  it("leave the state without them where a row is gone", async () => {
    const disk = emptyDisk();
    await step(treesApart(memoryStorage(disk)), inEpochs(1, [3, 4]), undefined);
    disk.tables.get("trees")!.delete(treesOn(disk)[1]!.key);
    const read = await treesApart(memoryStorage(disk)).get("groups", friends);
    expect(read).toEqual(inEpochs(1, [3]));
  });

  it("are found though their epoch ends while they are read", async () => {
    const disk = emptyDisk();
    const storage = treesApart(memoryStorage(disk));
    await step(storage, inEpochs(1, [3, 4]), undefined);
    const base = memoryStorage(disk);
    let isFirst = true;
    const slow = treesApart({
      ...base,
      async get(table, key) {
        if (table === "trees" && isFirst) {
          isFirst = false;
          await step(storage, inEpochs(2, [5]), 1);
        }
        return base.get(table, key);
      },
    });
    expect(await slow.get("groups", friends)).toEqual(inEpochs(2, [5]));
  });

  it("are remembered as the same bytes, for what was decoded of them", async () => {
    const storage = treesApart(memoryStorage());
    await step(storage, inEpochs(1, [3]), undefined);
    const [first, second] = [await storage.get("groups", friends), await storage.get("groups", friends)];
    expect(second?.state.trees.get(3)).toBe(first?.state.trees.get(3));
  });

  it("come with the same bytes of what is live as long as those are equal, and never with others", async () => {
    const disk = emptyDisk();
    const storage = treesApart(memoryStorage(disk));
    await step(storage, inEpochs(1, [3]), undefined);
    const [first, second] = [await storage.get("groups", friends), await storage.get("groups", friends)];
    expect(second?.state.live).toBe(first?.state.live);
    // Whoever overwrites what they were given harms nobody else.
    first!.state.live.fill(99);
    expect(await storage.get("groups", friends)).toEqual(inEpochs(1, [3]));
    await step(storage, inEpochs(2, [3]), 1);
    expect(await storage.get("groups", friends)).toEqual(inEpochs(2, [3]));
  });
});
