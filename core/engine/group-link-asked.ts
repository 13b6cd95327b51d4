/** What became of asking to be let into a group (§13.9), for who asked: the request on its way, answers, taking it back. */

import { sealNonceBytes } from "../crypto/seal.ts";
import type { TopicId } from "../lang/brand.ts";
import { equalBytes } from "../lang/bytes.ts";
import type { Live } from "../lang/live.ts";
import { done, type Result } from "../lang/result.ts";
import type { AskedRecord } from "../ports/group-link-records.ts";
import type { Change } from "../ports/storage.ts";
import { sealEnvelope } from "../wire/envelope.ts";
import { isLinkAnswerOf, type LinkAnswer, signLinkAnswer } from "../wire/link-answer.ts";
import { deriveTopic } from "../wire/topic.ts";
import { type Context, commit, me } from "./context.ts";
import type { WriteFaultView } from "./face.ts";
import type { AskedView } from "./group-face.ts";

/** Who waits, or was turned down and was not told yet. */
export function askedView(context: Context): Live<readonly AskedView[]> {
  return context.storage.live(async (reader): Promise<readonly AskedView[]> => {
    const nowMs = context.clock.now();
    return (await reader.all("asked"))
      .flatMap(({ key: id, name, emoji, people, atMs, expiresAtMs, state }): readonly AskedView[] =>
        state === "taken-back" || expiresAtMs <= nowMs
          ? []
          : [{ id, name, emoji, people, askedAtMs: atMs, endsAtMs: expiresAtMs, state }],
      )
      .sort((a, b) => b.askedAtMs - a.askedAtMs);
  });
}

/** Brings requests, and that they are taken back, to their nodes. `false`: a node could not take one now. */
export async function publishAsked(context: Context): Promise<boolean> {
  let taken = true;
  for (const { key, node, envelope } of await context.storage.all("asked")) {
    const topic = await context.storage.get("topics", key);
    if (envelope === undefined || topic === undefined) continue;
    const { seed } = deriveTopic(topic.secret);
    const answer = await context.nodes.node(node).append({ topic: key, seed }, envelope);
    if (answer.ok) await turnOfAsked(context, key, (now) => leftChanges(now, envelope));
    else taken &&= answer.error.kind === "offline";
  }
  return taken;
}

function leftChanges(asked: AskedRecord, envelope: Uint8Array): readonly Change[] {
  // Another one by now.
  if (asked.envelope === undefined || !equalBytes(asked.envelope, envelope)) return [];
  return [{ kind: "put", table: "asked", row: { ...asked, envelope: undefined } }];
}

export function askedForgotten({ key }: AskedRecord): readonly Change[] {
  return [
    { kind: "delete", table: "asked", key },
    { kind: "delete", table: "topics", key },
  ];
}

/** Runs in the turn in which the topic's entries are taken in, with the row as it is then. */
async function turnOfAsked(
  context: Context,
  key: TopicId,
  changesOf: (now: AskedRecord) => readonly Change[],
): Promise<Result<void, WriteFaultView>> {
  const purpose = (await context.storage.get("topics", key))?.purpose;
  if (purpose?.kind !== "invite") return done;
  return context.turns(purpose.invite, async () => {
    const now = await context.storage.get("asked", key);
    const changes = now === undefined ? [] : changesOf(now);
    return changes.length === 0 ? done : commit(context, { changes });
  });
}

/**
 * Does not wait any more. Those who could let them in are told; who was turned down has nobody to tell. The row stays a while: a
 * Welcome may be under way, and nobody shall be in a group without knowing.
 */
export async function cancelAsked(context: Context, id: string): Promise<Result<void, WriteFaultView>> {
  const { deviceSeed } = await me(context);
  const topic = await context.storage.get("topics", id as TopicId);
  if (topic === undefined) return done;
  return turnOfAsked(context, topic.key, (asked) => {
    const back = { ...asked, state: "taken-back", atMs: context.clock.now() } as const;
    if (asked.state !== "waiting") return [{ kind: "put", table: "asked", row: { ...back, envelope: undefined } }];
    const answer = signLinkAnswer(topic.key, "taken-back", deviceSeed, asked.request);
    const { envelopeKey } = deriveTopic(topic.secret);
    const nonce = context.random.bytes(sealNonceBytes);
    const envelope = sealEnvelope(envelopeKey, topic.key, { kind: "group-link-answer", ...answer }, nonce);
    if (!envelope.ok) throw new Error("an answer does not fit an envelope");
    return [{ kind: "put", table: "asked", row: { ...back, envelope: envelope.value } }];
  });
}

/** An answer that is of the link and to this request; a Welcome may come behind it still. */
export function answerTo(asked: AskedRecord, answer: LinkAnswer): readonly Change[] {
  if (asked.state !== "waiting" || answer.what === "taken-back") return [];
  if (!isLinkAnswerOf(answer, asked.key, asked.answerKey)) return [];
  const isMine = answer.what === "withdrawn" || equalBytes(answer.request, asked.request);
  return isMine ? [{ kind: "put", table: "asked", row: { ...asked, state: answer.what } }] : [];
}
