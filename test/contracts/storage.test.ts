// The storage suite against both implementations.
import "fake-indexeddb/auto";
import { emptyDisk, memoryStorage } from "../support/memory-storage.ts";
import { storageSuite } from "./storage.suite.ts";
import { openDexie } from "./storage-dexie.ts";

storageSuite("memory", () => {
  const disk = emptyDisk();
  return { open: async () => memoryStorage(disk) };
});

storageSuite("IndexedDB", () => {
  const name = `kith ${crypto.randomUUID()}`;
  return { open: () => openDexie(name) };
});
