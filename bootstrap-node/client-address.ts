/**
 * Whom a connection counts for. The address is a key for limits, held while a connection lasts, and never logged.
 */
import { isIPv4, isIPv6 } from "node:net";

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

/** What proxies add, each its own: a proxy on this machine hands on who is not. */
const signsOfProxy = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/** A process on this machine itself, without a proxy between. */
export function isFromThisMachine(
  remoteAddress: string | undefined,
  headers: Readonly<Record<string, unknown>>,
): boolean {
  const address = addressBytes(remoteAddress ?? "");
  const isLoopback = address?.length === 4 ? address[0] === 127 : remoteAddress === "::1";
  return isLoopback && signsOfProxy.every((name) => headers[name] === undefined);
}

function network64(address: string): string {
  const front = groupsOf(address).slice(0, 4);
  return `${front.map((group) => group.toString(16)).join(":")}::/64`;
}

/** 4 or 16 bytes of an address as a socket gives it; an IPv4 address in IPv6's form is one of IPv4. */
export function addressBytes(text: string): Uint8Array | undefined {
  const address = text.replace(/^::ffff:(?=\d+\.)/, "");
  if (isIPv4(address)) return Uint8Array.from(address.split("."), Number);
  if (!isIPv6(address)) return undefined;
  return Uint8Array.from(groupsOf(address).flatMap((group) => [group >> 8, group & 0xff]));
}

/** The eight numbers of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  const [front = "", back] = address.split("%")[0]?.split("::") ?? [];
  const groups = front === "" ? [] : front.split(":");
  const after = back === undefined || back === "" ? [] : back.split(":");
  const zeros =
    back === undefined ? [] : Array.from({ length: Math.max(0, 8 - groups.length - after.length) }, () => "0");
  return [...groups, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
}
