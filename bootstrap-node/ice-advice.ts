/**
 * What the node tells devices that want to reach each other through NATs: where STUN is answered, and TURN servers with
 * a credential that holds for some hours (draft-uberti-behave-turn-rest). PROTOCOL.md §6.8.
 */
import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { err, ok, type Result } from "@kith/core/lang/result.ts";
import type { IceServer, NodeIce } from "@kith/core/wire/node-protocol.ts";
import { codeOf } from "./node-identity.ts";
import type { NodeConfig } from "./settings.ts";

/** Higher lets strangers use for longer what they got hold of, lower costs frames. */
const credentialMs = 4 * 3_600_000;

export interface IceAdvice {
  at(nowMs: number): NodeIce;
  /** When it has to be given anew, after it was given; never where nothing in it ends. */
  readonly renewAfterMs: number;
}

/** `stunPort`: where the node itself answers. The error is a sentence for the operator. */
export async function createIceAdvice(
  config: NodeConfig,
  stunPort: () => number | undefined,
): Promise<Result<IceAdvice, string>> {
  const { stunUrls, turnUrls } = config;
  const secret = await turnSecretOf(config);
  if (!secret.ok) return secret;
  const stun: readonly IceServer[] = stunUrls === undefined ? [] : [{ urls: stunUrls }];
  const turn = (nowMs: number): readonly IceServer[] =>
    turnUrls === undefined ? [] : [{ urls: turnUrls, ...turnCredential(secret.value, nowMs) }];
  return ok({
    at: (nowMs) => ({
      stunPort: isStunForOthers(config) ? stunPort() : undefined,
      servers: [...stun, ...turn(nowMs)],
    }),
    renewAfterMs: turnUrls === undefined ? Number.POSITIVE_INFINITY : credentialMs / 2,
  });
}

/** HMAC-SHA-1 is what the servers compute. The name is the end of its time alone, the same for everybody. */
function turnCredential(secret: string, nowMs: number): { readonly username: string; readonly credential: string } {
  const username = String(Math.floor((nowMs + credentialMs) / 1_000));
  return { username, credential: createHmac("sha1", secret).update(username).digest("base64") };
}

/** Behind a proxy on the same machine nobody reaches the loopback address by UDP. */
function isStunForOthers({ stunUrls, stunHost, host, trustedProxies }: NodeConfig): boolean {
  const isLoopback = /^(?:127\.|::1$|localhost$)/.test(stunHost ?? host);
  return stunUrls === undefined && !(isLoopback && trustedProxies > 0);
}

/** Empty where no TURN server is configured. */
async function turnSecretOf({ turnSecret = "", turnSecretFile }: NodeConfig): Promise<Result<string, string>> {
  if (turnSecretFile === undefined) return ok(turnSecret);
  const text = await readFile(turnSecretFile, "utf8").catch((error: unknown) => ({ code: codeOf(error) }));
  if (typeof text !== "string") return err(`The TURN secret cannot be read from ${turnSecretFile} (${text.code}).`);
  const secret = text.trim();
  return secret === "" ? err(`The TURN secret in ${turnSecretFile} is empty.`) : ok(secret);
}
