/**
 * How a node is told what to do: flags, else environment, else defaults that suit a first try on one machine. Whatever is
 * unknown or impossible is said in a sentence before anything starts; nothing is guessed.
 */
import { join, resolve } from "node:path";
import { err, ok, type Result } from "@kith/core/lang/result.ts";

export interface NodeConfig {
  /** Undefined: nobody chose one, so the next free one after 8080 will do. 0: any free one. */
  readonly port: number | undefined;
  readonly host: string;
  readonly dataFolder: string;
  readonly appFolder: string;
  /** How many proxies in front of the node set X-Forwarded-For; 0 when clients connect directly. */
  readonly trustedProxies: number;
  readonly retentionDays: number;
  readonly maxDiskMib: number;
  readonly maxTopics: number;
  readonly maxTopicEnvelopes: number;
  readonly maxTopicMib: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  /** Of one connection, held over four seconds; an address may use four times as much. */
  readonly framesPerSecond: number;
  readonly kibPerSecond: number;
  /** 0: no relay. */
  readonly relayReservations: number;
  /** Of one relayed connection. */
  readonly relayMinutes: number;
  readonly relayMib: number;
  /** UDP. Undefined: the number of the TCP port. 0: STUN is not answered. */
  readonly stunPort: number | undefined;
  /** Undefined: as `host`. */
  readonly stunHost: string | undefined;
}

const installation = resolve(import.meta.dirname, "..");
export const defaultPort = 8_080;

type Kind = { readonly kind: "text" } | { readonly kind: "whole"; readonly least: number; readonly most: number };
interface Setting {
  readonly flag: string;
  readonly value: Kind;
  readonly standard: string | undefined;
  readonly help: string;
}

const text: Kind = { kind: "text" };
const whole = (least: number, most: number): Kind => ({ kind: "whole", least, most });

/** The variable of `--some-flag` is KITH_SOME_FLAG. */
const settings: Readonly<Record<keyof NodeConfig, Setting>> = {
  port: {
    flag: "port",
    value: whole(0, 65_535),
    standard: undefined,
    help: `port; ${defaultPort}, or the next free one when nobody chose`,
  },
  host: {
    flag: "host",
    value: text,
    standard: "127.0.0.1",
    help: "address to listen on; 0.0.0.0 for everybody who can reach this machine",
  },
  dataFolder: {
    flag: "data",
    value: text,
    standard: join(installation, "data"),
    help: "folder of the node's key and stored envelopes",
  },
  appFolder: { flag: "app", value: text, standard: join(installation, "app", "dist"), help: "folder of the built app" },
  trustedProxies: {
    flag: "trust-proxy",
    value: whole(0, 10),
    standard: "0",
    help: "how many proxies in front of the node add to X-Forwarded-For",
  },
  retentionDays: {
    flag: "retention-days",
    value: whole(1, 3_650),
    standard: "30",
    help: "how long an envelope is kept",
  },
  maxDiskMib: {
    flag: "max-disk-mib",
    value: whole(1, 100_000_000),
    standard: "10240",
    help: "envelopes of all topics together",
  },
  maxTopics: {
    flag: "max-topics",
    value: whole(1, 1_000_000_000),
    standard: "1000000",
    help: "topics that ever held something",
  },
  maxTopicEnvelopes: {
    flag: "max-topic-envelopes",
    value: whole(1, 1_000_000_000),
    standard: "20000",
    help: "envelopes of one topic",
  },
  maxTopicMib: { flag: "max-topic-mib", value: whole(1, 100_000_000), standard: "64", help: "bytes of one topic" },
  maxConnections: {
    flag: "max-connections",
    value: whole(1, 1_000_000),
    standard: "12000",
    help: "connections at a time",
  },
  maxConnectionsPerAddress: {
    flag: "max-connections-per-address",
    value: whole(1, 1_000_000),
    standard: "256",
    help: "connections of one address at a time",
  },
  framesPerSecond: {
    flag: "frames-per-second",
    value: whole(1, 1_000_000),
    standard: "1000",
    help: "requests of one connection",
  },
  kibPerSecond: {
    flag: "kib-per-second",
    value: whole(1, 10_000_000),
    standard: "4096",
    help: "bytes of one connection's requests",
  },
  relayReservations: {
    flag: "relay-reservations",
    value: whole(0, 1_000_000),
    standard: "2048",
    help: "devices that can be reached through the relay; 0 for no relay",
  },
  relayMinutes: {
    flag: "relay-minutes",
    value: whole(1, 10_000),
    standard: "120",
    help: "length of one relayed connection",
  },
  relayMib: { flag: "relay-mib", value: whole(1, 100_000), standard: "64", help: "bytes of one relayed connection" },
  stunPort: {
    flag: "stun-port",
    value: whole(0, 65_535),
    standard: undefined,
    help: "UDP port on which devices learn their own address (STUN); the node's port when nobody chose, 0 for none",
  },
  stunHost: {
    flag: "stun-host",
    value: text,
    standard: undefined,
    help: "address to answer STUN on; as --host when nobody chose",
  },
};

