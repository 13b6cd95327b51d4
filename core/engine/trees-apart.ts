/**
 * The trees of group states (§10), and what is large of a commit that waits, in rows of their own, under the storage that the
 * engine sees: a message, which changes none, writes none. A row of `groups` has only their hashes. What a tree's row is called
 * says what is in it, so one that is remembered can never be another than what was written. Written and deleted in one batch
 * with the state that has them.
 */

import { sha256 } from "../crypto/hash.ts";
import type { GroupState } from "../group/state.ts";
import { equalBytes, toHex } from "../lang/bytes.ts";
import type { GroupRecord, PendingCommit } from "../ports/group-records.ts";
import type { Records, Table } from "../ports/records.ts";
import type { Batch, Change, Expectation, Reader, Storage } from "../ports/storage.ts";

/** Of trees in memory, encoded; each may have as much once more decoded. A group of 256 devices keeps 2 MB. */
const rememberedBytes = 8_000_000;
/** Conversations whose state is remembered with what was read off it, trees included. Lower: those that speak in turn are decoded anew. */
const rememberedLives = 8;
const hashBytes = 32;
/** Of a commit that waits, what is larger has a row of its own. Lower: small commits are several rows. */
const largeBytes = 4_096;

export function treesApart(base: Storage): Storage {
  const remembered = new Map<string, Uint8Array>();
  const hashes = new WeakMap<Uint8Array, Uint8Array>();
  const lives = new Map<string, Uint8Array>();
  let size = 0;

  function remember(name: string, tree: Uint8Array): void {
    size += tree.length - (remembered.get(name)?.length ?? 0);
    // The last is the one that was asked for last.
    remembered.delete(name);
    remembered.set(name, tree);
    for (const [oldest, { length }] of remembered) {
      if (size <= rememberedBytes || oldest === name) return;
      remembered.delete(oldest);
      size -= length;
    }
  }

  /**
   * The bytes that were read or written last, where these are equal: what was read off a state is remembered for as long as its
   * bytes are, and with each message it is asked for several times.
   */
  function sameLive(key: string, live: Uint8Array): Uint8Array {
    const last = lives.get(key);
    return rememberLive(key, last !== undefined && equalBytes(last, live) ? last : live);
  }

  function rememberLive(key: string, live: Uint8Array): Uint8Array {
    lives.delete(key);
    lives.set(key, live);
    for (const oldest of lives.keys()) {
      if (lives.size <= rememberedLives) break;
      lives.delete(oldest);
    }
    return live;
  }

  function hashOf(tree: Uint8Array): Uint8Array {
    const hash = hashes.get(tree) ?? sha256(tree);
    hashes.set(tree, hash);
    return hash;
  }

  /** `undefined`: not there, or not any more. */
  async function treeOf(reader: Reader, conversation: string, hash: Uint8Array): Promise<Uint8Array | undefined> {
    const name = nameOf(conversation, hash);
    const tree = remembered.get(name) ?? (await reader.get("trees", name))?.bytes;
    if (tree === undefined) return undefined;
    hashes.set(tree, hash);
    remember(name, tree);
    return tree;
  }

  async function filledState(reader: Reader, key: string, state: GroupState): Promise<GroupState> {
    const trees = new Map<number, Uint8Array>();
    for (const [epoch, bytes] of state.trees) {
      const tree = isHash(bytes) ? await treeOf(reader, key, bytes) : bytes;
      if (tree !== undefined) trees.set(epoch, tree);
    }
    return { live: state.live, trees };
  }

  /** `undefined`: what the others would be sent is not all there. */
  async function filledPending(reader: Reader, key: string, row: PendingCommit): Promise<PendingCommit | undefined> {
    const large = new Map<Uint8Array, Uint8Array>();
    for (const hash of bytesOf(row).filter(isHash)) {
      const bytes = await treeOf(reader, key, hash);
      if (bytes === undefined) return undefined;
      large.set(hash, bytes);
    }
    return {
      ...withBytes(row, (bytes) => large.get(bytes) ?? bytes),
      state: await filledState(reader, key, row.state),
    };
  }

  async function filled(reader: Reader, row: GroupRecord): Promise<GroupRecord | undefined> {
    for (let stored = row; ; ) {
      const { key, revision } = stored;
      const { live, trees } = await filledState(reader, key, stored.state);
      const state = { live: sameLive(key, live), trees };
      const pending = stored.pending && (await filledPending(reader, key, stored.pending));
      const isWhole = statesOf(stored).every(
        ({ trees }, at) => (at === 0 ? state : pending?.state)?.trees.size === trees.size,
      );
      if (isWhole) return { ...stored, state, pending };
      // The epoch of a tree may have ended between the two reads. If not, the keys are damaged, which whoever reads them finds.
      const now = await reader.get("groups", key);
      if (now === undefined) return undefined;
      if (now.revision === revision) return { ...stored, state, pending };
      stored = now;
    }
  }

  function seenThrough(reader: Reader): Reader {
    return {
      ...reader,
      async get<T extends Table>(table: T, key: string) {
        const row = await reader.get(table, key);
        return row !== undefined && isGroup(table, row) ? ((await filled(reader, row)) as typeof row) : row;
      },
      async all<T extends Table>(table: T) {
        const rows = await reader.all(table);
        if (table !== "groups") return rows;
        const whole = await Promise.all(rows.map((row) => filled(reader, row as GroupRecord)));
        return whole.filter((row) => row !== undefined) as readonly GroupRecord[] as readonly Records[T][];
      },
    };
  }

  function stripped(state: GroupState): GroupState {
    return { live: state.live, trees: new Map([...state.trees].map(([epoch, tree]) => [epoch, hashOf(tree)])) };
  }

  function strippedChange(change: Change): Change {
    if (change.kind !== "put" || change.table !== "groups") return change;
    const { row } = change;
    const pending = row.pending && {
      ...withBytes(row.pending, (bytes) => (bytes.length > largeBytes ? hashOf(bytes) : bytes)),
      state: stripped(row.pending.state),
    };
    return { ...change, row: { ...row, state: stripped(row.state), pending } };
  }

  async function commit(batch: Batch) {
    // Of each group the last.
    const steps = new Map(
      batch.changes.flatMap((one) =>
        one.table === "groups" ? [[one.kind === "put" ? one.row.key : one.key, one] as const] : [],
      ),
    );
    if (steps.size === 0) return base.commit(batch);
    const expect: Expectation[] = [...(batch.expect ?? [])];
    const changes = batch.changes.map(strippedChange);
    const written = new Map<string, Uint8Array>();
    for (const [key, step] of steps) {
      const before = await base.get("groups", key);
      // What is deleted was read: it must still be that.
      if (!expect.some((one) => one.table === "groups" && one.key === key)) {
        expect.push({ table: "groups", key, revision: before?.revision });
      }
      const had = new Set(
        before === undefined
          ? []
          : treesIn(before)
              .filter(isHash)
              .map((hash) => nameOf(key, hash)),
      );
      const trees = step.kind === "put" && step.table === "groups" ? treesIn(step.row) : [];
      const has = new Map(trees.map((tree) => [nameOf(key, hashOf(tree)), tree] as const));
      for (const [name, bytes] of has) {
        if (had.has(name)) continue;
        changes.push({ kind: "put", table: "trees", row: { key: name, bytes } });
        written.set(name, bytes);
      }
      for (const name of had) if (!has.has(name)) changes.push({ kind: "delete", table: "trees", key: name });
    }
    const outcome = await base.commit({ expect, changes });
    if (!outcome.ok) return outcome;
    for (const [name, bytes] of written) remember(name, bytes);
    for (const [key, step] of steps) {
      if (step.kind === "put" && step.table === "groups") rememberLive(key, step.row.state.live);
      else lives.delete(key);
    }
    return outcome;
  }

  return {
    ...base,
    ...seenThrough(base),
    commit,
    live: (query) => base.live((reader) => query(seenThrough(reader))),
  };
}

