/**
 * The topics in one SQLite file: schema, one transaction per batch of appends, reads and the sweep of what has expired.
 * Synchronous, so it lives in worker threads only (sqlite-worker.ts). Does not know who asks.
 */
import { DatabaseSync } from "node:sqlite";
import { sha256 } from "@kith/core/crypto/hash.ts";
import { equalBytes, idBytes } from "@kith/core/lang/bytes.ts";
import {
  type AppendOutcome,
  envelopeOverheadBytes,
  type NewEnvelope,
  type ReadOutcome,
  type ReadQuery,
  type StorageLimits,
  type Usage,
} from "./storage.ts";

/** The version of a file is how many of these it has been through. `topics.latest` and slots outlive the envelopes. */
const schemas = [
  `
  CREATE TABLE topics (
    id INTEGER PRIMARY KEY, topic BLOB NOT NULL UNIQUE,
    latest INTEGER NOT NULL, envelopes INTEGER NOT NULL, bytes INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE envelopes (
    id INTEGER PRIMARY KEY, topic INTEGER NOT NULL, sequence INTEGER NOT NULL,
    hash BLOB NOT NULL, expires_at_ms INTEGER NOT NULL, envelope BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX envelopes_by_sequence ON envelopes (topic, sequence);
  CREATE UNIQUE INDEX envelopes_by_hash ON envelopes (topic, hash);
  CREATE INDEX envelopes_by_expiry ON envelopes (expires_at_ms);
  CREATE TABLE slots (
    topic INTEGER NOT NULL, slot BLOB NOT NULL, sequence INTEGER NOT NULL, hash BLOB NOT NULL,
    PRIMARY KEY (topic, slot)
  ) STRICT, WITHOUT ROWID;
  `,
  // Topics come to an end. Nothing says for how long those of before were promised to be kept: 30 days was the default.
  // What is left of the forgotten is one number, at least as high as any they gave.
  `
  ALTER TABLE topics ADD COLUMN until_ms INTEGER NOT NULL DEFAULT 0;
  UPDATE topics SET until_ms =
    2592000000 + coalesce((SELECT max(expires_at_ms) FROM envelopes WHERE envelopes.topic = topics.id), 0);
  CREATE INDEX topics_by_end ON topics (until_ms) WHERE envelopes = 0;
  CREATE TABLE forgotten (latest INTEGER NOT NULL) STRICT;
  INSERT INTO forgotten VALUES (0);
  `,
];

export interface LogOptions {
  readonly path: string;
  readonly limits: StorageLimits;
  /** SQLite refuses to grow beyond it, as it does on a full disk. 0: no bound of our own. */
  readonly maxPages: number;
}

export interface TopicLog {
  /** Durable when it returns. Throws where the disk refuses; then nothing of the batch is stored. */
  append(batch: readonly NewEnvelope[], nowMs: number): AppendOutcome[];
  read(query: ReadQuery, nowMs: number): ReadOutcome;
  /** One bounded step; answers how many envelopes went, and whether there is more to do. */
  sweep(nowMs: number): { readonly count: number; readonly more: boolean };
  usage(): Usage;
  close(): void;
}

/** Small, so that an append never waits long for a step of the sweep. */
const sweepStep = 250;

interface TopicRow {
  readonly id: number;
  readonly latest: number;
  readonly envelopes: number;
  readonly bytes: number;
}
interface EnvelopeRow {
  readonly id: number;
  readonly sequence: number;
  readonly expiresAtMs: number;
  readonly bytes: number;
}

