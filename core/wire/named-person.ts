/** A person's name as another member gives it, until they say it themselves (§13.6). */

import type { AccountId } from "../lang/brand.ts";
import { idBytes } from "../lang/bytes.ts";
import { hexField, keyLength } from "./field.ts";
import type { NamedPerson as WireNamed } from "./gen/kith/group_pb.js";
import { isGroupName } from "./group-text.ts";

export interface NamedPerson {
  readonly account: AccountId;
  /** As `checkName` leaves it. */
  readonly name: string;
}

export function wireNamed({ account, name }: NamedPerson) {
  return { account: idBytes(account), name };
}

/** Judged by fixed sets, as everything that decides whether a commit counts. */
export function readNamed(wire: WireNamed): NamedPerson | undefined {
  const account = hexField<AccountId>(wire.account, keyLength);
  return account === undefined || !isGroupName(wire.name) ? undefined : { account, name: wire.name };
}

/** All of them, ascending by account and each account once, or `undefined`. */
export function readAscending<Wire, One extends { readonly account: AccountId }>(
  list: readonly Wire[],
  read: (one: Wire) => One | undefined,
  max: number,
): readonly One[] | undefined {
  if (list.length > max) return undefined;
  const all: One[] = [];
  for (const wire of list) {
    const one = read(wire);
    if (one === undefined || one.account <= (all.at(-1)?.account ?? "")) return undefined;
    all.push(one);
  }
  return all;
}
