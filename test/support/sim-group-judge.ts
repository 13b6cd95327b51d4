// How a simulated life of a group is judged once everything is well again: all members agree and tell the same story, and nobody
// has what was said when they were no member.
import type { GroupEvent } from "../../core/conversation/group-acts.ts";
import { isIn, without } from "../../core/conversation/ranges.ts";
import type { AccountId, ConversationId, DeviceId, MessageId } from "../../core/lang/brand.ts";
import type { GroupOfConversation } from "../../core/ports/group-of-conversation.ts";
import type { MessageRecord } from "../../core/ports/message-record.ts";
import type { OutboxRecord } from "../../core/ports/outbox-records.ts";
import { accountOf, eventsAt, keysOf, profileOf, timelineAt, topicAt, waitingAt } from "./sim-group.ts";
import { isMember, rowAt, type Said } from "./sim-group-acts.ts";
import { type Damage, isAstray, isDeadGroup } from "./sim-group-damage.ts";
import { rowsOn, type World } from "./sim-world.ts";

export type Check = (holds: boolean, what: string) => void;

/** When everything is well again. */
export function checkGroup(
  world: World,
  names: readonly string[],
  id: ConversationId,
  said: readonly Said[],
  check: Check,
  damage: Damage,
): void {
  // Nobody may have been there to add these again; where nobody has keys any more, that is everybody, also who never had any.
  const isDead = isDeadGroup(world, names, id, damage);
  const astray = names.filter((name) => (isDead || damage.struck.has(name)) && isAstray(world, names, name, id));
  const members = names.filter((name) => isMember(world, name, id) && !astray.includes(name));
  const [first] = members;
  if (first === undefined) return;
  checkAgreement(world, members, astray, id, check);
  for (const name of names.filter((one) => !members.includes(one) && !astray.includes(one))) {
    check(keysOf(world, { name }, id) === undefined, `${name} is no member and has keys`);
    const row = rowAt(world, name, id);
    check(row === undefined || topicAt(world, { name }, id) === undefined, `${name} is no member and has the topic`);
  }
  const gone = new Set(names.flatMap((name) => (rowAt(world, name, id) ? departedAt(world, name, id) : [])));
  checkWords(world, { names, members }, id, said, gone, check, damage);
  for (const name of members) checkShared(world, members, name, id, check);
  for (const a of members) {
    for (const b of members) if (a < b) checkEvents(world, [a, b], id, gone, check);
  }
}

function checkAgreement(
  world: World,
  members: readonly string[],
  astray: readonly string[],
  id: ConversationId,
  check: Check,
): void {
  const [first = ""] = members;
  const lost = new Set(astray.map((name) => accountOf(world, { name })));
  const unreached = new Set(astray.map((name) => profileOf(world, { name }).device));
  const isThere = (account: AccountId) => !lost.has(account);
  const accounts = [...new Set(members.map((name) => accountOf(world, { name })))].filter(isThere).sort();
  const group = rowAt(world, first, id)?.group;
  const listed = (group?.people.map(({ account }) => account) ?? []).filter(isThere);
  check(listed.join() === accounts.join(), `${first} knows ${listed.length} members, and ${accounts.length} are there`);
  const keys = keysOf(world, { name: first }, id);
  for (const name of members) {
    const row = rowAt(world, name, id)!;
    const own = keysOf(world, { name }, id);
    check(row.healing === undefined, `${name} is to be healed: ${row.healing?.why}`);
    check(sharedOf(row.group) === sharedOf(group), `${name} and ${first} know different groups`);
    const same = own?.epoch === keys?.epoch && `${own?.epochSecrets[0]?.secret}` === `${keys?.epochSecrets[0]?.secret}`;
    check(same, `${name} is in epoch ${own?.epoch}, ${first} in ${keys?.epoch}, or with other keys`);
    check(own?.pending === undefined, `${name} has a commit that is not decided`);
    const left = waitingAt(world, { name }, id).map(({ act: { kind } }) => kind);
    check(left.length === 0, `${name} still wants: ${left}`);
    const out = rowsOn<OutboxRecord>(world.disk(name), "outbox").filter(
      ({ conversation, waitingFor }) => conversation === id && !waitingFor.some((device) => unreached.has(device)),
    );
    check(out.length === 0, `${name} still has ${out.length} to send in the group`);
    const topic = topicAt(world, { name }, id);
    for (const { node, cursor, ahead } of topic?.places ?? []) {
      const isRead = cursor === world.nodes.get(node)?.latest(topic!.key) && ahead === undefined;
      check(isRead, `${name} is stuck before the end of the group's topic`);
    }
  }
}

