/** A topic at each of its nodes: how far it was read there. Reads and writes nothing. */

import type { NodeUrl } from "../lang/brand.ts";
import type { Place, TopicRecord } from "../ports/records.ts";

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

/** Everything up to `sequence` was taken in from `node`. */
export function takenIn(topic: TopicRecord, node: NodeUrl, sequence: number): TopicRecord {
  return withPlace(topic, node, (place) => ({ ...place, cursor: Math.max(place.cursor, sequence) }));
}
