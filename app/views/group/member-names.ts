/** What a member is called, and what they call themselves. */
import type { GroupMemberView, GroupView } from "@kith/core";
import { t } from "../../i18n/words.ts";

/** This person's own name for them first. */
export const calledName = (member: Pick<GroupMemberView, "name" | "knownAs">): string =>
  member.knownAs || member.name || t("someone");

export const listedName = (member: GroupMemberView): string =>
  member.me ? t("group.yourself", { name: calledName(member) }) : calledName(member);

/** Empty where there is nothing to add. */
export const givenName = (member: Pick<GroupMemberView, "name" | "knownAs">): string =>
  member.knownAs !== "" && member.name !== "" && member.knownAs !== member.name
    ? t("group.callsThemselves", { name: member.name })
    : "";

/** Without this person where it ended for them, also as long as nobody has taken their leaving in. */
export const membersNow = ({ members, standing }: GroupView): readonly GroupMemberView[] =>
  standing.kind === "member" ? members : members.filter(({ me }) => !me);
