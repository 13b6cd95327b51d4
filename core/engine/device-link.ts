/**
 * One link from its first frame to its last (§7): proof on both sides, what each has, then envelopes and their
 * acknowledgements, one after another. Does not know what is in an envelope or why the link was made.
 */

import type { AccountId, DeviceId, EnvelopeHash, TopicId } from "../lang/brand.ts";
import { assertNever } from "../lang/result.ts";
import type { RawLink } from "../ports/links.ts";
import { maxFrameBytes } from "../wire/bounds.ts";
import { envelopeHash } from "../wire/envelope.ts";
import type { HaveOf } from "../wire/have.ts";
import { decodeLinkFrame, encodeLinkFrame, type LinkFrame } from "../wire/link-protocol.ts";
import type { Context } from "./context.ts";
import type { Speaking } from "./epoch.ts";
import type { KeepFrame } from "./keeper.ts";
import type { KeptFrame } from "./keeper-giving.ts";
import type { LinkAlarms } from "./link-alarms.ts";
import { watchLife } from "./link-life.ts";
import { checkProof, proofFor } from "./link-proof.ts";
import type { Receipt } from "./receive.ts";

const proofTimeoutMs = 5_000;
/** What the other end has comes right behind its proof. Who says nothing is served after this long all the same. */
const haveTimeoutMs = 1_000;
/** What a peer may have waiting here before the link is closed: it must wait for acknowledgements like everybody. */
const maxWaitingFrames = 512;
/** What windows of the largest envelopes come to, of its own words and of what is kept, with room for two that overlap. */
const maxWaitingBytes = 16 * 1_024 * 1_024;
/** Answers for which the other end made no room yet. Higher: memory for who asks without reading. Lower: what comes waits for what goes. */
const maxAnswersUnderway = 512;

export interface DeviceLinkHandlers {
  /**
   * Answers what is to be told first: what is here of each conversation that both share. `undefined`: there is to be no
   * such link.
   */
  proved(link: DeviceLink, account: AccountId): Promise<readonly HaveFrame[] | undefined>;
  /** What the other end has. Resolves when what follows from it is written down. */
  have(topic: TopicId, have: readonly HaveOf[]): Promise<void>;
  /** The other end's frames were heard first, or it had none: from now on envelopes may go. */
  opened(): void;
  deliver(topic: TopicId, envelope: Uint8Array): Promise<Receipt>;
  got(hash: EnvelopeHash, refused: boolean): Promise<void>;
  /** The other end asks this device to keep an envelope for others. */
  keep(frame: KeepFrame): Promise<KeptFrame | undefined>;
  kept(frame: KeptFrame): Promise<void>;
  closed(): void;
}

export type HaveFrame = Extract<LinkFrame, { kind: "have" }>;

export interface DeviceLink {
  readonly device: DeviceId;
  readonly raw: RawLink;
  deliver(topic: TopicId, envelope: Uint8Array): void;
  keep(topic: TopicId, devices: readonly DeviceId[], envelope: Uint8Array): void;
  /** Closes the link unless something is heard from its other end soon. */
  ask(): void;
  close(): void;
}

