/** What a node's answers mean to the engine: custody and entries are checked before anybody believes them (§6.3, §6.4). */
import { sha256 } from "../crypto/hash.ts";
import { labels } from "../crypto/labels.ts";
import { verify } from "../crypto/signature.ts";
import type { EnvelopeHash, TopicId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import { assertNever, err, ok, type Result } from "../lang/result.ts";
import type { AppendFault, Custody, NodeFault, TopicEntry } from "../ports/node.ts";
import { custodyMessage, type NodeRefusal, type NodeResult } from "../wire/node-protocol.ts";

export type Answer = NodeResult | "gone" | "crowded";

/** How long to leave a connection alone that has too much on its way. */
const crowdedMs = 500;
/**
 * What a node that is busy is believed. Sooner, and one that says so without end is asked without end; later, and one that is
 * mistaken for a moment is not read for weeks.
 */
const busyMs = { least: 50, most: 60_000 };

export interface EntriesPage {
  readonly entries: readonly TopicEntry[];
  readonly more: boolean;
  readonly latest: number;
}

const brokenPromise: NodeFault = { kind: "broken-promise" };

export function readCustody(
  answer: Answer,
  topic: TopicId,
  envelope: Uint8Array,
  nodeKey: Uint8Array,
): Result<Custody, AppendFault> {
  const result = accepted(answer);
  if (!result.ok) return result;
  if (result.value.kind !== "custody") return err(brokenPromise);
  const { sequence, expiresAtMs, signature } = result.value;
  const promise = custodyMessage(topic, sha256(envelope), sequence, expiresAtMs);
  if (!verify(labels.custody, promise, signature, nodeKey)) return err(brokenPromise);
  return ok({ sequence, expiresAtMs, signature });
}

/** Numbers must rise above what was asked for: a reader that moves its mark by them must never be led back. */
export function readPage(answer: Answer, after: number, limit: number): Result<EntriesPage, NodeFault> {
  const result = accepted(answer);
  if (!result.ok) return err(withoutAppend(result.error));
  if (result.value.kind !== "entries" || result.value.entries.length > limit) return err(brokenPromise);
  const { more, latest } = result.value;
  let last = after;
  const entries: TopicEntry[] = [];
  for (const { sequence, envelope, expiresAtMs } of result.value.entries) {
    if (sequence <= last || sequence > latest) return err(brokenPromise);
    last = sequence;
    entries.push({ sequence, envelope, expiresAtMs, hash: toHex(sha256(envelope)) as EnvelopeHash });
  }
  // What there is more of lies above this page: else a reader would ask for it without end.
  if (more && (entries.length === 0 || last >= latest)) return err(brokenPromise);
  return ok({ entries, more, latest });
}

/** What to do about a follow: nothing, or again after so many milliseconds. */
export function followAgainMs(answer: Answer): number | undefined {
  const result = accepted(answer);
  if (result.ok) return undefined;
  if (result.error.kind === "busy") return result.error.retryAfterMs;
  return result.error.kind === "full" ? crowdedMs : undefined;
}

function accepted(answer: Answer): Result<Exclude<NodeResult, { kind: "refusal" }>, AppendFault> {
  if (answer === "gone") return err({ kind: "offline" });
  if (answer === "crowded") return err({ kind: "busy", retryAfterMs: crowdedMs });
  return answer.kind === "refusal" ? err(faultOf(answer.refusal)) : ok(answer);
}

function faultOf(refusal: NodeRefusal): AppendFault {
  switch (refusal.why) {
    case "busy":
      return { kind: "busy", retryAfterMs: Math.min(Math.max(refusal.retryAfterMs, busyMs.least), busyMs.most) };
    case "slot-taken":
      return { kind: "slot-taken", sequence: refusal.sequence };
    case "topic-full":
      return { kind: "full", what: "topic" };
    case "node-full":
      return { kind: "full", what: "node" };
    case "storage":
      return { kind: "full", what: "disk" };
    case "topics-closed":
      return { kind: "refused", why: "closed" };
    case "unproven":
    case "too-large":
    case "too-many-topics":
    case "malformed":
      return { kind: "refused", why: refusal.why };
    default:
      return assertNever(refusal);
  }
}

/** A read is not told what only an append can be, except that the disk fails: then it may go again later. */
function withoutAppend(fault: AppendFault): NodeFault {
  if (fault.kind === "full") return fault.what === "disk" ? { kind: "busy", retryAfterMs: crowdedMs } : brokenPromise;
  return fault.kind === "slot-taken" ? brokenPromise : fault;
}
