/**
 * Notices that the database ends under an open storage (FAULTS F10, F20), and sees to it that it stays ended: an evicted
 * database must not come back empty, and an older Kith must not write into a newer one's. Knows nothing of rows.
 */
import { Dexie } from "dexie";
import { type LiveCell, liveCell } from "../lang/live.ts";
import type { Log } from "../ports/log.ts";
import type { StorageLoss } from "../ports/storage.ts";

export interface LossWatch {
  readonly lost: LiveCell<StorageLoss | undefined>;
  /** The database cannot be relied on any more: closes it for good. */
  lose(why: StorageLoss): void;
  /** It is open: from now on every closing is a loss, and nothing opens it again. */
  opened(): void;
  /** Its owner is done with it, which is no loss. */
  close(): void;
}

/** Begin before `db` is opened: it can be taken away at the very moment it is. */
export function watchForLoss(db: Dexie, log: Log): LossWatch {
  const lost = liveCell<StorageLoss | undefined>(undefined);
  let ended = false;

  function end(): void {
    ended = true;
    db.close();
  }
  function lose(why: StorageLoss): void {
    if (ended) return;
    end();
    log.event("the database is lost", { upgraded: why === "upgraded" });
    lost.set(why);
  }

  db.on("versionchange", (event) => {
    lose(event.newVersion === null ? "gone" : "upgraded");
    return false; // instead of Dexie's own handler
  });
  return {
    lost,
    lose,
    opened() {
      // By the browser's force, or by Dexie upon a connection that turned out dead.
      db.on("close", () => lose("gone"));
      // Dexie opens by itself where a connection turns out to be dead; an evicted database would be made anew, empty.
      db.open = () => Dexie.Promise.reject(new Dexie.DatabaseClosedError()) as ReturnType<typeof db.open>;
    },
    close: () => ended || end(),
  };
}
