/** The part of the public face that is about this device's disk: whether it takes what comes, and what lies on it. */

import type { ConversationId } from "../lang/brand.ts";

/**
 * `full`: the disk refused the last write for want of room; what comes is not kept and not acknowledged until one succeeds.
 * `lost`: nothing can be read or written any more and the engine has stopped. Another tab upgraded the database, or the
 * browser took it away.
 */
export type StorageView =
  | { readonly kind: "well" }
  | { readonly kind: "full" }
  | { readonly kind: "lost"; readonly why: "upgraded" | "gone" };

/** `waiting`: sealed, and not yet with everybody it is for. `receipts`: what was received, so that it is taken in once. `kept`: for contacts. */
export type StoragePart = "messages" | "waiting" | "keys" | "people" | "receipts" | "invites" | "kept";

/** Bytes are about: what the browser adds is not known. Largest first. */
export interface StorageUse {
  readonly parts: readonly { readonly part: StoragePart; readonly count: number; readonly bytes: number }[];
  readonly conversations: readonly ConversationUse[];
}

export interface ConversationUse {
  readonly id: ConversationId;
  readonly kind: "self" | "direct" | "group";
  /** Empty for self. */
  readonly title: string;
  readonly messages: number;
  readonly bytes: number;
}

/** This device could not keep it; nothing was done. */
export type WriteFaultView = "storage-full" | "storage-lost";
