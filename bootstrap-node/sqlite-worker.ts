/**
 * A thread with one connection to the topics' file. The same code serves as the writer and as a reader; which one is
 * decided by what sqlite-storage.ts sends it. A refusal of the disk is an answer, a bug ends the thread.
 */
import { parentPort, workerData } from "node:worker_threads";
import { assertNever } from "@kith/core/lang/result.ts";
import { type LogOptions, openTopicLog, type TopicLog } from "./sqlite-log.ts";
import type { AppendOutcome, NewEnvelope, ReadOutcome, ReadQuery, Usage } from "./storage.ts";

export type StorageWork =
  | { readonly kind: "append"; readonly batch: readonly NewEnvelope[]; readonly nowMs: number }
  | { readonly kind: "read"; readonly query: ReadQuery; readonly nowMs: number }
  | { readonly kind: "sweep"; readonly nowMs: number }
  | { readonly kind: "close" };

export type StorageResult =
  | { readonly kind: "appended"; readonly outcomes: readonly AppendOutcome[]; readonly usage: Usage }
  | { readonly kind: "read"; readonly outcome: ReadOutcome }
  | { readonly kind: "swept"; readonly count: number; readonly more: boolean; readonly usage: Usage }
  | { readonly kind: "closed" };

export interface WorkerRequest {
  readonly id: number;
  readonly work: StorageWork;
}

export type WorkerMessage =
  /** First, once. */
  | { readonly kind: "ready"; readonly usage: Usage }
  | { readonly kind: "unusable"; readonly reason: string }
  | { readonly kind: "result"; readonly id: number; readonly result: StorageResult };

const port = parentPort;
if (port === null) throw new Error("sqlite-worker.ts runs as a worker thread only");

try {
  const log = openTopicLog(workerData as LogOptions);
  port.on("message", ({ id, work }: WorkerRequest) => {
    send({ kind: "result", id, result: perform(log, work) });
    if (work.kind === "close") port.close();
  });
  send({ kind: "ready", usage: log.usage() });
} catch (error) {
  send({ kind: "unusable", reason: error instanceof Error ? error.message : "unknown" });
}

function send(message: WorkerMessage): void {
  port?.postMessage(message);
}

function perform(log: TopicLog, work: StorageWork): StorageResult {
  switch (work.kind) {
    case "append": {
      const failed = work.batch.map((): AppendOutcome => ({ kind: "failed" }));
      const outcomes = attempt(() => log.append(work.batch, work.nowMs), failed);
      return { kind: "appended", outcomes, usage: log.usage() };
    }
    case "read":
      return {
        kind: "read",
        outcome: attempt<ReadOutcome>(() => log.read(work.query, work.nowMs), { kind: "failed" }),
      };
    case "sweep": {
      const step = attempt(() => log.sweep(work.nowMs), { count: 0, more: false });
      return { kind: "swept", ...step, usage: log.usage() };
    }
    case "close":
      log.close();
      return { kind: "closed" };
    default:
      return assertNever(work);
  }
}

/** Only what SQLite itself refuses (full, unreadable, locked) is an outcome. */
function attempt<T>(work: () => T, refused: T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR") return refused;
    throw error;
  }
}