/** In its conversation, so that whoever ends that deletes no other's. */
const nameOf = (conversation: string, hash: Uint8Array) => `${conversation} ${toHex(hash)}`;

/** No tree is as short. */
const isHash = (bytes: Uint8Array) => bytes.length === hashBytes;

function isGroup(table: Table, row: Records[Table]): row is GroupRecord {
  return table === "groups" && row !== undefined;
}

function statesOf({ state, pending }: GroupRecord): readonly GroupState[] {
  return pending === undefined ? [state] : [state, pending.state];
}

/** Several epochs have the same one where the state and a commit that waits share it. */
function treesIn(row: GroupRecord): readonly Uint8Array[] {
  const waiting = row.pending === undefined ? [] : bytesOf(row.pending);
  const large = waiting.filter((bytes) => bytes.length > largeBytes || isHash(bytes));
  return [...statesOf(row).flatMap(({ trees }) => [...trees.values()]), ...large];
}

/** What others are sent of it. */
function bytesOf({ envelope, parts, commit, welcome }: PendingCommit): readonly Uint8Array[] {
  return [envelope, ...parts, ...(commit ? [commit] : []), ...(welcome ? [welcome.bytes] : [])];
}

function withBytes(row: PendingCommit, change: (bytes: Uint8Array) => Uint8Array): PendingCommit {
  return {
    ...row,
    envelope: change(row.envelope),
    parts: row.parts.map(change),
    commit: row.commit && change(row.commit),
    welcome: row.welcome && { ...row.welcome, bytes: change(row.welcome.bytes) },
  };
}
