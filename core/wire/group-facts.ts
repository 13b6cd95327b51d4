/**
 * What all members of a group agree on (§13.1): the facts in its context. Knows their form; who may change them is decided in
 * `conversation`.
 */

import type { AccountId, NodeUrl } from "../lang/brand.ts";
import { idBytes } from "../lang/bytes.ts";
import { maxNodesOfConversation, maxPeopleOfGroup, maxSlowModeS } from "./bounds.ts";
import { hexField, keyLength } from "./field.ts";
import {
  type GroupFacts as WireFacts,
  type GroupRole as WireGroupRole,
  History as WireHistory,
  Joining as WireJoining,
  Role as WireRole,
  Writers as WireWriters,
} from "./gen/kith/group_pb.js";
import { isDescription, isEmoji, isGroupName } from "./group-text.ts";
import { readNodeUrls } from "./node-urls.ts";

export type Writers = "everybody" | "admins";
export type HistoryShared = "none" | "last-7-days" | "last-100" | "all";
export type Joining = "approval" | "open";

export interface GroupRole {
  readonly account: AccountId;
  readonly role: "owner" | "admin";
}

export interface GroupFacts {
  /** 1 to 60 characters; see `checkGroupName`. */
  readonly name: string;
  /** Up to 500; see `checkDescription`. */
  readonly description: string;
  /** The group's picture; "" for the initials of its name. */
  readonly emoji: string;
  /** Ascending by account, each once, at most one owner. Whoever is not here is a member. */
  readonly roles: readonly GroupRole[];
  readonly writers: Writers;
  /** Between two messages of a member; 0: off. */
  readonly slowModeS: number;
  readonly history: HistoryShared;
  readonly joining: Joining;
  /** How often the topic changed. */
  readonly rotation: number;
  /** 1 to 3, each once, where its topic is kept; the first orders the commits. */
  readonly nodes: readonly NodeUrl[];
}

const roles = { owner: WireRole.OWNER, admin: WireRole.ADMIN } as const;
const writers = { everybody: WireWriters.EVERYBODY, admins: WireWriters.ADMINS } as const;
const histories = {
  none: WireHistory.NONE,
  "last-7-days": WireHistory.LAST_7_DAYS,
  "last-100": WireHistory.LAST_100,
  all: WireHistory.ALL,
} as const;
const joinings = { approval: WireJoining.APPROVAL, open: WireJoining.OPEN } as const;

/** An enum field of protobuf holds any number: `undefined` for one that nobody gave. */
function wordOf<Word extends string>(words: Readonly<Record<Word, number>>, wire: number): Word | undefined {
  return (Object.keys(words) as Word[]).find((word) => words[word] === wire);
}

export function wireFacts(facts: GroupFacts) {
  return {
    ...facts,
    roles: facts.roles.map(({ account, role }) => ({ account: idBytes(account), role: roles[role] })),
    writers: writers[facts.writers],
    history: histories[facts.history],
    joining: joinings[facts.joining],
    nodes: [...facts.nodes],
  };
}

export function readFacts(wire: WireFacts): GroupFacts | undefined {
  const { name, description, emoji, slowModeS, rotation } = wire;
  if (!isGroupName(name) || !isDescription(description) || !isEmoji(emoji) || slowModeS > maxSlowModeS)
    return undefined;
  const kept = readRoles(wire.roles);
  const who = wordOf(writers, wire.writers);
  const history = wordOf(histories, wire.history);
  const joining = readJoining(wire.joining);
  const nodes = readNodeUrls(wire.nodes, 1, maxNodesOfConversation);
  if (kept === undefined || who === undefined || history === undefined) return undefined;
  if (joining === undefined || nodes === undefined) return undefined;
  return { name, description, emoji, roles: kept, writers: who, slowModeS, history, joining, rotation, nodes };
}

export function wireJoining(joining: Joining): WireJoining {
  return joinings[joining];
}

export function readJoining(wire: WireJoining): Joining | undefined {
  return wordOf(joinings, wire);
}

function readRoles(wire: readonly WireGroupRole[]): readonly GroupRole[] | undefined {
  if (wire.length > maxPeopleOfGroup) return undefined;
  const list: GroupRole[] = [];
  for (const one of wire) {
    const account = hexField<AccountId>(one.account, keyLength);
    const role = wordOf(roles, one.role);
    const before = list.at(-1)?.account ?? "";
    // One order, so that the same roles are the same bytes for everybody.
    if (account === undefined || role === undefined || account <= before) return undefined;
    list.push({ account, role });
  }
  return list.filter(({ role }) => role === "owner").length > 1 ? undefined : list;
}
