/**
 * Where a STUN or TURN server is: `stun:host:port` (RFC 7064), `turn:host:port?transport=udp` (RFC 7065), and both with
 * an `s` for TLS. A strict grammar of our own, because nodes of strangers name such servers (§6.8) and a browser throws
 * at what it does not understand.
 */
import { maxIceUrlBytes } from "./bounds.ts";
import { normalHost } from "./host.ts";

export interface IceUrl {
  readonly kind: "stun" | "turn";
  /** In the one form that it has. */
  readonly url: string;
}

const shape = /^(stuns?|turns?):(\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::([1-9][0-9]{0,4}))?(\?transport=(?:udp|tcp))?$/u;

export function parseIceUrl(text: string): IceUrl | undefined {
  if (text.length > maxIceUrlBytes) return undefined;
  const [url, scheme = "", hostText = "", port = "", transport = ""] = shape.exec(text.toLowerCase()) ?? [];
  const kind = scheme.startsWith("turn") ? "turn" : "stun";
  const host = url === undefined ? undefined : normalHost(hostText);
  if (host === undefined || Number(port) > 65_535 || (kind === "stun" && transport !== "")) return undefined;
  return { kind, url: `${scheme}:${host}${port === "" ? "" : `:${port}`}${transport}` };
}
