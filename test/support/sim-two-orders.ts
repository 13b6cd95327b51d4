// A node that shows a group's members two orders of commits (FAULTS F21): it gives one slot twice, and shows each commit to one
// part of the members only.
import type { TopicId } from "../../core/lang/brand.ts";
import { toHex } from "../../core/lang/bytes.ts";
import { envelopeHash } from "../../core/wire/envelope.ts";
import type { SimNode } from "./sim-node.ts";

/**
 * `apart`: devices that are shown another order than the rest. `everything`: from then on whatever else lies in the topic goes to
 * one part only, too. Answers what ends it; what was passed by is not shown again.
 */
export function showTwoOrders(
  node: SimNode,
  topic: TopicId,
  apart: ReadonlySet<string>,
  everything = false,
): () => void {
  const { append, read } = node;
  const first = node.latest(topic);
  const by = new Map<string, string>();
  const slots = new Set<string>();
  const isApart = (name = "") => apart.has(name);
  node.append = (at, envelope, slot, who) => {
    const answer = append(at, envelope, slot, who);
    if (at !== topic) return answer;
    const isSplit = slot !== undefined && (slots.size === 0 || slots.has(toHex(slot)));
    if (isSplit) slots.add(toHex(slot));
    if (isSplit || everything) by.set(envelopeHash(envelope), who ?? "");
    if (answer.ok || !isSplit) return answer;
    node.granted.add(envelopeHash(envelope));
    return append(at, envelope, undefined, who);
  };
  node.read = (at, after, limit, who) => {
    const page = read(at, after, limit, who);
    const isShown = ({ hash, sequence }: (typeof page.entries)[number]) =>
      at !== topic || sequence <= first || !by.has(hash) || isApart(by.get(hash)) === isApart(who);
    return { ...page, entries: page.entries.filter(isShown) };
  };
  return () => {
    node.append = append;
    node.read = read;
  };
}
