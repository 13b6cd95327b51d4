/** From where an address can be reached, as far as it says so itself. A hint for sentences, never a decision of trust. */

/** `computer`: only the machine it runs on; `network`: only the network around it. */
export type HostReach = "computer" | "network" | "everywhere";

const loopback = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;
const privateNetwork =
  /^(10(\.\d+){3}|192\.168(\.\d+){2}|172\.(1[6-9]|2\d|3[01])(\.\d+){2}|169\.254(\.\d+){2}|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])(\.\d+){2}|\[f[cd][0-9a-f]{2}:.*\]|\[fe[89ab][0-9a-f]:.*\]|.+\.(local|lan|internal|home\.arpa))$/;

/** `host`: as `URL.hostname` gives it. A name without a dot is known only at home. */
export function reachOf(host: string): HostReach {
  if (loopback.test(host)) return "computer";
  if (privateNetwork.test(host) || !/[.:]/.test(host)) return "network";
  return "everywhere";
}

/** Of several addresses that are all needed, the one that reaches least far. */
export function leastReach(addresses: readonly string[]): { readonly reach: HostReach; readonly host: string } {
  const order: readonly HostReach[] = ["computer", "network", "everywhere"];
  const all = addresses.flatMap((address) => {
    const host = URL.parse(address)?.hostname;
    return host === undefined ? [] : [{ reach: reachOf(host), host }];
  });
  return (
    all.toSorted((a, b) => order.indexOf(a.reach) - order.indexOf(b.reach))[0] ?? { reach: "everywhere", host: "" }
  );
}
