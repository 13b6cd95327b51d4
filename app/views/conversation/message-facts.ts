/** What is known of one own message as lines with their times, in the order in which a message travels. Pure. */
import type { MessageInfoView } from "@kith/core";
import { hostOf } from "../../i18n/people-words.ts";
import { dateWithYear } from "../../i18n/time.ts";
import { type SentenceKey, t } from "../../i18n/words.ts";
import { troubleInWords } from "./mark-words.ts";

export interface Fact {
  readonly kind: "saved" | "held" | "delivered" | "read" | "waiting" | "fault";
  readonly text: string;
  readonly atMs: number | undefined;
}

type Recipient = MessageInfoView["recipients"][number];

const heldWords: Readonly<Record<MessageInfoView["held"][number]["state"], SentenceKey>> = {
  kept: "message.held",
  over: "message.heldOver",
  broken: "message.heldBroken",
};

export function messageFacts(info: MessageInfoView): readonly Fact[] {
  const facts: Fact[] = [{ kind: "saved", text: t("message.saved"), atMs: info.sentAtMs }];
  for (const { node, atMs, untilMs, state } of info.held) {
    const text = t(heldWords[state], { host: hostOf(node), date: dateWithYear(untilMs) });
    facts.push({ kind: state === "kept" ? "held" : "fault", text, atMs });
  }
  for (const { name, atMs, untilMs, state } of info.keepings) {
    const key = state === "kept" ? "message.kept" : "message.keptOver";
    const text = t(key, { name: name || t("someone"), date: dateWithYear(untilMs) });
    facts.push({ kind: state === "kept" ? "held" : "fault", text, atMs });
  }
  if (info.trouble && !isTold(info))
    facts.push({ kind: "fault", text: troubleInWords(info.trouble).long, atMs: info.trouble.atMs });
  return facts;
}

/** A promise that was broken is told with the promise. */
function isTold({ held, trouble }: MessageInfoView): boolean {
  if (trouble?.what !== "broke-promise") return false;
  return held.some(({ node, state }) => node === trouble.node && state === "broken");
}

/** How the message stands with each device it is for. */
export function deviceFacts(info: MessageInfoView): readonly { readonly title: string; readonly facts: Fact[] }[] {
  return info.recipients.map((recipient) => ({ title: deviceName(info, recipient), facts: factsOf(recipient) }));
}

function factsOf({ deliveredAtMs, readAtMs, refusedAtMs }: Recipient): Fact[] {
  const facts: Fact[] = [];
  if (deliveredAtMs !== undefined) facts.push({ kind: "delivered", text: t("message.delivered"), atMs: deliveredAtMs });
  if (readAtMs !== undefined) facts.push({ kind: "read", text: t("message.read"), atMs: readAtMs });
  if (refusedAtMs !== undefined) facts.push({ kind: "fault", text: t("message.refused"), atMs: refusedAtMs });
  if (facts.length === 0) facts.push({ kind: "waiting", text: t("message.waiting"), atMs: undefined });
  return facts;
}

function deviceName(info: MessageInfoView, recipient: Recipient): string {
  const name = recipient.name || t("someone");
  const devices = info.recipients.filter(({ account }) => account === recipient.account);
  if (devices.length === 1) return t("message.device", { name });
  return t("message.deviceOf", { name, number: devices.indexOf(recipient) + 1, count: devices.length });
}
