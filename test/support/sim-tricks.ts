// A node that does not keep to the rules (FAULTS F21), as far as its clients' checks let it: numbers rise, promises it
// gives are signed. What it withholds, shuffles or forgets nobody can see but by what follows.
import type { EnvelopeHash } from "../../core/lang/brand.ts";
import { err } from "../../core/lang/result.ts";
import type { TopicEntry } from "../../core/ports/node.ts";
import { envelopeHash } from "../../core/wire/envelope.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { SimNode } from "./sim-node.ts";

/**
 * `shuffles`: entries of one page under each other's numbers. `replays`: old entries again under new numbers. `withholds`:
 * some envelopes from everybody. `hides`: some from everybody but who left them, who so believes they are there. `forges`:
 * custody whose signature does not hold. `gives-slots-twice`: to whoever asks.
 */
export const tricks = ["shuffles", "replays", "withholds", "hides", "forges", "gives-slots-twice"] as const;
export type Trick = (typeof tricks)[number];

export interface Trickster {
  readonly playing: Set<Trick>;
  /** Everything it has is gone, and numbers begin anew. */
  forget(): void;
  /** From now on it is honest, and gives what it has kept back to whoever reads on from there. */
  repent(): void;
}

export function createTrickster(node: SimNode, random: SeededRandom): Trickster {
  const honest = { append: node.append, read: node.read };
  const playing = new Set<Trick>();
  const withheld = new Set<EnvelopeHash>();
  const hidden = new Map<EnvelopeHash, string | undefined>();

  node.append = (topic, envelope, slot, by) => {
    const hash = envelopeHash(envelope);
    const entries = node.topics.get(topic)?.entries ?? [];
    if (playing.has("withholds") && random.chance(0.3)) withheld.add(hash);
    if (playing.has("hides") && random.chance(0.3)) hidden.set(hash, by);
    if (playing.has("replays") && random.chance(0.3) && entries.length > 0) {
      const again = random.pick(entries);
      const topicHere = node.topics.get(topic)!;
      topicHere.entries.push({ ...again, sequence: ++topicHere.latest });
    }
    const twice = slot !== undefined && playing.has("gives-slots-twice");
    if (twice) node.granted.add(hash);
    const answer = honest.append(topic, envelope, twice ? undefined : slot);
    if (answer.ok && playing.has("forges") && random.chance(0.3)) return err({ kind: "broken-promise" });
    return answer;
  };

  node.read = (topic, after, limit, by) => {
    const page = honest.read(topic, after, limit);
    const shown = page.entries.filter(
      ({ hash }) => !withheld.has(hash) && (!hidden.has(hash) || hidden.get(hash) === by),
    );
    const entries = playing.has("shuffles") && random.chance(0.5) ? shuffled(shown, random) : shown;
    return { ...page, entries, more: page.more && entries.length > 0 };
  };

  return {
    playing,
    forget() {
      node.topics.clear();
    },
    repent() {
      playing.clear();
      withheld.clear();
      hidden.clear();
    },
  };
}

function shuffled(entries: readonly TopicEntry[], random: SeededRandom): TopicEntry[] {
  const left = [...entries];
  return entries.map(({ sequence }) => ({ ...left.splice(random.int(left.length), 1)[0]!, sequence }));
}
