// What people do in a simulated life of a group: write, come, go, change the group and its rules, take messages away, and come
// by links. What and when is the seed's; whoever has no right to it is refused.
import type { GroupAct, Rules } from "../../core/conversation/group-acts.ts";
import type { AccountId, ConversationId, DeviceId, MessageId } from "../../core/lang/brand.ts";
import type { ConversationRecord } from "../../core/ports/conversation-record.ts";
import type { JoinRequestRecord } from "../../core/ports/group-link-records.ts";
import type { SimDevice } from "./sim-device.ts";
import { accountOf, conversationAt, timelineAt } from "./sim-group.ts";
import { rowsOn, type World } from "./sim-world.ts";

export interface Said {
  readonly id: MessageId;
  readonly by: AccountId;
  readonly atMs: number;
  /** Who was a member when it was said, as its author knew, and which devices. */
  readonly to: readonly AccountId[];
  readonly devices: readonly DeviceId[];
}

/** Where people do something, and what came of it. */
export interface GroupStage {
  readonly world: World;
  readonly id: ConversationId;
  readonly names: readonly string[];
  readonly said: Said[];
  /** Links to the group that were ever made. */
  readonly links: string[];
  complain(what: string): void;
}

export const rowAt = (world: World, name: string, id: ConversationId) =>
  world.disk(name).tables.get("conversations")?.get(id) as ConversationRecord | undefined;

export const isMember = (world: World, name: string, id: ConversationId) =>
  rowAt(world, name, id)?.group?.standing.kind === "member";

export const mayChange = (world: World, name: string, id: ConversationId) =>
  rowAt(world, name, id)?.group?.facts.roles.some(({ account }) => account === accountOf(world, { name })) === true;

/** By a device that runs. */
export function say({ world, id, said, complain }: GroupStage, device: SimDevice, text: string): void {
  const { people } = conversationAt(world, device, id).group!;
  const to = people.map(({ account }) => account);
  const devices = people.flatMap((person) => person.devices);
  const by = accountOf(world, device);
  const atMs = world.clock.now();
  device.messenger.sendText(id, text).then(
    (sent) => {
      if (sent.ok) said.push({ id: sent.value, by, atMs, to, devices });
      else if (!["not-allowed", "slow-mode", "no-such-conversation", "storage-full"].includes(sent.error)) {
        complain(`sending failed: ${sent.error}`);
      }
    },
    (error: unknown) => complain(`sending threw: ${error}`),
  );
}

export function act(stage: GroupStage, device: SimDevice, text: string): void {
  const { world, id, names, complain } = stage;
  const { random } = world;
  if (!device.running) return;
  const { messenger } = device;
  const failed = (error: unknown) => complain(`an act threw: ${error}`);
  if (random.chance(0.5)) {
    say(stage, device, text);
    return;
  }
  if (random.chance(0.08)) {
    messenger.groups.leaveGroup(id).catch(failed);
    return;
  }
  const own = accountOf(world, device);
  const account = random.pick(names.map((name) => accountOf(world, { name })).filter((one) => one !== own));
  const acts: readonly GroupAct[] = [
    { kind: "add", people: [account] },
    { kind: "add", people: [account] },
    { kind: "remove", account },
    { kind: "remove", account },
    { kind: "role", account, role: random.pick(["admin", "admin", "member"] as const) },
    { kind: "hand-over", account },
    { kind: "rename", name: `Group ${text}` },
    { kind: "describe", description: text },
  ];
  messenger.groups.changeGroup(id, random.pick(acts)).catch(failed);
}

/** To one of the world's nodes, or two of them, whichever is the first. */
export function moveSomewhere({ world, id, complain }: GroupStage, device: SimDevice): void {
  const { random } = world;
  if (!device.running) return;
  const all = [...world.nodes.keys()];
  const first = random.pick(all);
  const nodes = [first, ...all.filter((node) => node !== first && random.chance(0.4))];
  const failed = (error: unknown) => complain(`an act threw: ${error}`);
  device.messenger.groups.changeGroup(id, { kind: "move", nodes }).catch(failed);
}

const dayMs = 24 * 3_600_000;

/** Besides: rules, links, and messages that are taken away. */
export function actMore(stage: GroupStage, device: SimDevice): void {
  const { world, id, names, links, complain } = stage;
  const { random } = world;
  if (!device.running) return;
  const { messenger } = device;
  const failed = (error: unknown) => complain(`an act threw: ${error}`);
  if (!isMember(world, device.name, id)) {
    if (links.length > 0) messenger.acceptInvite(random.pick(links)).catch(failed);
    return;
  }
  const texts = timelineAt(world, device, id).filter(({ body }) => body.kind === "text");
  const requests = rowsOn<JoinRequestRecord>(world.disk(device.name), "joinRequests");
  const absent = names.filter((name) => !isMember(world, name, id)).map((name) => accountOf(world, { name }));
  const rules: Rules = {
    writers: random.pick(["everybody", "everybody", "admins"] as const),
    slowModeS: random.pick([0, 0, 10]),
    history: random.pick(["none", "last-7-days", "last-100", "all"] as const),
    joining: random.pick(["approval", "open"] as const),
  };
  const choices: readonly (() => Promise<unknown>)[] = [
    () => messenger.groups.changeGroup(id, { kind: "rules", rules }),
    async () => absent.length > 0 && messenger.groups.changeGroup(id, { kind: "add", people: [random.pick(absent)] }),
    async () => texts.length > 0 && messenger.groups.removeMessage(random.pick(texts).key),
    async () => {
      const made = await messenger.groups.createGroupInvite(id, { lastsMs: dayMs, budget: 3 });
      if (made.ok) links.push(made.value.link);
    },
    async () =>
      requests.length > 0 && messenger.groups.answerJoinRequest(id, random.pick(requests).account, random.chance(0.7)),
  ];
  random.pick(choices)().catch(failed);
}
