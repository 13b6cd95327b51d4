/** Several node addresses in one message. They travel normalised, so that one node is one text for everybody. */

import type { NodeUrl } from "../lang/brand.ts";
import { distinct } from "./field.ts";
import { parseNodeUrl } from "./node-url.ts";

/** From `min` to `max` of them, each once, or `undefined`. */
export function readNodeUrls(texts: readonly string[], min: number, max: number): readonly NodeUrl[] | undefined {
  if (texts.length < min || texts.length > max || !distinct(texts)) return undefined;
  const nodes: NodeUrl[] = [];
  for (const text of texts) {
    const node = parseNodeUrl(text);
    if (!node.ok || node.value !== text) return undefined;
    nodes.push(node.value);
  }
  return nodes;
}