/** What each device remembers of a claim that the owner is gone, and since when, is its own (§13.13). */
const sharedOf = (group: GroupOfConversation | undefined) => JSON.stringify({ ...group, missed: undefined });

function departedAt(world: World, name: string, id: ConversationId): readonly AccountId[] {
  return eventsAt(world, { name }, id).flatMap((event) => {
    if (event.kind === "removed") return event.people;
    return event.kind === "left" ? [event.account] : [];
  });
}

function checkWords(
  world: World,
  { names, members }: { readonly names: readonly string[]; readonly members: readonly string[] },
  id: ConversationId,
  said: readonly Said[],
  gone: ReadonlySet<AccountId>,
  check: Check,
  damage: Damage,
): void {
  // What a device that was revoked said may have been too late.
  const rules = names.flatMap((name) =>
    rowAt(world, name, id) === undefined
      ? []
      : eventsAt(world, { name }, id).flatMap((event) => (event.kind === "rules" ? [event.after] : [])),
  );
  const wasShared = rules.some(({ history }) => history !== "none");
  const authors = new Set<string>(members.map((name) => profileOf(world, { name }).device));
  const shown = new Map<MessageId, ReadonlySet<string>>();
  for (const name of names) {
    if (rowAt(world, name, id) === undefined) continue;
    const account = accountOf(world, { name });
    const here = timelineAt(world, { name }, id);
    const spells = spellsOf(world, names, id, account);
    for (const { id: message, by, to, devices, atMs } of said) {
      const rows = here.filter(({ key }) => key === message);
      const times = rows.length;
      const isGiven = rows.every(
        ({ body, sharedBy }) => body.kind === "removed" || (wasShared && sharedBy !== undefined),
      );
      // Its author may not have known yet that they came; and what is sealed again is for who came since.
      const mayHave = account === by || to.includes(account) || spells.some(({ untilMs }) => untilMs > atMs);
      check(isGiven || mayHave, `${name} has words that were said when they were no member`);
      check(times <= 1, `${name} has words twice`);
      const wasThere = devices.includes(profileOf(world, { name }).device);
      const isFromHere = authors.has(message.split("/")[0]!);
      const isTold = wasThere && isFromHere && !gone.has(account) && !gone.has(by) && members.includes(name);
      const shallHave = isTold && !mayLack(world, names, name, message, damage);
      const isTaken = times === 1 || isKnownUnsaid(world, names, name, message);
      check(!shallHave || isTaken, `${name} lacks words that were said to them`);
      if (shallHave && times === 1) shown.set(message, new Set([...(shown.get(message) ?? []), shownAs(rows[0]!)]));
    }
  }
  for (const ways of shown.values()) check(ways.size === 1, `a message is shown as ${[...ways].join(" and ")}`);
}

/** Of what was shared with who is new, no number is missing that somebody else has words of. */
function checkShared(world: World, members: readonly string[], name: string, id: ConversationId, check: Check): void {
  const shared = rowAt(world, name, id)?.shared;
  for (const [device, numbers] of Object.entries(shared?.exist ?? {})) {
    const missing = without(numbers, shared?.here[device as DeviceId] ?? []);
    if (missing.length === 0) continue;
    for (const other of members.filter((one) => one !== name)) {
      const has = timelineAt(world, { name: other }, id).filter(
        ({ authorDevice, number, body }) => authorDevice === device && body.kind === "text" && isIn(missing, number),
      );
      check(has.length === 0, `${name} misses ${has.length} of what was said before they came, and ${other} has it`);
    }
  }
}

