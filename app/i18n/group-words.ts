/** Names, lists of people, lengths of time and faults in sentences about groups. Knows no screen. */
import type { AccountId, GroupFault, GroupRole, MessageView, WriteFaultView } from "@kith/core";
import { type PluralKey, type SentenceKey, t, tCount } from "./words.ts";

/** How people of a group are called here. */
export interface Naming {
  readonly me: AccountId | undefined;
  /** This person's own name for them, else the one they gave themselves. Never empty. */
  name(account: AccountId): string;
}

/** At the beginning of a sentence. */
export const actorIn = (naming: Naming, account: AccountId): string =>
  account === naming.me ? t("you") : naming.name(account);

/** Inside a sentence. */
export const personIn = (naming: Naming, account: AccountId): string =>
  account === naming.me ? t("group.youInside") : naming.name(account);

/** So many are called by name in one sentence; with more, the rest is counted. */
const mostNamed = 5;

/** "Bob", "Bob and Carol", "Bob, Carol and 7 others"; by name, this person last. */
export function peopleIn(naming: Naming, people: readonly AccountId[]): string {
  const others = people
    .filter((account) => account !== naming.me)
    .map((account) => naming.name(account))
    .sort((one, other) => one.localeCompare(other));
  const named = people.length > mostNamed ? others.slice(0, mostNamed - 1) : others;
  const rest = others.length - named.length;
  const parts = [
    ...named,
    ...(rest > 0 ? [tCount("group.more", rest)] : []),
    ...(others.length < people.length ? [t("group.youInside")] : []),
  ];
  const last = parts.pop() ?? t("someone");
  return parts.length === 0 ? last : t("group.and", { first: parts.join(t("list.comma")), last });
}

/** So many are named while they type: the line changes while it is read, and is short. */
const mostNamedTyping = 2;

/** "Bob is typing…"; empty where nobody does. */
export function typingInWords(naming: Naming, people: readonly AccountId[]): string {
  if (people.length === 0) return "";
  if (people.length > mostNamedTyping) return t("group.typingMany", { count: people.length });
  return tCount("group.typing", people.length, { people: peopleIn(naming, people) });
}

export const roleWords: Readonly<Record<GroupRole, SentenceKey>> = {
  owner: "group.roleOwner",
  admin: "group.roleAdmin",
  member: "group.roleMember",
};

const spans: readonly (readonly [seconds: number, words: PluralKey])[] = [
  [86_400, "group.days"],
  [3_600, "group.hours"],
  [60, "group.minutes"],
  [1, "group.seconds"],
];

/** "30 seconds", "5 minutes": in the largest unit that it is a whole number of. */
export function spanInWords(seconds: number): string {
  const [size, words] = spans.find(([each]) => seconds >= each && seconds % each === 0) ?? [1, "group.seconds"];
  return tCount(words, seconds / size);
}

export const groupFaultWords: Readonly<Record<GroupFault | "hand-over" | "too-long", SentenceKey>> = {
  "no-such-conversation": "group.fault.noSuchConversation",
  "not-allowed": "group.fault.notAllowed",
  name: "group.fault.name",
  description: "group.fault.description",
  emoji: "group.fault.emoji",
  nodes: "group.fault.nodes",
  people: "group.fault.people",
  "too-many": "group.fault.tooMany",
  "no-change": "group.fault.noChange",
  "hand-over": "group.fault.handOver",
  "too-long": "group.fault.knownAsTooLong",
  ...({ "storage-full": "writeFault.storageFull", "storage-lost": "writeFault.storageLost" } satisfies Record<
    WriteFaultView,
    SentenceKey
  >),
};

/** What stands in place of a message that was taken away. */
export function removedInWords(naming: Naming, message: Pick<MessageView, "author" | "mine">, by: AccountId): string {
  if (by === message.author) return t("group.removedOwn", { name: actorIn(naming, by) });
  if (message.mine) return t("group.removedYours", { by: actorIn(naming, by) });
  return t("group.removedBy", { by: actorIn(naming, by), name: naming.name(message.author) });
}
