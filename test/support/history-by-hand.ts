// Offers of what was said before in a group, made by hand by a member whose engine has stopped.
import { shareHistory, signHistory } from "../../core/conversation/history.ts";
import { sealContent } from "../../core/group/messages.ts";
import type { ConversationId, MessageId } from "../../core/index.ts";
import { toHex } from "../../core/lang/bytes.ts";
import { type Content, encodeContent } from "../../core/wire/content.ts";
import { encodeHistoryCapsule, type HistoryEntry } from "../../core/wire/history.ts";
import { deriveTopic } from "../../core/wire/topic.ts";
import { leave, profileOn } from "./groups-by-hand.ts";
import type { SimDevice } from "./sim-device.ts";
import { conversationAt, keysOf, put, topicAt } from "./sim-group.ts";
import { must, type World } from "./sim-world.ts";

export interface Forgery {
  /** Whose device Bob says that he shares something of. */
  readonly author: SimDevice;
  /** Who he says they are. */
  readonly as?: SimDevice;
  readonly signedBy?: SimDevice;
  readonly number?: number;
  readonly message?: MessageId;
  readonly what?: HistoryEntry["what"];
  readonly clockMs?: number;
  /** Of this number there is one more, older; what lies between is said to be missing. */
  readonly and?: number;
  /** Nothing is where he says that it lies. */
  readonly empty?: boolean;
}

/** What Bob's device would say, had he made it himself: words that were never said. His engine has stopped. */
export async function offerByHand(
  world: World,
  bob: SimDevice,
  carol: SimDevice,
  id: ConversationId,
  forgery: Forgery,
): Promise<void> {
  const { device } = profileOn(world, forgery.author.name);
  const entry: HistoryEntry = {
    message: forgery.message ?? (`${device}/${toHex(world.random.bytes(8))}` as MessageId),
    number: forgery.number ?? 7,
    clockMs: forgery.clockMs ?? world.clock.now(),
    clockCount: 0,
    what: forgery.what ?? { kind: "text", text: "never said" },
  };
  const older = (number: number): HistoryEntry => {
    const message = `${device}/${toHex(world.random.bytes(8))}` as MessageId;
    return { ...entry, message, number, clockMs: entry.clockMs - 1 };
  };
  const { account } = profileOn(world, (forgery.as ?? forgery.author).name);
  const { capsule, pieces } = await shareHistory({
    conversation: id,
    account: profileOn(world, carol.name).account,
    madeAtMs: world.clock.now(),
    authors: [{ account, name: "Somebody", devices: [device] }],
    entries: [entry, ...(forgery.and === undefined ? [] : [older(forgery.and)])],
  });
  const signed = must(encodeHistoryCapsule(capsule));
  const { deviceSeed } = profileOn(world, (forgery.signedBy ?? bob).name);
  const secret = world.random.bytes(32);
  const pieceTopic = { ...topicAt(world, bob, id)!, key: deriveTopic(secret).topic, secret };
  for (const piece of forgery.empty ? [] : pieces) leave(world, pieceTopic, { kind: "history-piece", piece });
  const signature = signHistory(signed, deviceSeed);
  await sayByHand(world, bob, id, { body: { kind: "history-offer", topicSecret: secret, capsule: signed, signature } });
  await world.advance(30_000);
}

/** With the next number and a new id, unless said otherwise. Left in the group's topic. */
export async function sayByHand(
  world: World,
  device: SimDevice,
  id: ConversationId,
  said: Pick<Content, "body"> & Partial<Content>,
): Promise<void> {
  const number = conversationAt(world, device, id).sentNumber + 1;
  const usual = { id: toHex(world.random.bytes(8)), clockMs: world.clock.now(), clockCount: 0, number };
  const keys = keysOf(world, device, id)!;
  const { next, message } = await sealContent(keys.state, encodeContent({ ...usual, ...said }));
  put(world, device, "groups", { ...keys, state: next });
  leave(world, topicAt(world, device, id)!, { kind: "mls", message, generation: 0 });
}
