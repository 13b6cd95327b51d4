// One build at a time: two would empty and fill the same folder. Whoever comes second waits, and then finds it built.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

/** A build takes seconds; whoever holds the lock for longer hangs. */
const longestWaitMs = 300_000;

/** Runs `work` while no other process does under the same `file`. `waiting` is called when one does. */
export async function alone(file: string, waiting: () => void, work: () => Promise<void>): Promise<void> {
  mkdirSync(path.dirname(file), { recursive: true });
  // Held by an open transaction: the system frees it whatever way the process ends.
  const lock = tryLock(file, 0) ?? waitForLock(file, waiting);
  try {
    await work();
  } finally {
    lock.close();
  }
}

/**
 * Whether `work` was needed. Where it is done already nothing is locked: the folder may be one that nobody can write to. Who
 * waited for the lock looks once more.
 */
export async function aloneUnlessDone(
  file: string,
  isDone: () => Promise<boolean>,
  waiting: () => void,
  work: () => Promise<void>,
): Promise<boolean> {
  let worked = false;
  if (await isDone()) return worked;
  await alone(file, waiting, async () => {
    if (await isDone()) return;
    await work();
    worked = true;
  });
  return worked;
}

function waitForLock(file: string, waiting: () => void): DatabaseSync {
  waiting();
  const lock = tryLock(file, longestWaitMs);
  if (lock === undefined) throw new Error("Another build of the app does not end.");
  return lock;
}

function tryLock(file: string, timeoutMs: number): DatabaseSync | undefined {
  const lock = new DatabaseSync(file, { timeout: timeoutMs });
  try {
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock.close();
    if (error instanceof Error && /locked/.test(error.message)) return undefined;
    throw error;
  }
}
