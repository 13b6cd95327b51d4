/**
 * What a device that asks for a leaf says it knows of its group (§13.7). Does not know who may lead it on from there.
 */

import { sha256 } from "../crypto/hash.ts";
import { labelled, labels } from "../crypto/labels.ts";
import type { AccountId } from "../lang/brand.ts";
import { concat, idBytes } from "../lang/bytes.ts";
import { bytesField } from "./field.ts";
import type { KnownGroup as WireKnown } from "./gen/kith/identity_pb.js";
import { type GroupFacts, readFacts, wireFacts } from "./group-facts.ts";

const peopleMarkBytes = 16;

export interface KnownGroup {
  readonly facts: GroupFacts;
  /** 16 bytes; see `peopleMark`. */
  readonly people: Uint8Array;
}

/** 16 bytes, alike for the same accounts in any order: `SHA-256(u8(20) ‖ "kith/v1/group people" ‖ accounts, ascending)`. */
export function peopleMark(accounts: Iterable<AccountId>): Uint8Array {
  const ascending = [...accounts].sort().map((account) => idBytes(account));
  return sha256(labelled(labels.groupPeople, concat(...ascending))).slice(0, peopleMarkBytes);
}

export function wireKnownGroup({ facts, people }: KnownGroup) {
  return { facts: wireFacts(facts), people };
}

export function readKnownGroup(wire: WireKnown): KnownGroup | undefined {
  const facts = wire.facts && readFacts(wire.facts);
  const people = bytesField(wire.people, peopleMarkBytes);
  return facts === undefined || people === undefined ? undefined : { facts, people };
}
