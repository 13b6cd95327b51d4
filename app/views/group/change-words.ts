/** Own changes of a group in words: while they wait, and when they ended without coming into force. */
import type { AccountId, ChangeEndView, GroupChangeView } from "@kith/core";
import { actorIn, type Naming, peopleIn, personIn } from "../../i18n/group-words.ts";
import { type SentenceKey, t, tCount } from "../../i18n/words.ts";
import { nodesInWords } from "../nodes/node-words.ts";

type Act = GroupChangeView["act"];

export function changeInWords(act: Act, naming: Naming): string {
  const person = (account: AccountId) => ({ person: naming.name(account) });
  switch (act.kind) {
    case "add":
      return t("group.doingAdd", { people: peopleIn(naming, act.people) });
    case "remove":
      return t("group.doingRemove", person(act.account));
    case "role":
      return t(act.role === "admin" ? "group.doingAdmin" : "group.doingMember", person(act.account));
    case "hand-over":
      return t("group.doingOwner", person(act.account));
    case "rename":
      return t("group.doingName", { name: act.name });
    case "describe":
      return t("group.doingDescription");
    case "picture":
      return t("group.doingPicture");
    case "rules":
      return t("group.doingRules");
    case "move":
      return t("group.doingMove", { nodes: nodesInWords(act.nodes) });
    case "let-in":
      return t("group.doingLetIn", { person: act.name });
  }
}

export const waitWords: Readonly<Record<GroupChangeView["waits"], SentenceKey>> = {
  node: "group.waitsNode",
  "new-node": "group.waitsNewNode",
  keys: "group.waitsKeys",
  deciding: "group.waitsDeciding",
  link: "group.waitsLink",
};

/** "Dana was not removed: Ana had taken your admin rights first." */
export function endInWords({ act, why, by }: ChangeEndView, naming: Naming): string {
  const what = why === "moot" ? whatWasMoot(act, naming) : whatDidNotHappen(act, naming);
  return t("group.endedSentence", { what, why: reason(act, why, by, naming) });
}

function whatDidNotHappen(act: Act, naming: Naming): string {
  switch (act.kind) {
    case "add":
      return tCount("group.notAdded", act.people.length, { people: peopleIn(naming, act.people) });
    case "remove":
      return t("group.notRemoved", { person: actorIn(naming, act.account) });
    case "role": {
      const person = actorIn(naming, act.account);
      return t(act.role === "admin" ? "group.notAdmin" : "group.notMember", { person });
    }
    case "hand-over":
      return t("group.notOwner", { person: personIn(naming, act.account) });
    case "rename":
      return t("group.notName", { name: act.name });
    case "describe":
      return t("group.notDescription");
    case "picture":
      return t("group.notPicture");
    case "rules":
      return t("group.notRules");
    case "move":
      return t("group.notMove");
    case "let-in":
      return t("group.notLetIn", { person: act.name });
  }
}

function whatWasMoot(act: Act, naming: Naming): string {
  switch (act.kind) {
    case "add":
      return tCount("group.goneAdded", act.people.length, { people: peopleIn(naming, act.people) });
    case "remove":
      return t("group.goneRemoved", { person: actorIn(naming, act.account) });
    case "role":
      return act.role === "admin"
        ? t("group.goneAdmin", { person: actorIn(naming, act.account) })
        : t("group.goneMember", { person: personIn(naming, act.account) });
    case "hand-over":
    case "rename":
    case "describe":
    case "picture":
    case "rules":
    case "move":
    case "let-in":
      return t("group.goneOther");
  }
}

function reason(act: Act, why: ChangeEndView["why"], by: AccountId | undefined, naming: Naming): string {
  const or = (known: SentenceKey, unknown: SentenceKey) =>
    by === undefined ? t(unknown) : t(known, { by: personIn(naming, by) });
  switch (why) {
    case "moot":
      return or("group.whyDoneBy", "group.whyDone");
    case "removed-myself":
      return or("group.whyGone", "group.whyGoneUnknown");
    case "full":
      return t("group.whyFull");
    case "gone":
      if (act.kind === "let-in") return t("group.whyAsksNoMore");
      return "account" in act
        ? t("group.whyNoMember", { person: personIn(naming, act.account) })
        : t("group.whyRolesUnknown");
    case "other-part":
      return t("group.whyOtherPart");
    case "not-allowed":
      return lostRight(act, or);
  }
}

function lostRight(act: Act, or: (known: SentenceKey, unknown: SentenceKey) => string): string {
  // Only an owner does these, and nobody takes that from them.
  if (act.kind === "role" || act.kind === "hand-over") return t("group.whyOwner");
  // Either the one who acts lost their rank, or the other one got it: both are a change of roles.
  if (act.kind === "remove") return or("group.whyRoles", "group.whyRolesUnknown");
  return or("group.whyRights", "group.whyRightsUnknown");
}
