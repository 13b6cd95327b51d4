// The port `NodeNetwork` over nodes in the process: one connection for each node and seat.
import type { NodeUrl } from "../../core/lang/brand.ts";
import type { NodeClient, NodeNetwork } from "../../core/ports/node.ts";
import { type Audience, createSimClient } from "./sim-connection.ts";
import type { SimNode } from "./sim-node.ts";
import type { Network, Seat } from "./sim-seat.ts";

export function createSimNodeNetwork(
  network: Network,
  nodes: ReadonlyMap<NodeUrl, SimNode>,
  audience: Audience,
  seat: Seat,
): NodeNetwork {
  const clients = new Map<NodeUrl, NodeClient>();
  return {
    node(url) {
      const known = clients.get(url);
      if (known !== undefined) return known;
      const client = createSimClient(network, url, nodes.get(url), audience, seat, () => clients.delete(url));
      clients.set(url, client);
      return client;
    },
  };
}
