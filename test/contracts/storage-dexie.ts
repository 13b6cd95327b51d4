// Opens the real storage over fake-indexeddb, with a log that remembers.
import type { Log } from "../../core/ports/log.ts";
import type { Storage } from "../../core/ports/storage.ts";
import { openStorage } from "../../core/storage/dexie-storage.ts";

export interface RememberingLog extends Log {
  readonly lines: readonly string[];
}

export function rememberingLog(): RememberingLog {
  const lines: string[] = [];
  return { lines, event: (what) => lines.push(what), fault: (what) => lines.push(`fault: ${what}`) };
}

export async function openDexie(name: string, log: Log = rememberingLog()): Promise<Storage> {
  const opened = await openStorage(name, log);
  if (!opened.ok) throw new Error(`the storage did not open: ${opened.error}`);
  return opened.value;
}
