/**
 * How the disk fares, as the interface sees it: every write of every story passes here. What cannot be kept is told once
 * more where it was asked for, as an answer and not as an exception.
 */

import { type Live, liveCell } from "../lang/live.ts";
import { joinLive } from "../lang/live-join.ts";
import { err, type Result } from "../lang/result.ts";
import type { Clock } from "../ports/clock.ts";
import type { Batch, Expectation, Storage, StorageLoss, WriteFault } from "../ports/storage.ts";
import type { Messenger, StorageView } from "./face.ts";

export interface StorageHealth {
  /** The storage, looked over the shoulder. */
  readonly storage: Storage;
  readonly view: Live<StorageView>;
  readonly isLost: () => boolean;
  stop(): void;
}

/** While there is no room: how often it is looked for. Whoever made some wants to see that it helped. */
const lookForRoomMs = 10_000;

export function createStorageHealth(storage: Storage, clock: Clock): StorageHealth {
  const full = liveCell(false);
  const lost = liveCell<StorageLoss | undefined>(undefined);
  let cancelLook = () => {};
  let stopped = false;
  storage.lost.subscribe((loss) => lost.set(loss));

  async function commit(batch: Batch): Promise<Result<void, WriteFault>> {
    const written = await storage.commit(batch);
    if (written.ok ? batch.changes.length > 0 : written.error === "full") {
      full.set(!written.ok);
      cancelLook();
      if (!written.ok && !stopped) cancelLook = clock.after(lookForRoomMs, () => void lookForRoom());
    }
    return written;
  }

  /** Writes the profile as it is: otherwise it would be full until the next message, however much room there is by then. */
  async function lookForRoom(): Promise<void> {
    try {
      const row = await storage.get("profile", "me");
      if (row === undefined) return;
      const expect: Expectation = { table: "profile", key: "me", revision: row.revision };
      await commit({ expect: [expect], changes: [{ kind: "put", table: "profile", row }] });
    } catch {
      // Closed or lost meanwhile, which is told elsewhere.
    }
  }

  return {
    storage: { ...storage, commit },
    view: joinLive(full, lost, (isFull, loss): StorageView => {
      if (loss !== undefined) return { kind: "lost", why: loss };
      return isFull ? { kind: "full" } : { kind: "well" };
    }),
    isLost: () => lost.value !== undefined,
    stop() {
      stopped = true;
      cancelLook();
    },
  };
}

/** Members of the face that answer with a `Result` in which a lost disk has its word. */
type Write = {
  [K in keyof Messenger]: Messenger[K] extends (...given: never[]) => Promise<infer R>
    ? { readonly ok: false; readonly error: "storage-lost" } extends R
      ? K
      : never
    : never;
}[keyof Messenger];

/** The compiler refuses one that was forgotten. */
const writes: Readonly<Record<Write, true>> = {
  start: true,
  rename: true,
  createInvite: true,
  withdrawInvite: true,
  previewInvite: true,
  acceptInvite: true,
  answerRequest: true,
  setNodes: true,
  moveConversation: true,
  setReceipts: true,
  setRelayOnly: true,
  setContactRelayOnly: true,
  setKeepsFor: true,
  sendAgain: true,
  sendText: true,
  saveDraft: true,
  markRead: true,
  setVerified: true,
};

/** On a lost disk reads reject, in the middle of any story: whoever asked for a write is told that it was not kept. */
export function answeringWhenLost(messenger: Messenger, isLost: () => boolean): Messenger {
  const answered: Record<string, unknown> = {};
  for (const name of Object.keys(writes) as Write[]) {
    const ask = messenger[name] as (...given: unknown[]) => Promise<unknown>;
    answered[name] = async (...given: unknown[]) => {
      try {
        return await ask(...given);
      } catch (error) {
        if (isLost()) return err("storage-lost");
        throw error;
      }
    };
  }
  const unlessLost = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => (isLost() ? undefined : Promise.reject(error)));
  return {
    ...messenger,
    ...answered,
    phrase: () => unlessLost(messenger.phrase()),
    storageUse: () => unlessLost(messenger.storageUse()),
  };
}
