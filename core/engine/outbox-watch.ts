/**
 * The outbox in memory: what waits in each conversation is read from the disk once, and follows every batch that is written
 * from then on. The courier goes through it at each acknowledgement: from the disk, a thousand rows would be a million reads.
 * Knows nothing of what the rows are for.
 */

import type { ConversationId } from "../lang/brand.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import type { Change, Storage } from "../ports/storage.ts";

export interface OutboxWatch {
  /** The storage, looked over the shoulder. Nobody else may write to the outbox. */
  readonly storage: Storage;
  /** What waits in the conversation, ascending by its order, as it is on the disk. */
  waiting(id: ConversationId): Promise<readonly OutboxRecord[]>;
}

export function watchOutbox(storage: Storage): OutboxWatch {
  /** Sorted. A box that is being filled has what was written meanwhile. */
  const boxes = new Map<ConversationId, OutboxRecord[]>();
  const filling = new Map<ConversationId, { readonly missed: Change[]; readonly done: Promise<OutboxRecord[]> }>();
  const owners = new Map<string, ConversationId>();

  function remove(key: string): void {
    const owner = owners.get(key);
    const box = owner && boxes.get(owner);
    const at = box?.findIndex((row) => row.key === key) ?? -1;
    if (at >= 0) box?.splice(at, 1);
    owners.delete(key);
  }

  function apply(change: Change): void {
    if (change.table !== "outbox") return;
    remove(change.kind === "delete" ? change.key : change.row.key);
    if (change.kind === "delete") return;
    const { row } = change;
    const box = boxes.get(row.conversation);
    if (box === undefined) return;
    owners.set(row.key, row.conversation);
    box.splice(placeOf(row, box), 0, row);
  }

  async function fill(id: ConversationId, missed: readonly Change[]): Promise<OutboxRecord[]> {
    const box = [...(await storage.ofConversation("outbox", id))];
    boxes.set(id, box);
    filling.delete(id);
    for (const { key } of box) owners.set(key, id);
    for (const change of missed) apply(change);
    return box;
  }

  return {
    storage: {
      ...storage,
      async commit(batch) {
        const written = await storage.commit(batch);
        if (!written.ok) return written;
        for (const change of batch.changes) {
          for (const { missed } of filling.values()) missed.push(change);
          apply(change);
        }
        return written;
      },
    },
    async waiting(id) {
      const known = boxes.get(id) ?? (await filling.get(id)?.done);
      if (known !== undefined) return [...known];
      const missed: Change[] = [];
      const done = fill(id, missed);
      filling.set(id, { missed, done });
      // Asked again after a read that failed.
      done.catch(() => filling.delete(id));
      return [...(await done)];
    },
  };
}

/** Where the row belongs: behind all that are before it or equal. */
function placeOf({ order }: OutboxRecord, box: readonly OutboxRecord[]): number {
  let low = 0;
  let high = box.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((box[middle]?.order ?? "") <= order) low = middle + 1;
    else high = middle;
  }
  return low;
}
