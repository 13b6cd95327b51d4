/**
 * What somebody who joins a group has to know beside its tree and its context (§13.6): an extension of the GroupInfo in the
 * Welcome. Does not know whether what it says is so: device lists are checked in `identity`, the rest against the tree.
 */

import type { NodeUrl } from "../lang/brand.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { maxDeviceListBytes, maxGroupCardBytes, maxNodesOfConversation, maxPeopleOfGroup } from "./bounds.ts";
import { decodeVersioned, encodeMessage } from "./decode.ts";
import { bytesField, isWithin, keyLength } from "./field.ts";
import { GroupCardSchema } from "./gen/kith/group_pb.js";
import { type LeaveStatement, readStatement, wireStatement } from "./leave.ts";
import { type NamedPerson, readAscending, readNamed, wireNamed } from "./named-person.ts";
import { readNodeUrls } from "./node-urls.ts";

const version = 1;

export interface GroupCard {
  /** 32 bytes; see `deriveTopic`. */
  readonly topicSecret: Uint8Array;
  /** 1 to 3, each once; the first gives the slots. */
  readonly nodes: readonly NodeUrl[];
  /** SignedDeviceList bytes of every member, not checked here. */
  readonly lists: readonly Uint8Array[];
  /** Ascending by account, each once. */
  readonly names: readonly NamedPerson[];
  /** Of members who left and are not removed yet. Ascending by account, each once. */
  readonly leaves: readonly LeaveStatement[];
}

export function encodeGroupCard({ topicSecret, nodes, lists, names, leaves }: GroupCard): Uint8Array {
  return encodeMessage(GroupCardSchema, {
    version,
    topicSecret,
    nodes: [...nodes],
    lists: [...lists],
    names: names.map(wireNamed),
    leaves: leaves.map(wireStatement),
  });
}

export function decodeGroupCard(bytes: Uint8Array): Result<GroupCard, "malformed" | "newer-version"> {
  const decoded = decodeVersioned(GroupCardSchema, bytes, maxGroupCardBytes, version);
  if (!decoded.ok) return decoded;
  const wire = decoded.value;
  const topicSecret = bytesField(wire.topicSecret, keyLength);
  const nodes = readNodeUrls(wire.nodes, 1, maxNodesOfConversation);
  const names = readAscending(wire.names, readNamed, maxPeopleOfGroup);
  const leaves = readAscending(wire.leaves, readStatement, maxPeopleOfGroup);
  if (wire.version !== version || wire.lists.length < 1 || wire.lists.length > maxPeopleOfGroup)
    return err("malformed");
  if (!wire.lists.every((one) => isWithin(one, maxDeviceListBytes))) return err("malformed");
  if (topicSecret === undefined || nodes === undefined || names === undefined || leaves === undefined) {
    return err("malformed");
  }
  return ok({ topicSecret, nodes, lists: wire.lists.map((one) => one.slice()), names, leaves });
}
