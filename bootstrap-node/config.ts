/**
 * How a node is told what to do: flags, else environment, else defaults (settings.ts). Whatever is unknown or impossible
 * is said in a sentence before anything starts; nothing is guessed.
 */
import { err, ok, type Result } from "@kith/core/lang/result.ts";
import { parseIceUrl } from "@kith/core/wire/ice-url.ts";
import { type Kind, type NodeConfig, settings } from "./settings.ts";

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

  const values: Record<string, string | number | readonly string[] | undefined> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const chosen = given.get(setting.flag);
    const raw = chosen?.value ?? setting.standard;
    const value = raw === undefined ? undefined : readValue(raw, setting.value);
    if (value?.ok === false) problems.push(`${chosen?.from ?? setting.flag} ${value.error}, not "${raw}".`);
    values[name] = value?.ok ? value.value : undefined;
  }
  // Every name of the table is a field of the type, and each value passed the reader of its kind.
  const config = values as unknown as NodeConfig;
  problems.push(...contradictions(config));
  return problems.length > 0 ? err(problems) : ok({ kind: "config", config });
}

function contradictions({ turnUrls, turnSecret, turnSecretFile }: NodeConfig): readonly string[] {
  const secrets = [turnSecret, turnSecretFile].filter((secret) => secret !== undefined).length;
  if (secrets > 1) return ["--turn-secret and --turn-secret-file are two ways to say one thing."];
  if (turnUrls !== undefined && secrets === 0) return ["--turn-url needs --turn-secret-file or --turn-secret."];
  if (turnUrls === undefined && secrets > 0) return ["A TURN secret needs --turn-url."];
  return [];
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

function readValue(raw: string, kind: Kind): Result<string | number | readonly string[], string> {
  if (kind.kind === "text") return raw === "" ? err("needs a value") : ok(raw);
  if (kind.kind === "choice") return kind.of.includes(raw) ? ok(raw) : err(`must be one of ${kind.of.join(", ")}`);
  if (kind.kind === "servers") return readServers(raw, kind.of, kind.most);
  const value = /^\d{1,10}$/.test(raw) ? Number(raw) : Number.NaN;
  if (value >= kind.least && value <= kind.most) return ok(value);
  return err(`must be a whole number from ${kind.least} to ${kind.most}`);
}

function readServers(raw: string, of: "stun" | "turn", most: number): Result<readonly string[], string> {
  const read = raw.split(",").map((url) => parseIceUrl(url.trim()));
  const urls = read.flatMap((url) => (url?.kind === of ? [url.url] : []));
  if (urls.length === read.length && urls.length <= most) return ok(urls);
  return err(`must be at most ${most} addresses like ${of}:host:3478`);
}

function helpText(): string {
  const lines = Object.values(settings).map(({ flag, standard, help }) => {
    const usual = standard === undefined ? "" : ` (${standard})`;
    return `  --${flag.padEnd(28)} ${variableOf(flag).padEnd(33)} ${help}${usual}`;
  });
  return ["The Kith node: serves the app, keeps topics, relays.", "", ...lines].join("\n");
}
