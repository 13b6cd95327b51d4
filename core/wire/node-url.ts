/**
 * A node's address: `http:` or `https:`, host and port, nothing else. A small strict grammar of our own, because an
 * address comes from strangers (§5.1, §3.3) and the same node must be the same text everywhere; what it lets through,
 * every URL parser reads alike.
 */

import type { NodeUrl } from "../lang/brand.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { maxNodeUrlBytes } from "./bounds.ts";
import { normalHost } from "./host.ts";

const shape = /^(https?):\/\/(\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::([1-9][0-9]{0,4}))?\/?$/u;
const defaultPorts: Readonly<Record<string, string>> = { http: "80", https: "443" };

/** Lower case, without a default port or a final slash. Space around it is forgiven, a path or a user name is not. */
export function parseNodeUrl(text: string): Result<NodeUrl, "malformed"> {
  if (text.length > maxNodeUrlBytes) return err("malformed");
  const [, scheme, hostText, port] = shape.exec(text.trim().toLowerCase()) ?? [];
  if (scheme === undefined || hostText === undefined) return err("malformed");
  const host = normalHost(hostText);
  if (host === undefined || Number(port ?? 1) > 65_535) return err("malformed");
  const shownPort = port === undefined || port === defaultPorts[scheme] ? "" : `:${port}`;
  return ok(`${scheme}://${host}${shownPort}` as NodeUrl);
}
