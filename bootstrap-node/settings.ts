/** Every setting of a node: its meaning, its flag, and a default that suits a first try on one machine. */
import { join, resolve } from "node:path";
import { maxIceUrls } from "@kith/core/wire/bounds.ts";

/** Whom /metrics answers: everybody, processes on this machine, nobody. */
export type MetricsFor = (typeof metricsFor)[number];
const metricsFor = ["public", "local", "off"] as const;

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
  /** Of one address, a minute's worth at once. */
  readonly newTopicsPerMinute: number;
  /** 0: no relay. */
  readonly relayReservations: number;
  /** Of one relayed connection. */
  readonly relayMinutes: number;
  readonly relayMib: number;
  readonly metrics: MetricsFor;
  /** UDP. Undefined: the number of the TCP port. 0: STUN is not answered. */
  readonly stunPort: number | undefined;
  /** Undefined: as `host`. */
  readonly stunHost: string | undefined;
  /** Instead of the node's own, or where it is known to the world. */
  readonly stunUrls: readonly string[] | undefined;
  readonly turnUrls: readonly string[] | undefined;
  /** What the TURN servers know as their shared secret. One of the two where there are any. */
  readonly turnSecret: string | undefined;
  readonly turnSecretFile: string | undefined;
}

const installation = resolve(import.meta.dirname, "..");
export const defaultPort = 8_080;

export type Kind =
  | { readonly kind: "text" }
  | { readonly kind: "whole"; readonly least: number; readonly most: number }
  | { readonly kind: "choice"; readonly of: readonly string[] }
  /** Addresses of STUN or TURN servers, with commas between. */
  | { readonly kind: "servers"; readonly of: "stun" | "turn"; readonly most: number };
export interface Setting {
  readonly flag: string;
  readonly value: Kind;
  readonly standard: string | undefined;
  readonly help: string;
}

const text: Kind = { kind: "text" };
const whole = (least: number, most: number): Kind => ({ kind: "whole", least, most });
const servers = (of: "stun" | "turn"): Kind => ({ kind: "servers", of, most: maxIceUrls });

/** The variable of `--some-flag` is KITH_SOME_FLAG. */
export const settings: Readonly<Record<keyof NodeConfig, Setting>> = {
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
    help: "topics; one is forgotten when it has been empty for as long as an envelope is kept",
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
    standard: "1024",
    help: "connections of one address at a time; an open Kith has two",
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
  newTopicsPerMinute: {
    flag: "new-topics-per-minute",
    value: whole(1, 1_000_000),
    standard: "600",
    help: "topics that one address begins",
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
  metrics: {
    flag: "metrics",
    value: { kind: "choice", of: metricsFor },
    standard: "local",
    help: "whom /metrics answers: public, local (this machine without a proxy), off",
  },
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
  stunUrls: {
    flag: "stun-url",
    value: servers("stun"),
    standard: undefined,
    help: "public address of STUN, where it is not the node's host and --stun-port: stun:host:port",
  },
  turnUrls: {
    flag: "turn-url",
    value: servers("turn"),
    standard: undefined,
    help: "TURN servers, with commas between: turn:host:port, turns:host:port?transport=tcp",
  },
  turnSecret: {
    flag: "turn-secret",
    value: text,
    standard: undefined,
    help: "secret that the node shares with them; rather in the environment or a file",
  },
  turnSecretFile: {
    flag: "turn-secret-file",
    value: text,
    standard: undefined,
    help: "file that holds this secret",
  },
};