/** `speaking` is the dialler's conversation with the device it dialled; a listener learns it from the proof. */
export function runLink(
  context: Context,
  raw: RawLink,
  speaking: Speaking | undefined,
  alarms: LinkAlarms,
  handlers: DeviceLinkHandlers,
): void {
  let link: DeviceLink | undefined;
  let closed = false;
  const waiting: { readonly frame: LinkFrame; readonly bytes: number }[] = [];
  let waitingBytes = 0;
  let answersUnderway = 0;
  let working = false;
  let isPongUnderway = false;
  const cancelProofTimeout = context.clock.after(proofTimeoutMs, close);
  /** Conversations of which the other end has not said yet what it has. */
  const unheard = new Set<TopicId>();
  let cancelPatience = () => {};

  const life = watchLife(context.clock, {
    ping: (id) => void send({ kind: "ping", id }),
    patienceMs: () => (link === undefined ? 0 : alarms.patienceMs(link.device)),
    dead(asked) {
      if (asked && link !== undefined) alarms.raise(link.device, raw.remotePeer);
      close();
    },
  });

  function close(): void {
    if (closed) return;
    closed = true;
    cancelProofTimeout();
    cancelPatience();
    life.end();
    raw.close();
    handlers.closed();
  }

  /** A closed link ends by its own event; what was not acknowledged stays in the outbox. */
  function send(frame: LinkFrame): Promise<unknown> {
    return raw.send(encodeLinkFrame(frame));
  }

  function sendProof(proof: LinkFrame): void {
    void send(proof);
    life.sent();
  }

  /** Resolves at once, unless the other end reads none of many. */
  async function answer(frame: LinkFrame): Promise<void> {
    answersUnderway++;
    const sent = send(frame).finally(() => {
      answersUnderway--;
    });
    if (answersUnderway >= maxAnswersUnderway) await sent;
  }

  /** Who has not proved anything has nothing to say but the proof. */
  function hasRoom(bytes: number): boolean {
    const most = link === undefined && raw.role === "listener" ? maxFrameBytes : maxWaitingBytes;
    return waiting.length < maxWaitingFrames && waitingBytes + bytes <= most;
  }

  /** Answered with a frame of its own. */
  function give(frame: LinkFrame): void {
    void send(frame);
    life.given();
  }

  /** One at a time: whoever asks without reading fills nothing here. */
  function pong(id: number): void {
    if (isPongUnderway) return;
    isPongUnderway = true;
    void send({ kind: "pong", id }).finally(() => {
      isPongUnderway = false;
    });
  }

  async function onProof(frame: Extract<LinkFrame, { kind: "proof" }>): Promise<void> {
    const proved = link === undefined ? await checkProof(context, raw, frame) : undefined;
    if (proved === undefined || closed) return close();
    // The dialler has shown its proof first; now that it holds, this side answers.
    if (raw.role === "listener") sendProof(await proofFor(context, raw, proved.speaking));
    if (closed) return;
    cancelProofTimeout();
    life.begin();
    link = {
      device: proved.device,
      raw,
      deliver: (topic, envelope) => give({ kind: "deliver", topic, envelope }),
      keep: (topic, devices, envelope) => give({ kind: "keep", topic, devices, envelope }),
      ask: life.ask,
      close,
    };
    const haves = await handlers.proved(link, proved.speaking.conversation.contact);
    if (closed) return;
    if (haves === undefined) return close();
    for (const have of haves) {
      unheard.add(have.topic);
      void send(have);
    }
    waitForHaves();
  }

  /** A profile that was rolled back finds out here, before it gives anybody an envelope under keys that were used. */
  function waitForHaves(): void {
    cancelPatience();
    if (unheard.size === 0) handlers.opened();
    else cancelPatience = context.clock.after(haveTimeoutMs, handlers.opened);
  }

  async function onHave({ topic, have }: HaveFrame): Promise<void> {
    if (!unheard.delete(topic)) return;
    cancelPatience();
    await handlers.have(topic, have);
    if (!closed) waitForHaves();
  }

  async function handle(frame: LinkFrame): Promise<void> {
    if (frame.kind === "proof") return onProof(frame);
    if (link === undefined) return close();
    switch (frame.kind) {
      case "deliver": {
        const receipt = await handlers.deliver(frame.topic, frame.envelope);
        if (receipt !== "taken" && receipt !== "refused") return;
        return answer({ kind: "got", hash: envelopeHash(frame.envelope), refused: receipt === "refused" });
      }
      case "got":
        return handlers.got(frame.hash, frame.refused);
      case "have":
        return onHave(frame);
      case "keep": {
        const kept = await handlers.keep(frame);
        if (kept !== undefined) await answer(kept);
        return;
      }
      case "kept":
        return handlers.kept(frame);
      case "ping":
        return pong(frame.id);
      case "pong":
        return;
      default:
        return assertNever(frame);
    }
  }

  async function work(): Promise<void> {
    working = true;
    for (let next = waiting.shift(); next !== undefined && !closed; next = waiting.shift()) {
      await handle(next.frame);
      waitingBytes -= next.bytes;
    }
    working = false;
  }

  raw.receive({
    frame(bytes) {
      if (closed) return;
      life.heard();
      const frame = decodeLinkFrame(bytes);
      if (!frame.ok || !hasRoom(bytes.length)) return close();
      // Not behind the envelopes that wait here: taking them in can take longer than the other end has patience.
      if (link !== undefined && frame.value.kind === "ping") return pong(frame.value.id);
      if (frame.value.kind === "pong") life.pong(frame.value.id);
      waiting.push({ frame: frame.value, bytes: bytes.length });
      waitingBytes += bytes.length;
      if (working) return;
      work().catch((error: unknown) => {
        context.log.fault("a link failed", error);
        close();
      });
    },
    closed: close,
  });
  if (raw.role === "listener") return;
  if (speaking === undefined) {
    close();
    return;
  }
  proofFor(context, raw, speaking).then(sendProof, (error: unknown) => {
    context.log.fault("a link could not be proved", error);
    close();
  });
}
