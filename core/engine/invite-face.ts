/** The part of the public face that is about invites: those made here, and what one of somebody else's says (PROTOCOL.md §5). */

import type { AccountId, InviteId, NodeUrl } from "../lang/brand.ts";
import type { WriteFaultView } from "./storage-face.ts";

export interface InviteView {
  readonly id: InviteId;
  readonly link: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** `preparing`: not at the node yet, so nobody can use it. */
  readonly state: "preparing" | "ready" | "used" | "expired";
  readonly usedBy: string | undefined;
}

/** What an invite says before it is accepted. */
export interface InvitePreview {
  readonly account: AccountId;
  readonly name: string;
  readonly expiresAtMs: number;
  readonly node: NodeUrl;
  /** To a group: its name, picture and how many are in it. */
  readonly group?: { readonly name: string; readonly emoji: string; readonly people: number; readonly open: boolean };
}

export type InviteLinkFault =
  | "malformed"
  /** Cut off or mistyped: the checksum does not fit. */
  | "damaged"
  | "newer-version"
  | "expired"
  | "own"
  | "blocked-person";
export type InviteFault =
  | InviteLinkFault
  | "used"
  /** No fault: it leads to a group, and this person has asked to be let in. */
  | "asked"
  /** A link to a group, which those who could let somebody in took back. */
  | "withdrawn"
  /** The node does not know it: withdrawn, or gone with its node. */
  | "not-found"
  | "node-unreachable"
  /** What lies at the node was not made by the person the link names. */
  | "forged"
  | WriteFaultView;
