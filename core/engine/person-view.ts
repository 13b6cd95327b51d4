/** What the interface sees of another person: their row, joined with who is here now. Reads only. */

import { safetyNumber } from "../identity/safety-number.ts";
import type { AccountId } from "../lang/brand.ts";
import type { Live } from "../lang/live.ts";
import { joinLive } from "../lang/live-join.ts";
import type { ContactRecord, ProfileRecord } from "../ports/people-records.ts";
import type { ContactStanding, ContactView, PathView, PresenceView } from "./face.ts";
import type { TypingPeople } from "./group-typing.ts";
import type { LinkedDevices } from "./links.ts";
import type { Heard, HeardDevices } from "./presence.ts";
import { devicesOf } from "./roster.ts";

/** Who is here now: known while the engine runs, and in no row. */
export interface Surroundings {
  readonly heard: HeardDevices;
  readonly linked: LinkedDevices;
  readonly typing: TypingPeople;
}

export function surroundings(
  heard: Live<HeardDevices>,
  linked: Live<LinkedDevices>,
  typing: Live<TypingPeople>,
): Live<Surroundings> {
  const devices = joinLive(heard, linked, (a, b) => ({ heard: a, linked: b }));
  return joinLive(devices, typing, (around, people) => ({ ...around, typing: people }));
}

export function personOf(contact: ContactRecord, profile: ProfileRecord, now: Surroundings): ContactView {
  return {
    account: contact.key,
    name: contact.name,
    standing: standingOf(contact),
    verified: contact.verified,
    safetyNumber: safetyNumber(profile.account, contact.key),
    sinceMs: contact.sinceMs,
    devices: devicesOf(contact).length,
    presence: presenceOf(contact, now),
    path: pathOf(contact, now),
    relayOnly: contact.relayOnly,
    keepsFor: contact.keepsFor,
    keeper: contact.keeper,
  };
}

export function standingOf(contact: ContactRecord): ContactStanding {
  switch (contact.state) {
    case "requested":
      return "request";
    case "accepted":
      return contact.answered ? "connected" : "invited";
    case "blocked":
    case "invite-used":
    case "stranger":
      return contact.state;
  }
}

export function heardOf(account: AccountId | undefined, now: Surroundings): readonly Heard[] {
  return account === undefined ? [] : [...now.heard.values()].filter((one) => one.account === account);
}

/** A link is a stronger sign than a signal: it was proved, and it ends when the other end does. */
export function presenceOf(contact: ContactRecord | undefined, now: Surroundings): PresenceView {
  const devices = heardOf(contact?.key, now);
  const isLinked = contact !== undefined && devicesOf(contact).some((device) => now.linked.has(device));
  if (isLinked || devices.some((one) => one.here)) return { kind: "here" };
  if (devices.length === 0) return { kind: "unknown" };
  return { kind: "away", lastHeardMs: Math.max(...devices.map((one) => one.lastHeardMs)) };
}

/** The weakest of the links to their devices; the node where one has none. */
export function pathOf(contact: ContactRecord, now: Surroundings): PathView {
  const paths = devicesOf(contact).map((device) => now.linked.get(device));
  if (paths.length === 0 || paths.includes(undefined)) return "node";
  return paths.includes("relayed") ? "relayed" : "direct";
}
