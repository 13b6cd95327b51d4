/** Reads the address of a node as people type it. Whether a node answers there is for the engine to find out. */
import { type NodeUrl, parseNodeUrl } from "@kith/core";
import { reachOf } from "./host-reach.ts";

/** `insecure`: a page of https may not talk to it. */
export type NodeAddressFault = "malformed" | "twice" | "insecure";
export type NodeAddress =
  | { readonly ok: true; readonly node: NodeUrl }
  | { readonly ok: false; readonly fault: NodeAddressFault };

/** `page`: the protocol of this page, "https:" or "http:". */
export function readNodeAddress(text: string, have: readonly NodeUrl[], page: string): NodeAddress {
  const typed = text.trim();
  const parsed = parseNodeUrl(typed.includes("://") ? typed : `${schemeOf(typed)}://${typed}`);
  if (!parsed.ok) return { ok: false, fault: "malformed" };
  const node = parsed.value;
  if (have.includes(node)) return { ok: false, fault: "twice" };
  const host = URL.parse(node)?.hostname ?? "";
  if (page === "https:" && node.startsWith("http:") && reachOf(host) !== "computer")
    return { ok: false, fault: "insecure" };
  return { ok: true, node };
}

/** A node on this very computer has hardly ever a certificate. */
function schemeOf(typed: string): "http" | "https" {
  return reachOf(URL.parse(`http://${typed}`)?.hostname ?? "") === "computer" ? "http" : "https";
}
