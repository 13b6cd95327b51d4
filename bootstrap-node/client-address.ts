/**
 * Whom a connection counts for. The address is a key for limits, held while a connection lasts, and never logged.
 */
import { isIPv6 } from "node:net";

/**
 * Behind `trustedProxies` proxies the client is that many entries from the right of X-Forwarded-For: entries further left
 * are the client's own claim. An IPv6 client counts by its /64, because one household has a whole one.
 */
export function clientAddress(
  remoteAddress: string | undefined,
  forwardedFor: string | undefined,
  trustedProxies: number,
): string {
  const chain = (forwardedFor ?? "").split(",").map((entry) => entry.trim());
  const claimed = trustedProxies > 0 ? chain.at(-trustedProxies) : undefined;
  const address = (claimed || remoteAddress || "unknown").replace(/^::ffff:/, "").slice(0, 64);
  return isIPv6(address) ? network64(address) : address;
}

function network64(address: string): string {
  const [front = "", back] = address.split("%")[0]?.split("::") ?? [];
  const groups = front === "" ? [] : front.split(":");
  const after = back === undefined || back === "" ? [] : back.split(":");
  const zeros =
    back === undefined ? [] : Array.from({ length: Math.max(0, 8 - groups.length - after.length) }, () => "0");
  const first = [...groups, ...zeros, ...after].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${first.join(":")}::/64`;
}