export type Reading =
  | { readonly kind: "config"; readonly config: NodeConfig }
  | { readonly kind: "help"; readonly text: string };

/** `flags` without program and script. The errors are sentences, one for each thing that is wrong. */
export function readConfig(
  flags: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Result<Reading, readonly string[]> {
  if (flags.includes("--help") || flags.includes("-h")) return ok({ kind: "help", text: helpText() });
  const problems: string[] = [];
  const given = new Map<string, { readonly value: string; readonly from: string }>();
  readEnvironment(environment, given, problems);
  readFlags(flags, given, problems);

  const values: Record<string, string | number | undefined> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const chosen = given.get(setting.flag);
    const raw = chosen?.value ?? setting.standard;
    const value = raw === undefined ? undefined : readValue(raw, setting.value);
    if (value?.ok === false) problems.push(`${chosen?.from ?? setting.flag} ${value.error}, not "${raw}".`);
    values[name] = value?.ok ? value.value : undefined;
  }
  if (problems.length > 0) return err(problems);
  // Every name of the table is a field of the type, and each value passed the reader of its kind.
  return ok({ kind: "config", config: values as unknown as NodeConfig });
}

type Given = Map<string, { readonly value: string; readonly from: string }>;
const flagNames = Object.values(settings).map(({ flag }) => flag);
const variableOf = (flag: string) => `KITH_${flag.toUpperCase().replaceAll("-", "_")}`;

function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  given: Given,
  problems: string[],
): void {
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith("KITH_") || value === undefined) continue;
    const flag = flagNames.find((candidate) => variableOf(candidate) === name);
    if (flag === undefined) problems.push(`The environment variable ${name} is unknown. See --help.`);
    else given.set(flag, { value, from: name });
  }
}

function readFlags(flags: readonly string[], given: Given, problems: string[]): void {
  const seen = new Set<string>();
  for (let i = 0; i < flags.length; i++) {
    const [, name, attached] = /^--([a-z-]+)(?:=(.*))?$/s.exec(flags[i] ?? "") ?? [];
    if (name === undefined || !flagNames.includes(name)) {
      problems.push(`"${flags[i]}" is unknown. See --help.`);
      continue;
    }
    const value = attached ?? flags[++i];
    if (value === undefined) problems.push(`--${name} needs a value.`);
    else if (seen.has(name)) problems.push(`--${name} is given twice.`);
    else given.set(name, { value, from: `--${name}` });
    seen.add(name);
  }
}

function readValue(raw: string, kind: Kind): Result<string | number, string> {
  if (kind.kind === "text") return raw === "" ? err("needs a value") : ok(raw);
  const value = /^\d{1,10}$/.test(raw) ? Number(raw) : Number.NaN;
  if (value >= kind.least && value <= kind.most) return ok(value);
  return err(`must be a whole number from ${kind.least} to ${kind.most}`);
}

function helpText(): string {
  const lines = Object.values(settings).map(({ flag, standard, help }) => {
    const usual = standard === undefined ? "" : ` (${standard})`;
    return `  --${flag.padEnd(28)} ${variableOf(flag).padEnd(33)} ${help}${usual}`;
  });
  return ["The Kith node: serves the app, keeps topics, relays.", "", ...lines].join("\n");
}
