/** A topic at each of its nodes: how far it was read there, and which they are. */

import type { NodeUrl } from "../lang/brand.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { Change } from "../ports/storage.ts";
import type { Place, TopicRecord } from "../ports/topic-record.ts";
import { type Context, commit } from "./context.ts";

/** Others may take as long to hear of a move, and leave things at the old place; a node keeps them about as long. */
const readAfterMoveMs = 30 * 24 * 3_600_000;

export function freshPlace(node: NodeUrl): Place {
  return { node, cursor: 0, ahead: undefined, leftAtMs: undefined };
}

export function placeAt(topic: TopicRecord, node: NodeUrl): Place | undefined {
  return topic.places.find((place) => place.node === node);
}

/** The topic with `change` made to its place at `node`; as it is where there is none. */
export function withPlace(topic: TopicRecord, node: NodeUrl, change: (place: Place) => Place): TopicRecord {
  return { ...topic, places: topic.places.map((place) => (place.node === node ? change(place) : place)) };
}

/** Entries that may hold changes of a group are lacking there. */
export function incomplete(place: Place): Place {
  return place.incomplete ? place : { ...place, incomplete: true };
}

/** A change that leads on from the keys here was there. */
export function complete({ incomplete: _, ...place }: Place): Place {
  return place;
}

/** Everything up to `sequence` was taken in from `node`. */
export function takenIn(topic: TopicRecord, node: NodeUrl, sequence: number): TopicRecord {
  return withPlace(topic, node, (place) => ({ ...place, cursor: Math.max(place.cursor, sequence) }));
}

/** The places for `wanted`; what is wanted no longer is read for a while still. The same ones where nothing changes. */
export function alignedPlaces(places: readonly Place[], wanted: readonly NodeUrl[], nowMs: number): readonly Place[] {
  const kept = places.flatMap((place): readonly Place[] => {
    if (wanted.includes(place.node)) return [place.leftAtMs === undefined ? place : { ...place, leftAtMs: undefined }];
    const leftAtMs = place.leftAtMs ?? nowMs;
    if (nowMs - leftAtMs > readAfterMoveMs) return [];
    return [place.leftAtMs === undefined ? { ...place, leftAtMs } : place];
  });
  const missing = wanted.filter((node) => !places.some((place) => place.node === node));
  const next = [...kept, ...missing.map(freshPlace)];
  return next.length === places.length && next.every((place, index) => place === places[index]) ? places : next;
}

/**
 * Brings the places of every conversation in line with its nodes and the person's own, where others leave what they can
 * leave nowhere else. Nobody who was not accepted makes this device call a server of their choice.
 */
export async function alignPlaces(context: Context): Promise<void> {
  // Most of the time nothing is to be done, and nobody shall wait for a turn because of it.
  for (const { key } of await context.storage.all("conversations")) {
    if ((await alignment(context, key)).length === 0) continue;
    await context.turns(key, async () => commit(context, { changes: await alignment(context, key) }));
  }
}

async function alignment(context: Context, id: ConversationRecord["key"]): Promise<readonly Change[]> {
  const conversation = await context.storage.get("conversations", id);
  const topic = conversation && (await context.storage.get("topics", conversation.topic));
  const profile = topic && (await context.storage.get("profile", "me"));
  const contact = conversation?.contact && (await context.storage.get("contacts", conversation.contact));
  if (profile === undefined || topic === undefined || (!contact && conversation?.group === undefined)) return [];
  const current = topic.places.flatMap(({ node, leftAtMs }) => (leftAtMs === undefined ? [node] : []));
  // A profile of before there were several.
  const nodes = conversation.nodes.length === 0 ? current : conversation.nodes;
  const wanted = new Set(contact ? [...(contact.state === "accepted" ? nodes : current), ...profile.nodes] : nodes);
  const places = alignedPlaces(topic.places, [...wanted], context.clock.now());
  const changes: Change[] = [];
  if (places !== topic.places) changes.push({ kind: "put", table: "topics", row: { ...topic, places } });
  if (nodes !== conversation.nodes)
    changes.push({ kind: "put", table: "conversations", row: { ...conversation, nodes } });
  return changes;
}
