/** What the thin line above everything says about the connection: nothing, when all is well. */
import type { DirectView, NetworkView } from "@kith/core";
import { hostOf } from "../../i18n/people-words.ts";
import { type SentenceKey, t } from "../../i18n/words.ts";

export interface NetworkSentence {
  readonly text: string;
  readonly why: SentenceKey;
  /** `mild`: messages still flow. */
  readonly tone: "waiting" | "mild";
  readonly sinceMs: number | undefined;
}

/** A connection that takes no longer than this is not worth a word, nor is one that was lost and is back by then. */
export const patienceMs = 3_000;

export function networkSentence(
  network: NetworkView,
  direct: DirectView,
  browserOnline: boolean,
  nowMs: number,
): NetworkSentence | undefined {
  const waiting = (text: string, why: SentenceKey, sinceMs?: number) =>
    ({ text, why, tone: "waiting", sinceMs }) as const;
  const mild = (text: string) => ({ text, why: "network.whyDirect", tone: "mild", sinceMs: undefined }) as const;
  const host = hostOf(network.node);

  // A node on this very machine answers without any network: what works is not reported as broken.
  if (!browserOnline && network.kind !== "connected") return waiting(t("network.noInternet"), "network.whyInternet");
  // Either way: a clock that was set back must not keep it quiet.
  if (network.kind !== "connected" && Math.abs(nowMs - network.sinceMs) < patienceMs) return undefined;
  if (network.kind === "connecting") {
    return waiting(t("network.connecting", { host }), "network.whyConnecting", network.sinceMs);
  }
  if (network.kind === "offline") {
    const why = network.reason === "incompatible" ? "network.whyIncompatible" : "network.whyNode";
    return waiting(t(`network.${network.reason}`, { host }), why, network.sinceMs);
  }
  if (direct === "relay-full") return mild(t("network.relayFull", { host }));
  if (direct === "relay-away") return mild(t("network.relayAway"));
  if (direct === "no-webrtc") return mild(t("network.noWebrtc"));
  return undefined;
}