/** Throws where the file cannot be opened, is damaged, or was written by a newer node. */
export function openTopicLog({ path, limits, maxPages }: LogOptions): TopicLog {
  const db = new DatabaseSync(path, { timeout: 5_000 });
  prepareFile(db, maxPages);

  const findTopic = db.prepare("SELECT id, latest, envelopes, bytes FROM topics WHERE topic = ?");
  const makeTopic = db.prepare(
    "INSERT INTO topics (topic, latest, envelopes, bytes) SELECT ?, latest, 0, 0 FROM forgotten RETURNING id, latest, envelopes, bytes",
  );
  const growTopic = db.prepare(
    "UPDATE topics SET latest = ?, envelopes = envelopes + 1, bytes = bytes + ?, until_ms = max(until_ms, ?) WHERE id = ?",
  );
  const shrinkTopic = db.prepare("UPDATE topics SET envelopes = envelopes - 1, bytes = bytes - ? WHERE id = ?");
  const findSame = db.prepare(
    "SELECT id, sequence, expires_at_ms AS expiresAtMs, length(envelope) AS bytes FROM envelopes WHERE topic = ? AND hash = ?",
  );
  const addEnvelope = db.prepare(
    "INSERT INTO envelopes (topic, sequence, hash, expires_at_ms, envelope) VALUES (?, ?, ?, ?, ?)",
  );
  const dropEnvelope = db.prepare("DELETE FROM envelopes WHERE id = ?");
  const findSlot = db.prepare("SELECT sequence, hash FROM slots WHERE topic = ? AND slot = ?");
  const takeSlot = db.prepare("INSERT OR REPLACE INTO slots (topic, slot, sequence, hash) VALUES (?, ?, ?, ?)");
  const ended = db.prepare("SELECT id, latest FROM topics WHERE envelopes = 0 AND until_ms <= ? LIMIT ?");
  const dropTopic = db.prepare("DELETE FROM topics WHERE id = ?");
  const dropSlots = db.prepare("DELETE FROM slots WHERE topic = ?");
  const noteForgotten = db.prepare("UPDATE forgotten SET latest = max(latest, ?)");
  const after = db.prepare(
    "SELECT sequence, expires_at_ms AS expiresAtMs, envelope FROM envelopes WHERE topic = ? AND sequence > ? AND expires_at_ms > ? ORDER BY sequence LIMIT ?",
  );
  const expired = db.prepare(
    "SELECT id, topic, length(envelope) AS bytes FROM envelopes WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?",
  );

  const topics = db.prepare("SELECT count(*) AS topics FROM topics").get() as { topics: number };
  const sums = db.prepare("SELECT count(*) AS envelopes, coalesce(sum(length(envelope)), 0) AS bytes FROM envelopes");
  let usage = { ...topics, ...(sums.get() as { envelopes: number; bytes: number }) };

  /** All of `work` or nothing, in the file and in the running totals. */
  function transaction<T>(work: () => T): T {
    const before = { ...usage };
    db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      db.exec("COMMIT");
      return result;
    } catch (error) {
      usage = before;
      // SQLite has rolled back by itself after some errors, a full disk among them.
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  }

  /** Its statements see one state of the file, whatever the other connection commits meanwhile. */
  function snapshot<T>(work: () => T): T {
    db.exec("BEGIN");
    try {
      return work();
    } finally {
      // Nothing was written. SQLite has ended the transaction by itself after some errors.
      if (db.isTransaction) db.exec("ROLLBACK");
    }
  }

  function readPage({ topic, after: from, limit, maxBytes }: ReadQuery, nowMs: number): ReadOutcome {
    const row = findTopic.get(idBytes(topic)) as TopicRow | undefined;
    if (row === undefined) return { kind: "read", entries: [], more: false, latest: 0 };
    const entries = [];
    let bytes = 0;
    // One more than asked for tells whether there is more.
    for (const found of after.iterate(row.id, from, nowMs, limit + 1)) {
      const entry = found as unknown as { sequence: number; expiresAtMs: number; envelope: Uint8Array };
      bytes += entry.envelope.length + envelopeOverheadBytes;
      if (entries.length === limit || bytes > maxBytes) {
        return { kind: "read", entries, more: true, latest: row.latest };
      }
      entries.push({ ...entry });
    }
    return { kind: "read", entries, more: false, latest: row.latest };
  }

  function remove(topic: number, row: { readonly id: number; readonly bytes: number }): void {
    dropEnvelope.run(row.id);
    shrinkTopic.run(row.bytes, topic);
    usage.envelopes -= 1;
    usage.bytes -= row.bytes;
  }

  function forget({ id, latest }: { readonly id: number; readonly latest: number }): void {
    dropSlots.run(id);
    dropTopic.run(id);
    noteForgotten.run(latest);
    usage.topics -= 1;
  }

  function appendOne(entry: NewEnvelope, nowMs: number): AppendOutcome {
    const { topic, envelope, slot, expiresAtMs, topicUntilMs, mayBegin } = entry;
    const hash = sha256(envelope);
    const name = idBytes(topic);
    let row = findTopic.get(name) as TopicRow | undefined;
    const hasBegun = row === undefined;
    if (hasBegun && !mayBegin) return { kind: "no-topic" };
    if (row !== undefined) {
      const owner = slot && (findSlot.get(row.id, slot) as { sequence: number; hash: Uint8Array } | undefined);
      if (owner && !equalBytes(owner.hash, hash)) return { kind: "slot-taken", sequence: owner.sequence };
      const same = findSame.get(row.id, hash) as EnvelopeRow | undefined;
      if (same !== undefined && same.expiresAtMs > nowMs) {
        if (slot && !owner) takeSlot.run(row.id, slot, same.sequence, hash);
        const { sequence, expiresAtMs } = same;
        return { kind: "held", sequence, expiresAtMs, hash, isNew: false, hasBegun };
      }
      if (same !== undefined) {
        remove(row.id, same);
        row = { ...row, envelopes: row.envelopes - 1, bytes: row.bytes - same.bytes };
      }
    }
    if (row !== undefined && row.envelopes >= limits.maxTopicEnvelopes) return { kind: "topic-full" };
    if ((row?.bytes ?? 0) + envelope.length > limits.maxTopicBytes) return { kind: "topic-full" };
    if (usage.bytes + envelope.length > limits.maxBytes) return { kind: "node-full" };
    if (row === undefined) {
      if (usage.topics >= limits.maxTopics) return { kind: "node-full" };
      row = makeTopic.get(name) as unknown as TopicRow;
      usage.topics += 1;
    }
    const sequence = row.latest + 1;
    addEnvelope.run(row.id, sequence, hash, expiresAtMs, envelope);
    growTopic.run(sequence, envelope.length, topicUntilMs, row.id);
    if (slot) takeSlot.run(row.id, slot, sequence, hash);
    usage.envelopes += 1;
    usage.bytes += envelope.length;
    return { kind: "held", sequence, expiresAtMs, hash, isNew: true, hasBegun };
  }

  return {
    append: (batch, nowMs) => transaction(() => batch.map((entry) => appendOne(entry, nowMs))),
    read: (query, nowMs) => snapshot(() => readPage(query, nowMs)),
    sweep: (nowMs) =>
      transaction(() => {
        const rows = expired.all(nowMs, sweepStep) as unknown as { id: number; topic: number; bytes: number }[];
        for (const row of rows) remove(row.topic, row);
        const topics = ended.all(nowMs, sweepStep) as unknown as { id: number; latest: number }[];
        for (const topic of topics) forget(topic);
        return { count: rows.length, more: rows.length === sweepStep || topics.length === sweepStep };
      }),
    usage: () => ({ ...usage }),
    close: () => db.close(),
  };
}

function prepareFile(db: DatabaseSync, maxPages: number): void {
  // FULL: the log is synced at every commit. NORMAL would lose answered appends when the machine loses power.
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384;");
  if (maxPages > 0) db.exec(`PRAGMA max_page_count = ${maxPages}`);
  const { user_version: version } = db.prepare("PRAGMA user_version").get() as { user_version: number };
  if (version > schemas.length) throw new Error("the data folder was written by a newer Kith node");
  const missing = schemas.slice(version);
  if (missing.length === 0) return;
  db.exec(`BEGIN IMMEDIATE; ${missing.join("")} PRAGMA user_version = ${schemas.length}; COMMIT;`);
}
