/**
 * The embedded storage: SQLite in two threads, so that neither a sync to disk nor a cold page stops the event loop. The
 * writer commits in groups: whatever arrived while a batch was being written is the next batch.
 */

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { err, ok, type Result } from "@kith/core/lang/result.ts";
import type { LogOptions } from "./sqlite-log.ts";
import type { StorageResult, StorageWork, WorkerMessage, WorkerRequest } from "./sqlite-worker.ts";
import type { AppendOutcome, NewEnvelope, StorageLimits, TopicStorage, Usage } from "./storage.ts";

const maxBatchEnvelopes = 256;
/** Waiting for the disk, in all. Beyond it a sender is told to come back: memory is not a mailbox. */
const maxWaitingBytes = 32 * 1_024 * 1_024;

export interface SqliteOptions {
  readonly folder: string;
  readonly limits: StorageLimits;
  /** Called once when a thread ended by itself: nothing can be stored any more. */
  readonly onBroken: () => void;
  readonly maxPages?: number;
}

interface Waiting {
  readonly entry: NewEnvelope;
  readonly nowMs: number;
  readonly answer: (outcome: AppendOutcome) => void;
}

/** The error is a sentence for the operator. The folder exists. */
export async function openSqliteStorage(options: SqliteOptions): Promise<Result<TopicStorage, string>> {
  const lock = lockFolder(options.folder);
  if (lock === undefined) return err("Another Kith node is using this data folder.");
  const path = join(options.folder, "topics.sqlite");
  const logOptions: LogOptions = { path, limits: options.limits, maxPages: options.maxPages ?? 0 };
  // One after the other: the writer makes the file.
  const writer = await startThread(logOptions, options.onBroken);
  const reader = writer.ok ? await startThread(logOptions, options.onBroken) : writer;
  if (!writer.ok || !reader.ok) {
    lock.close();
    return err(`The stored topics cannot be opened: ${reader.ok ? "unknown" : reader.error}.`);
  }
  return ok(storageOver(writer.value, reader.value, () => lock.close()));
}

function storageOver(writer: Thread, reader: Thread, unlock: () => void): TopicStorage {
  let usage = writer.usage;
  let waiting: Waiting[] = [];
  let waitingBytes = 0;
  let writing: Promise<void> | undefined;

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting.slice(0, maxBatchEnvelopes);
      waiting = waiting.slice(maxBatchEnvelopes);
      const batch = group.map(({ entry }) => entry);
      // The buffers are ours alone (append copied them), so they can move instead of being copied again.
      const buffers = batch.map(({ envelope }) => envelope.buffer as ArrayBuffer);
      const bytes = batch.reduce((sum, { envelope }) => sum + envelope.length, 0);
      const nowMs = group[0]?.nowMs ?? 0;
      const answer = await writer.ask({ kind: "append", batch, nowMs }, buffers);
      waitingBytes -= bytes;
      const appended = answer?.kind === "appended" ? answer : undefined;
      if (appended) usage = appended.usage;
      for (const [index, { answer: give }] of group.entries()) give(appended?.outcomes[index] ?? { kind: "failed" });
    }
    writing = undefined;
  }

  return {
    append: (entry, nowMs) =>
      new Promise((answer) => {
        if (waitingBytes + entry.envelope.length > maxWaitingBytes) return answer({ kind: "busy" });
        waitingBytes += entry.envelope.length;
        const envelope = Uint8Array.from(entry.envelope);
        const slot = entry.slot && Uint8Array.from(entry.slot);
        waiting.push({ entry: { ...entry, envelope, slot }, nowMs, answer });
        writing ??= write();
      }),
    async read(query, nowMs) {
      const answer = await reader.ask({ kind: "read", query, nowMs });
      return answer?.kind === "read" ? answer.outcome : { kind: "failed" };
    },
    async sweep(nowMs) {
      for (let total = 0; ; ) {
        const answer = await writer.ask({ kind: "sweep", nowMs });
        if (answer?.kind !== "swept") return total;
        usage = answer.usage;
        total += answer.count;
        if (!answer.more) return total;
      }
    },
    usage: () => usage,
    async close() {
      await writing;
      await reader.close();
      await writer.close();
      unlock();
    },
  };
}

interface Thread {
  readonly usage: Usage;
  /** Nothing when the thread is gone. */
  ask(work: StorageWork, transfer?: ArrayBuffer[]): Promise<StorageResult | undefined>;
  close(): Promise<void>;
}

function startThread(options: LogOptions, onBroken: () => void): Promise<Result<Thread, string>> {
  const worker = new Worker(new URL("./sqlite-worker.ts", import.meta.url), { workerData: options });
  const asked = new Map<number, (result: StorageResult | undefined) => void>();
  let lastId = 0;
  let state: "open" | "closing" | "gone" = "open";

  function ask(work: StorageWork, transfer: ArrayBuffer[] = []): Promise<StorageResult | undefined> {
    if (state === "gone") return Promise.resolve(undefined);
    lastId += 1;
    const request: WorkerRequest = { id: lastId, work };
    return new Promise((resolve) => {
      asked.set(request.id, resolve);
      worker.postMessage(request, transfer);
    });
  }
  async function close(): Promise<void> {
    if (state === "open") state = "closing";
    await ask({ kind: "close" });
    await worker.terminate();
  }

  return new Promise((resolve) => {
    worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "ready") return resolve(ok({ usage: message.usage, ask, close }));
      if (message.kind === "unusable") {
        state = "closing";
        void worker.terminate();
        return resolve(err(message.reason));
      }
      asked.get(message.id)?.(message.result);
      asked.delete(message.id);
    });
    const gone = () => {
      const wasOpen = state === "open";
      state = "gone";
      for (const give of asked.values()) give(undefined);
      asked.clear();
      resolve(err("the storage thread ended"));
      if (wasOpen) onBroken();
    };
    worker.on("error", gone);
    worker.on("exit", gone);
  });
}

/** Held by an open SQLite transaction: the system frees it whatever way the process ends. */
function lockFolder(folder: string): DatabaseSync | undefined {
  const lock = new DatabaseSync(join(folder, "lock.sqlite"), { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch {
    lock.close();
    return undefined;
  }
}
