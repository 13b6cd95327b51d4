/**
 * Reservations at relays, over libp2p's circuit transport. When to try is the supervisor's business; this does one try.
 *
 * The reservation store of the transport is used directly. Listening on a relay's address reserves once and never again
 * after a loss, and listening on `/p2p-circuit` leaves it to discovery, which tells nobody that a relay is full
 * (libp2p/js-libp2p#3601).
 */

import type { Identify } from "@libp2p/identify";
import type { Connection, Libp2p, PeerId } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { done, err } from "../lang/result.ts";
import type { HangUp } from "./libp2p-hang-up.ts";
import type { Relay } from "./link-address.ts";
import type { RelayDoor } from "./supervisor.ts";

/** What the circuit transport's public `reservationStore` offers; its package exports no type for it. */
export interface ReservationStore {
  addRelay(relay: PeerId, kind: "configured"): Promise<unknown>;
  /** `expire` in seconds since 1970. */
  getReservation(relay: PeerId): { readonly expire: bigint } | undefined;
  addEventListener(
    type: "relay:removed",
    listener: (event: { readonly detail: { readonly relay: PeerId } }) => void,
  ): void;
  addEventListener(type: "relay:created-reservation", listener: () => void): void;
}

export function createRelayDoor(
  hangUp: HangUp,
  node: Libp2p<{ identify: Identify }>,
  reservations: ReservationStore,
  lost: (relayPeer: string) => void,
): RelayDoor & { reservedUntilMs(relayPeer: string): number | undefined } {
  reservations.addEventListener("relay:removed", (event) => lost(event.detail.relay.toString()));
  const connectionsTo = ({ peer }: Pick<Relay, "peer">) =>
    node.getConnections().filter(({ remotePeer }) => remotePeer.toString() === peer);

  return {
    async reserve(relay, signal) {
      let connection: Connection | undefined;
      try {
        // First the connection, at the address we know: the store remembers for ever a relay that it failed to dial.
        connection = await node.dial(multiaddr(relay.address), { signal });
        await reservations.addRelay(connection.remotePeer, "configured");
        return done;
      } catch (reason) {
        // The status is in the message and nowhere else. Without a reservation the connection is of no use.
        const full = reason instanceof Error && reason.message.includes("RESERVATION_REFUSED");
        if (connection !== undefined) await hangUp.close(connection);
        return err(full ? "full" : "away");
      }
    },
    async answers(relay, signal) {
      const [connection] = connectionsTo(relay);
      if (connection === undefined) return false;
      try {
        await node.services.identify.identify(connection, { signal });
        return true;
      } catch {
        return false;
      }
    },
    async leave(relay) {
      await Promise.all(connectionsTo(relay).map(hangUp.close));
    },
    reservedUntilMs(peer) {
      const [connection] = connectionsTo({ peer });
      const reservation = connection && reservations.getReservation(connection.remotePeer);
      return reservation && Number(reservation.expire) * 1_000;
    },
  };
}
