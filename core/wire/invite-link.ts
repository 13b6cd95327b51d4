/**
 * The link of an invite (§5.1): everything in the fragment, which browsers do not send to a server. Knows its form
 * only; whether it expired, or is one's own, is for `identity` and `engine`.
 */

import { sha256 } from "../crypto/hash.ts";
import { labels } from "../crypto/labels.ts";
import type { AccountId, NodeUrl } from "../lang/brand.ts";
import { concat, equalBytes, fromBase64Url, idBytes, toBase64Url, utf8 } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { maxInviteLinkCharacters } from "./bounds.ts";
import { decodeMessage, encodeMessage } from "./decode.ts";
import { bytesField, hexField, keyLength, numberField, secretLength } from "./field.ts";
import { InviteKind, InviteSchema } from "./gen/kith/identity_pb.js";
import { parseNodeUrl } from "./node-url.ts";

/** The version says to what a link leads, so that an older Kith knows that it does not know. */
const versions = { person: 1, group: 2 } as const;
const newestVersion = 2;
const checksumLength = 4;
const path = "#/i/";

export interface InviteLinkText {
  /** To become a contact, or to join a group. */
  readonly kind: "person" | "group";
  /** Who made the link. */
  readonly account: AccountId;
  /** 16 bytes; see `inviteTopicSecret`. */
  readonly secret: Uint8Array;
  readonly node: NodeUrl;
  /** Whole seconds. */
  readonly expiresAtMs: number;
}

const wireKinds = { person: InviteKind.PERSON, group: InviteKind.GROUP } as const;

/** `appOrigin`: where the app is served, for example `https://kith.example`. A part of a second of the expiry is lost. */
export function formatInviteLink(appOrigin: string, invite: InviteLinkText): string {
  const body = encodeMessage(InviteSchema, {
    accountKey: idBytes(invite.account),
    secret: invite.secret,
    node: invite.node,
    expiresAtS: BigInt(Math.floor(invite.expiresAtMs / 1000)),
    kind: wireKinds[invite.kind],
  });
  const bytes = concat(Uint8Array.of(versions[invite.kind]), body);
  return `${appOrigin.replace(/\/+$/u, "")}/${path}${toBase64Url(concat(bytes, checksum(bytes)))}`;
}

/**
 * Finds the link in what was pasted or scanned: a whole address, its fragment, or either within the words and
 * punctuation of a chat. "malformed": no invite link, or one that no Kith makes. "damaged": cut off or mistyped.
 */
export function parseInviteLink(text: string): Result<InviteLinkText, "malformed" | "damaged" | "newer-version"> {
  if (text.length > maxInviteLinkCharacters) return err("malformed");
  const start = text.indexOf(path);
  if (start < 0) return err("malformed");
  const [code = ""] = /^[A-Za-z0-9_-]*/u.exec(text.slice(start + path.length)) ?? [];
  const decoded = fromBase64Url(code);
  if (!decoded.ok) return err("damaged");
  return readLink(decoded.value);
}

function readLink(bytes: Uint8Array): Result<InviteLinkText, "malformed" | "damaged" | "newer-version"> {
  // The version stands first and alone: what follows it in a later one, even the checksum, is not known here.
  const [given = 0] = bytes;
  if (given > newestVersion) return err("newer-version");
  const end = bytes.length - checksumLength;
  if (end < 1 || !equalBytes(checksum(bytes.subarray(0, end)), bytes.subarray(end))) return err("damaged");
  const kind = kindOf(given);
  if (kind === undefined) return err("malformed");
  const invite = decodeMessage(InviteSchema, bytes.subarray(1, end), maxInviteLinkCharacters);
  if (!invite.ok) return invite;
  if (invite.value.kind !== wireKinds[kind]) return err("malformed");
  const account = hexField<AccountId>(invite.value.accountKey, keyLength);
  const secret = bytesField(invite.value.secret, secretLength);
  const node = parseNodeUrl(invite.value.node);
  const expiresAtMs = numberField(invite.value.expiresAtS * 1000n);
  if (account === undefined || secret === undefined || !node.ok || expiresAtMs === undefined) return err("malformed");
  if (node.value !== invite.value.node) return err("malformed");
  return ok({ kind, account, secret, node: node.value, expiresAtMs });
}

function kindOf(version: number): InviteLinkText["kind"] | undefined {
  if (version === versions.person) return "person";
  return version === versions.group ? "group" : undefined;
}

/** Finds mistakes, proves nothing. */
function checksum(bytes: Uint8Array): Uint8Array {
  return sha256(concat(utf8(labels.inviteChecksum), bytes)).subarray(0, checksumLength);
}
