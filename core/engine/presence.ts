/**
 * Who is here (§9): announces this device to accepted contacts by signals, remembers whom it heard, and tells the links
 * where to dial. Everything here is a hint and is forgotten when the engine stops.
 */

import { membersIfReadable } from "../group/state.ts";
import type { AccountId, ConversationId, DeviceId, NodeUrl } from "../lang/brand.ts";
import { type LiveCell, liveCell, valueNow } from "../lang/live.ts";
import { assertNever } from "../lang/result.ts";
import type { GroupRecord } from "../ports/group-records.ts";
import type { LinkPrivacy } from "../ports/links.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { maxSignalAddresses } from "../wire/bounds.ts";
import type { SignalBody } from "../wire/signal.ts";
import { type Context, me } from "./context.ts";
import { type Speaking, speakingIn, speakingOn } from "./epoch.ts";
import type { Links } from "./links.ts";
import type { Mailbox } from "./mailbox.ts";
import type { Reach } from "./node-watch.ts";
import { privacyTowards } from "./privacy.ts";
import { openedSignal, sealedSignal } from "./sealed-signals.ts";

export interface Heard {
  readonly account: AccountId;
  readonly conversation: ConversationId;
  readonly here: boolean;
  readonly lastHeardMs: number;
  readonly typing: boolean;
}
export type HeardDevices = ReadonlyMap<DeviceId, Heard>;

export interface Presence {
  readonly heard: LiveCell<HeardDevices>;
  signalled(topic: TopicRecord, body: Uint8Array): Promise<void>;
  /** To everybody accepted, asking for an answer: the node is connected, or this side became reachable. */
  announceAll(): Promise<void>;
  announce(id: ConversationId): Promise<void>;
  /** The conversation was read. What was announced under an epoch that is over may have been closed to its reader. */
  caughtUp(id: ConversationId): Promise<void>;
  setTyping(id: ConversationId, typing: boolean): Promise<void>;
  /** The device's link broke: it is asked at once whether it is still here, and given less time than usual. */
  doubt(device: DeviceId): Promise<void>;
  /** Says good-bye to everybody who was heard. */
  stop(): Promise<void>;
}

const announceEveryMs = 30_000;
const jitterMs = 5_000;
const awayAfterMs = 75_000;
/** After a link broke: a device that is here answers within a round trip through the node, or has just lost its network. */
const doubtMs = 8_000;
const typingShownMs = 6_000;
/** Answers to one conversation are at least this far apart, however often an answer is wanted. */
const answerPauseMs = 1_000;

export interface PresenceEvents {
  /** Somebody is here to link with. */
  wanted(): void;
  /** Something could not be said to somebody. */
  failed(error: unknown): void;
}

