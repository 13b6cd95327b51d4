/** Which sentence belongs to what the engine says about its storage. The compiler refuses a case without one. */
import type { StoragePart, StorageView } from "@kith/core";
import type { SentenceKey } from "./words.ts";

export type StorageLoss = Extract<StorageView, { kind: "lost" }>["why"];

export const lossWords: Readonly<Record<StorageLoss, SentenceKey>> = {
  upgraded: "storage.lostUpgraded",
  gone: "storage.lostGone",
};

export const partWords: Readonly<Record<StoragePart, SentenceKey>> = {
  messages: "storage.partMessages",
  waiting: "storage.partWaiting",
  keys: "storage.partKeys",
  people: "storage.partPeople",
  receipts: "storage.partReceipts",
  invites: "storage.partInvites",
  kept: "storage.partKept",
};
