// What mallory does by hand: content of her own choice under her own keys, old messages in new wrapping, and links on
// which she says what she likes. She has what is on her disk, and no other keys.
import { deriveKey } from "../../core/crypto/kdf.ts";
import { labels } from "../../core/crypto/labels.ts";
import { sealNonceBytes } from "../../core/crypto/seal.ts";
import { sign } from "../../core/crypto/signature.ts";
import { sealContent } from "../../core/group/messages.ts";
import type { ConversationId } from "../../core/index.ts";
import type { DeviceId } from "../../core/lang/brand.ts";
import { valueNow } from "../../core/lang/live.ts";
import type { ConversationRecord } from "../../core/ports/conversation-record.ts";
import type { GroupRecord } from "../../core/ports/group-records.ts";
import type { RawLink } from "../../core/ports/links.ts";
import type { ProfileRecord } from "../../core/ports/people-records.ts";
import type { TopicRecord } from "../../core/ports/topic-record.ts";
import { type Content, encodeContent } from "../../core/wire/content.ts";
import { openEnvelope, sealEnvelope } from "../../core/wire/envelope.ts";
import { decodeLinkFrame, encodeLinkFrame, type LinkFrame, linkMac } from "../../core/wire/link-protocol.ts";
import { encodeSignal, sealSignal } from "../../core/wire/signal.ts";
import { deriveTopic } from "../../core/wire/topic.ts";
import { homeNode, must, rowsOn, type World } from "./sim-world.ts";
import { wholeGroup } from "./whole-group.ts";

export interface Keys {
  readonly profile: ProfileRecord;
  readonly group: GroupRecord;
  readonly topic: TopicRecord;
}

/** Of a memory disk. */
export function keysOf(world: World, device: string, id: ConversationId): Keys {
  const disk = world.disk(device);
  const conversation = rowsOn<ConversationRecord>(disk, "conversations").find(({ key }) => key === id)!;
  return {
    profile: rowsOn<ProfileRecord>(disk, "profile")[0]!,
    group: wholeGroup(disk, rowsOn<GroupRecord>(disk, "groups").find(({ key }) => key === id)!),
    topic: rowsOn<TopicRecord>(disk, "topics").find(({ key }) => key === conversation.topic)!,
  };
}

/** Seals with the next key of the device, whose engine must not run, and keeps the step on its disk. */
export async function sealAs(
  world: World,
  device: string,
  id: ConversationId,
  content: Content | Uint8Array,
): Promise<Uint8Array> {
  const { group, topic } = keysOf(world, device, id);
  const bytes = content instanceof Uint8Array ? content : encodeContent(content);
  const { next, message } = await sealContent(group.state, bytes);
  const row: GroupRecord = { ...group, state: next, revision: group.revision + 1 };
  world.disk(device).tables.get("groups")!.set(id, row);
  return wrap(world, topic, message, group.generation);
}

export function wrap(world: World, topic: TopicRecord, message: Uint8Array, generation = 0): Uint8Array {
  const { envelopeKey } = deriveTopic(topic.secret);
  return must(sealEnvelope(envelopeKey, topic.key, { kind: "mls", message, generation }, world.random.bytes(24)));
}

/** The same MLS message in another envelope, which every member of the topic can make. */
export function rewrap(world: World, topic: TopicRecord, envelope: Uint8Array): Uint8Array {
  const payload = must(openEnvelope(deriveTopic(topic.secret).envelopeKey, topic.key, envelope));
  if (payload.kind !== "mls") throw new Error("not a message");
  return wrap(world, topic, payload.message, payload.generation);
}

export interface HandLink {
  readonly raw: RawLink;
  readonly heard: LinkFrame[];
  readonly closed: boolean;
  say(frame: LinkFrame): Promise<void>;
}

/** Announces the hand under these keys, dials the device's engine from there and listens. */
export async function dialByHand(world: World, keys: Keys, device: string, at = homeNode): Promise<HandLink> {
  const { dial } = await announcedHand(world, keys, device, at);
  const raw = must(await dial());
  const heard: LinkFrame[] = [];
  let closed = false;
  raw.receive({
    frame(bytes) {
      const frame = must(decodeLinkFrame(bytes));
      heard.push(frame);
      // Who says nothing at all is taken for dead a moment later (§7.3).
      if (frame.kind === "ping") void raw.send(encodeLinkFrame({ kind: "pong", id: frame.id }));
    },
    closed() {
      closed = true;
    },
  });
  return {
    raw,
    heard,
    get closed() {
      return closed;
    },
    async say(frame) {
      await raw.send(encodeLinkFrame(frame));
      await world.advance(50);
    },
  };
}

/** Where a device is dialled from that says it is the one of these keys; the signal has been heard. */
export async function announcedHand(world: World, { profile, group, topic }: Keys, device: string, at = homeNode) {
  const { links, nodes } = world.bare("a hand");
  const [listening] = [...world.place.peers].filter(([, endpoint]) => endpoint.seat.device === device);
  if (listening === undefined) throw new Error(`${device} cannot be dialled`);
  links.start([]);
  const node = nodes.node(at);
  await world.advance(10);
  const reach = valueNow(links.reach);
  if (reach?.kind !== "reachable") throw new Error("the hand has no address");
  const body = { kind: "presence", state: "here", peer: reach.peer, addresses: [], answerWanted: false } as const;
  const [newest] = group.epochSecrets;
  const key = deriveKey(newest!.secret, labels.signalKey);
  const plain = must(encodeSignal({ device: profile.device, body }));
  node.signal(
    { topic: topic.key, seed: deriveTopic(topic.secret).seed },
    sealSignal(key, newest!.epoch, plain, world.random.bytes(sealNonceBytes)),
  );
  await world.advance(50);
  return { dial: () => world.run(links.dial(listening[0], [], "direct")) };
}

export interface ProofAs {
  readonly role?: "dialler" | "listener";
  readonly ownPeer?: string;
  readonly device?: DeviceId;
  readonly seed?: Uint8Array;
  readonly secret?: Uint8Array;
}

/** A proof for this link under these keys, with whatever is to be wrong about it. */
export function proofBy({ profile, group, topic }: Keys, raw: RawLink, as: ProofAs = {}): LinkFrame {
  const device = as.device ?? profile.device;
  const mac = linkMac(as.secret ?? group.epochSecrets[0]!.secret, {
    role: as.role ?? raw.role,
    ownPeer: as.ownPeer ?? raw.localPeer,
    otherPeer: raw.remotePeer,
    topic: topic.key,
    device,
  });
  const signature = sign(labels.linkProof, mac, as.seed ?? profile.deviceSeed);
  return { kind: "proof", topic: topic.key, epoch: group.epoch, device, mac, signature };
}
