// What simulations do to the memory storage beyond the port: faults and crashes.
import { expect, it } from "vitest";
import { emptyDisk, memoryStorage } from "../support/memory-storage.ts";
import { put, seen } from "./storage-rows.ts";

/** The macrotask after this one: whatever could be answered has been. */
const later = () => new Promise<"silence">((resolve) => setImmediate(() => resolve("silence")));

it("refuses one commit when the disk is full, and writes the next", async () => {
  const disk = emptyDisk();
  const storage = memoryStorage(disk);
  disk.failNext = "full";
  expect(await storage.commit({ changes: put("seen", seen(1)) })).toEqual({ ok: false, error: "full" });
  expect((await storage.commit({ changes: put("seen", seen(2)) })).ok).toBe(true);
  expect(await storage.all("seen")).toEqual([seen(2)]);
});

it("is lost for good once a commit says so, though the disk keeps what it had", async () => {
  const disk = emptyDisk();
  const storage = memoryStorage(disk);
  await storage.commit({ changes: put("seen", seen(1)) });
  disk.failNext = "lost";
  for (const n of [2, 3]) {
    expect(await storage.commit({ changes: put("seen", seen(n)) })).toEqual({ ok: false, error: "lost" });
  }
  expect(await memoryStorage(disk).all("seen")).toEqual([seen(1)]);
});

it("has written nothing when it crashes before a commit, and everything when after; neither is answered", async () => {
  for (const [moment, rows] of [
    ["before", []],
    ["after", [seen(1)]],
  ] as const) {
    const disk = emptyDisk();
    const storage = memoryStorage(disk);
    disk.onCommit = (now) => {
      if (now === moment) storage.crash();
    };
    const answer = storage.commit({ changes: put("seen", seen(1)) });
    expect(await Promise.race([answer, later()])).toBe("silence");
    disk.onCommit = undefined;
    expect(await memoryStorage(disk).all("seen")).toEqual(rows);
  }
});

it("answers nothing and writes nothing after a crash, not even what was already asked", async () => {
  const disk = emptyDisk();
  const storage = memoryStorage(disk);
  const announced: unknown[] = [];
  storage.live((reader) => reader.all("seen")).subscribe((rows) => announced.push(rows));
  const asked: Promise<unknown>[] = [storage.commit({ changes: put("seen", seen(1)) }), storage.all("seen")];
  storage.crash();
  asked.push(storage.commit({ changes: put("seen", seen(2)) }), storage.get("seen", seen(1).key));
  expect(await Promise.race([...asked, later()])).toBe("silence");
  expect(announced).toEqual([]);
  expect(await memoryStorage(disk).all("seen")).toEqual([]);
});
