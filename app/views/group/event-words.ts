/** What somebody did in a group, as one sentence of its timeline. */
import type { AccountId, GroupEventView } from "@kith/core";
import { actorIn, type Naming, peopleIn, personIn } from "../../i18n/group-words.ts";
import { t, tCount } from "../../i18n/words.ts";
import { nodesInWords } from "../nodes/node-words.ts";
import { changedRules } from "./rules-words.ts";

export function eventInWords(event: GroupEventView, author: AccountId, naming: Naming): string {
  const actor = actorIn(naming, author);
  switch (event.kind) {
    case "created":
      return event.from === undefined
        ? t("group.eventCreated", { actor })
        : t("group.eventCopied", { actor, from: event.from });
    case "added":
      return t("group.eventAdded", { actor, people: peopleIn(naming, event.people) });
    case "removed":
      return t("group.eventRemoved", { actor, people: peopleIn(naming, event.people) });
    case "left":
      return t("group.eventLeft", { actor: actorIn(naming, event.account) });
    case "joined":
      return event.open || author === event.account
        ? t("group.eventJoined", { actor: actorIn(naming, event.account) })
        : t("group.eventLetIn", { actor: actorIn(naming, event.account), by: personIn(naming, author) });
    case "new-device":
      return event.account === naming.me
        ? t("group.eventDeviceYou")
        : t("group.eventDevice", { actor: actorIn(naming, event.account) });
    case "renamed":
      return t("group.eventRenamed", { actor, name: event.name });
    case "described":
      return t("group.eventDescribed", { actor });
    case "pictured":
      return event.emoji === ""
        ? t("group.eventUnpictured", { actor })
        : t("group.eventPictured", { actor, emoji: event.emoji });
    case "role": {
      const person = personIn(naming, event.account);
      if (event.role === "admin") return t("group.eventAdmin", { actor, person });
      return event.account === naming.me
        ? t("group.eventMemberYou", { actor })
        : t("group.eventMember", { actor, person });
    }
    case "handed-over":
      return t("group.eventOwner", { actor, person: personIn(naming, event.account) });
    case "owner-replaced":
      return replacedInWords(event, naming);
    case "owner-gone": {
      const person = personIn(naming, event.next);
      if (event.owner === undefined) return t("group.eventOwnerWanted", { actor, person });
      if (event.owner === naming.me) return t("group.eventOwnerGoneYou", { actor, person });
      return t("group.eventOwnerGone", { actor, person, owner: naming.name(event.owner) });
    }
    case "owner-gone-withdrawn":
      return t("group.eventOwnerKept", { actor });
    case "owner-here":
      return event.account === naming.me
        ? t("group.eventOwnerHereYou")
        : t("group.eventOwnerHere", { person: naming.name(event.account) });
    case "rules": {
      const rules = changedRules(event.before, event.after).join(t("list.comma"));
      return rules === "" ? t("group.eventRulesPlain", { actor }) : t("group.eventRules", { actor, rules });
    }
    case "moved":
      return t("group.eventMoved", { actor, nodes: nodesInWords(event.nodes) });
  }
}

/** "Ben is the owner now: Ana was away, and 3 of 4 admins agreed". */
function replacedInWords(
  { account, was, agreed, of, voters }: Extract<GroupEventView, { kind: "owner-replaced" }>,
  naming: Naming,
): string {
  const away = () => {
    if (was === undefined) return t("group.ownerWasNone");
    return was === naming.me ? t("group.ownerWasAwayYou") : t("group.ownerWasAway", { person: naming.name(was) });
  };
  return t("group.eventReplaced", {
    now: account === naming.me ? t("group.ownerNowYou") : t("group.ownerNow", { person: naming.name(account) }),
    was: away(),
    agreed: tCount(voters === "admins" ? "group.ownerAgreedAdmins" : "group.ownerAgreedMembers", agreed, {
      of: `${of}`,
    }),
  });
}
