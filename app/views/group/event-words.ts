/** What somebody did in a group, as one sentence of its timeline. */
import type { AccountId, GroupEventView } from "@kith/core";
import { actorIn, type Naming, peopleIn, personIn } from "../../i18n/group-words.ts";
import { t } from "../../i18n/words.ts";
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
      return author === event.account
        ? t("group.eventJoined", { actor })
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
    case "rules": {
      const rules = changedRules(event.before, event.after).join(t("list.comma"));
      return rules === "" ? t("group.eventRulesPlain", { actor }) : t("group.eventRules", { actor, rules });
    }
  }
}
