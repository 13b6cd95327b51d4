/** What the node counts, and its form for Prometheus (text format 0.0.4). Sums only: nothing here is about anybody. */
import type { NodeRefusal } from "@kith/core/wire/node-protocol.ts";

export interface Counters {
  appended: number;
  entriesRead: number;
  signals: number;
  topicBytesIn: number;
  topicBytesOut: number;
  relayBytesIn: number;
  relayBytesOut: number;
  turnedAway: number;
  stunAnswered: number;
  stunIgnored: number;
  readonly refusals: Map<NodeRefusal["why"], number>;
}

export function createCounters(): Counters {
  return {
    appended: 0,
    entriesRead: 0,
    signals: 0,
    topicBytesIn: 0,
    topicBytesOut: 0,
    relayBytesIn: 0,
    relayBytesOut: 0,
    turnedAway: 0,
    stunAnswered: 0,
    stunIgnored: 0,
    refusals: new Map(),
  };
}

/** What is so now, beside what was counted. */
export interface Levels {
  readonly topicConnections: number;
  readonly relayConnections: number;
  readonly relayReservations: number;
  readonly topics: number;
  readonly envelopes: number;
  readonly bytes: number;
  /** Of the whole process, its threads included, since it began. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

export function prometheusText(counters: Counters, levels: Levels): string {
  const lines: string[] = [];
  const metric = (
    name: string,
    type: "counter" | "gauge",
    help: string,
    samples: readonly (readonly [string, number])[],
  ) => {
    lines.push(`# HELP kith_${name} ${help}`, `# TYPE kith_${name} ${type}`);
    for (const [labels, value] of samples) lines.push(`kith_${name}${labels} ${value}`);
  };
  metric("envelopes_appended_total", "counter", "New envelopes stored.", [["", counters.appended]]);
  metric("entries_read_total", "counter", "Envelopes given to readers.", [["", counters.entriesRead]]);
  metric("signals_total", "counter", "Signals taken in.", [["", counters.signals]]);
  metric("topic_bytes_total", "counter", "Bytes of frames on /topics.", [
    ['{direction="in"}', counters.topicBytesIn],
    ['{direction="out"}', counters.topicBytesOut],
  ]);
  metric("relay_bytes_total", "counter", "Bytes on relay connections, signalling included.", [
    ['{direction="in"}', counters.relayBytesIn],
    ['{direction="out"}', counters.relayBytesOut],
  ]);
  metric(
    "refusals_total",
    "counter",
    "Requests refused, by reason.",
    [...counters.refusals].map(([why, n]) => [`{reason="${why}"}`, n] as const),
  );
  metric("turned_away_total", "counter", "Connections over a limit.", [["", counters.turnedAway]]);
  metric("stun_datagrams_total", "counter", "Datagrams on the STUN port.", [
    ['{outcome="answered"}', counters.stunAnswered],
    ['{outcome="ignored"}', counters.stunIgnored],
  ]);
  metric("connections", "gauge", "Connections now.", [
    ['{kind="topics"}', levels.topicConnections],
    ['{kind="relay"}', levels.relayConnections],
  ]);
  metric("relay_reservations", "gauge", "Devices that can be reached through the relay.", [
    ["", levels.relayReservations],
  ]);
  metric("topics", "gauge", "Topics with envelopes, or not forgotten yet.", [["", levels.topics]]);
  metric("stored_envelopes", "gauge", "Envelopes stored now.", [["", levels.envelopes]]);
  metric("stored_bytes", "gauge", "Bytes of stored envelopes.", [["", levels.bytes]]);
  metric("cpu_seconds_total", "counter", "Time of processors used.", [["", levels.cpuSeconds]]);
  metric("resident_bytes", "gauge", "Memory of the process.", [["", levels.residentBytes]]);
  return `${lines.join("\n")}\n`;
}
