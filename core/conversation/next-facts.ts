/** The facts of a group once an act is carried out (§13.2): what goes into the commit's context. */

import type { AccountId } from "../lang/brand.ts";
import { assertNever } from "../lang/result.ts";
import type { GroupFacts, GroupRole } from "../wire/group-facts.ts";
import type { Act } from "./group-acts.ts";
import { rolesAfter } from "./owner-gone.ts";

/** The very same `facts` where the act changes none. `me`: whose act it is. */
export function factsAfter(act: Act, facts: GroupFacts, me: AccountId): GroupFacts {
  switch (act.kind) {
    case "add":
    case "let-in":
    case "give-leaf":
    case "renew":
      return facts;
    case "remove":
    case "see-off":
      return { ...withRole(facts, act.account, "member"), rotation: facts.rotation + 1 };
    case "drop-devices":
      return { ...facts, rotation: facts.rotation + 1 };
    case "role":
      return withRole(facts, act.account, act.role);
    case "succeed":
      return { ...facts, roles: rolesAfter(facts, act) };
    case "hand-over":
      return withRole(withRole(facts, me, "admin"), act.account, "owner");
    case "rename":
      return { ...facts, name: act.name };
    case "describe":
      return { ...facts, description: act.description };
    case "picture":
      return { ...facts, emoji: act.emoji };
    case "rules":
      return { ...facts, ...act.rules };
    case "move":
      return { ...facts, nodes: act.nodes };
    default:
      return assertNever(act);
  }
}

function withRole(facts: GroupFacts, account: AccountId, role: GroupRole["role"] | "member"): GroupFacts {
  const others = facts.roles.filter((one) => one.account !== account);
  const roles = role === "member" ? others : [...others, { account, role }];
  return { ...facts, roles: roles.toSorted((a, b) => (a.account < b.account ? -1 : 1)) };
}