/**
 * What its author has forgotten with its disk is with everybody to whom a node had promised to bring it, if their keys were not
 * damaged, too.
 */
function mayLack(
  world: World,
  names: readonly string[],
  name: string,
  message: MessageId,
  { forgotten, struck }: Damage,
): boolean {
  const author = names.find((one) => profileOf(world, { name: one }).device === message.split("/")[0]);
  if (author === undefined || world.disk(author).tables.get("messages")?.has(message)) return false;
  return author === name || forgotten.has(message) || struck.has(name);
}

/** Its author is told that it was not sent to this device, because the rules forbade it by then (§13.10). */
function isKnownUnsaid(world: World, names: readonly string[], name: string, message: MessageId): boolean {
  const author = names.find((one) => profileOf(world, { name: one }).device === message.split("/")[0]);
  if (author === undefined) return false;
  const row = world.disk(author).tables.get("messages")?.get(message) as MessageRecord | undefined;
  const copy = row?.deliveries[profileOf(world, { name }).device];
  return copy?.unsaid !== undefined && copy.deliveredAtMs === undefined;
}

/** Of own ones that came too soon the author keeps the words. */
const shownAs = ({ body }: MessageRecord): string => (body.kind === "too-soon" ? body.kind : JSON.stringify(body));

/** In which somebody was a member, as those knew first who knew first. */
function spellsOf(
  world: World,
  names: readonly string[],
  id: ConversationId,
  account: AccountId,
): readonly { readonly fromMs: number; readonly untilMs: number }[] {
  const came = new Map<string, number>();
  const went = new Map<string, number>();
  for (const name of names.filter((one) => rowAt(world, one, id) !== undefined)) {
    for (const { key, body, receivedAtMs } of timelineAt(world, { name }, id)) {
      if (body.kind !== "event") continue;
      const { event } = body;
      const times = event.kind === "added" || event.kind === "joined" ? came : went;
      const isTheirs =
        event.kind === "added" || event.kind === "removed"
          ? event.people.includes(account)
          : (event.kind === "left" || event.kind === "joined") && event.account === account;
      if (isTheirs) times.set(key, Math.min(receivedAtMs, times.get(key) ?? Number.POSITIVE_INFINITY));
    }
  }
  return [...came.values()].map((fromMs) => {
    const later = [...went.values()].filter((ms) => ms > fromMs);
    return { fromMs, untilMs: Math.min(Number.POSITIVE_INFINITY, ...later) };
  });
}

/** Of the time in which both were members. */
function checkEvents(
  world: World,
  [a, b]: readonly [string, string],
  id: ConversationId,
  gone: ReadonlySet<AccountId>,
  check: Check,
): void {
  if ([a, b].some((name) => gone.has(accountOf(world, { name })))) return;
  const from = [a, b].map((name) => cameIn(world, name, id)).sort()[1]!;
  const [atA, atB] = [a, b].map((name) =>
    timelineAt(world, { name }, id)
      // That the owner is here each device says by a line of its own (§13.13).
      .filter(({ body, order }) => body.kind === "event" && body.event.kind !== "owner-here" && order >= from)
      .map(({ key, order, body }) => `${order} ${key} ${JSON.stringify(body)}`)
      .join("\n"),
  );
  check(atA === atB, `${a} and ${b} are told different stories`);
}

const hasCome = (event: GroupEvent, account: AccountId) =>
  event.kind === "added" ? event.people.includes(account) : event.kind === "joined" && event.account === account;

function cameIn(world: World, name: string, id: ConversationId): string {
  const account = accountOf(world, { name });
  const here = timelineAt(world, { name }, id);
  // Who was given a leaf is not told what happened while there were no keys.
  const renewed = here.findLast(({ body }) => body.kind === "notice");
  if (renewed !== undefined) return renewed.order;
  const came = here.find(({ body }) => body.kind === "event" && hasCome(body.event, account));
  // A further device sees what came after it got in.
  return came?.order ?? here.find(({ body }) => body.kind === "event")?.order ?? "~";
}