export function createPresence(
  context: Context,
  mailbox: Mailbox,
  reach: Reach,
  links: Links,
  events: PresenceEvents,
): Presence {
  const heard = liveCell<HeardDevices>(new Map());
  const timers = new Map<string, () => void>();
  const answeredAtMs = new Map<ConversationId, number>();
  const announcedUnder = new Map<ConversationId, string>();
  let stopped = false;

  function later(name: string, delayMs: number, task: () => void): void {
    timers.get(name)?.();
    if (!stopped) timers.set(name, context.clock.after(delayMs, task));
  }

  function note(device: DeviceId, change: Heard): void {
    heard.set(new Map(heard.value).set(device, change));
  }

  async function signal(speaking: Speaking, body: SignalBody): Promise<void> {
    const { device } = await me(context);
    const sealed = sealedSignal(context, speaking.group, device, body);
    if (sealed === undefined) return;
    for (const node of await nodesToSignal(speaking)) {
      context.nodes.node(node).signal(mailbox.access(speaking.topic), sealed);
    }
  }

  /** The conversation's; with none of them in reach, where the other side looks besides. */
  async function nodesToSignal({ conversation }: Speaking): Promise<readonly NodeUrl[]> {
    const open = conversation.nodes.filter(reach.isConnected);
    if (open.length > 0) return open;
    const contact = await context.storage.get("contacts", conversation.contact);
    return contact?.nodes.filter(reach.isConnected) ?? [];
  }

  async function announceTo(id: ConversationId, state: "here" | "gone", answerWanted: boolean): Promise<void> {
    const speaking = await speakingIn(context, id);
    if (speaking === undefined) return;
    announcedUnder.set(id, keysOf(speaking.group));
    const privacy = await privacyTowards(context, speaking.conversation.contact);
    await signal(speaking, { kind: "presence", state, ...whereToDial(privacy), answerWanted });
  }

  function whereToDial(privacy: LinkPrivacy): { readonly peer: string; readonly addresses: readonly string[] } {
    const reach = valueNow(context.links.reach);
    if (reach?.kind !== "reachable") return { peer: "", addresses: [] };
    const addresses = privacy === "direct" ? reach.addresses : reach.relayed;
    return { peer: reach.peer, addresses: addresses.slice(0, maxSignalAddresses) };
  }

  function conversationsWithSomebodyHere(): ReadonlySet<ConversationId> {
    return new Set([...heard.value.values()].filter((one) => one.here).map((one) => one.conversation));
  }

  async function announceAll(): Promise<void> {
    for (const conversation of await context.storage.all("conversations")) {
      if (conversation.contact !== undefined) await tried(announceTo(conversation.key, "here", true));
    }
  }

  function beat(): void {
    for (const id of conversationsWithSomebodyHere()) void tried(announceTo(id, "here", false));
    const [random = 0] = context.random.bytes(1);
    later("beat", announceEveryMs - jitterMs + (2 * jitterMs * random) / 255, beat);
  }

  /** Somebody to whom it cannot be said, whatever they did to that, keeps nobody else from hearing it. */
  function tried(work: Promise<void>): Promise<void> {
    return work.catch(events.failed);
  }

  function giveUp(device: DeviceId): void {
    const last = heard.value.get(device);
    if (last !== undefined) note(device, { ...last, here: false, typing: false });
    links.lost(device);
  }

  async function doubt(device: DeviceId): Promise<void> {
    const last = heard.value.get(device);
    if (last === undefined || !last.here || stopped) return;
    later(device, doubtMs, () => giveUp(device));
    await announceTo(last.conversation, "here", true);
  }

  async function onPresence(
    speaking: Speaking,
    device: DeviceId,
    body: Extract<SignalBody, { kind: "presence" }>,
  ): Promise<void> {
    const { key: conversation, contact: account } = speaking.conversation;
    const here = body.state === "here";
    // A signal can be replayed by the node, a link cannot: its other end is asked before it is believed to be gone.
    if (!here && links.has(device)) return doubt(device);
    note(device, { account, conversation, here, lastHeardMs: context.clock.now(), typing: false });
    if (!here) {
      timers.get(device)?.();
      links.drop(device);
      return;
    }
    later(device, awayAfterMs, () => giveUp(device));
    events.wanted();
    // Either way: a clock set back must not silence this device until it has caught up.
    const sinceAnswerMs = Math.abs(context.clock.now() - (answeredAtMs.get(conversation) ?? Number.NEGATIVE_INFINITY));
    if (body.answerWanted && sinceAnswerMs >= answerPauseMs) {
      answeredAtMs.set(conversation, context.clock.now());
      await announceTo(conversation, "here", false);
    }
    const { peer, addresses } = body;
    if (peer !== "") await links.seen(device, { account, conversation, peer, addresses });
  }

  function onTyping({ conversation }: Speaking, device: DeviceId, typing: boolean): void {
    const last = heard.value.get(device);
    if (last === undefined || last.conversation !== conversation.key) return;
    note(device, { ...last, typing });
    if (!typing) return;
    later(`typing ${device}`, typingShownMs, () => {
      const now = heard.value.get(device);
      if (now !== undefined) note(device, { ...now, typing: false });
    });
  }

  /** Who a signal claims to come from, if its topic, epoch and claimed device are those of an accepted contact. */
  async function openClaim(topic: TopicRecord, bytes: Uint8Array) {
    const speaking = await speakingOn(context, topic.key);
    const claim = speaking && openedSignal(speaking.group, bytes);
    if (!speaking || !claim) return undefined;
    const members = membersIfReadable(speaking.group.state);
    const isTheirs = members.some(
      ({ credential }) => credential.device === claim.device && credential.account === speaking.conversation.contact,
    );
    return isTheirs ? { speaking, ...claim } : undefined;
  }

  later("beat", announceEveryMs, beat);

  return {
    heard,
    async signalled(topic, bytes) {
      const claim = await openClaim(topic, bytes);
      if (claim === undefined || stopped) return;
      switch (claim.body.kind) {
        case "presence":
          return onPresence(claim.speaking, claim.device, claim.body);
        case "typing":
          return onTyping(claim.speaking, claim.device, claim.body.typing);
        default:
          return assertNever(claim.body);
      }
    },
    doubt,
    announceAll,
    announce: (id) => announceTo(id, "here", true),
    async caughtUp(id) {
      const group = await context.storage.get("groups", id);
      const said = announcedUnder.get(id);
      if (group !== undefined && said !== undefined && said !== keysOf(group)) await announceTo(id, "here", true);
    },
    async setTyping(id, typing) {
      const speaking = await speakingIn(context, id);
      if (speaking !== undefined) await signal(speaking, { kind: "typing", typing });
    },
    async stop() {
      for (const cancel of timers.values()) cancel();
      timers.clear();
      try {
        for (const id of conversationsWithSomebodyHere()) await tried(announceTo(id, "gone", false));
      } finally {
        stopped = true;
      }
    },
  };
}

const keysOf = ({ generation, epoch }: GroupRecord) => `${generation} ${epoch}`;
