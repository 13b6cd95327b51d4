// The storage suite against both implementations.
import "fake-indexeddb/auto";
import { emptyDisk, type MemoryStorage, memoryStorage } from "../support/memory-storage.ts";
import { storageSuite } from "./storage.suite.ts";
import { openDexie } from "./storage-dexie.ts";
import { deleteRaw, openRaw } from "./storage-other-tab.ts";

storageSuite("memory", () => {
  const disk = emptyDisk();
  let last: MemoryStorage | undefined;
  return {
    async open() {
      last = memoryStorage(disk);
      return last;
    },
    lose: async (why) => last?.lose(why),
  };
});

storageSuite("IndexedDB", () => {
  const name = `kith ${crypto.randomUUID()}`;
  return {
    open: () => openDexie(name),
    async lose(why) {
      if (why === "gone") return deleteRaw(name);
      // Within the tenth that Dexie leaves between two schemas: what is there can be opened again.
      const now = await openRaw(name);
      const { version } = now;
      now.close();
      const upgraded = await openRaw(name, version + 1);
      upgraded.close();
    },
  };
});
