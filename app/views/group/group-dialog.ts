/** Which dialog about the group is open: one at a time, so that one can lead to another. */
import type { AccountId, InviteId } from "@kith/core";

export type GroupDialog =
  | { readonly kind: "member" | "remove" | "hand-over" | "block"; readonly account: AccountId }
  | { readonly kind: "link" | "withdraw"; readonly invite: InviteId }
  | { readonly kind: "add" | "rules" | "new-link" | "leave" | "next-owner" | "owner-gone" | "delete" | "copy" };

export type Ask = (dialog: GroupDialog) => void;
