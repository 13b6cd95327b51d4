/**
 * STUN over UDP, so that no other company's server has to tell a device its address and learn by it who wants to talk.
 * A datagram is answered or forgotten at once: no state but the allowances, which keep the node from being a tool
 * against whoever a forged sender address names. PROTOCOL.md §6.8.
 */
import { createSocket, type RemoteInfo } from "node:dgram";
import { isIP } from "node:net";
import { err, ok, type Result } from "@kith/core/lang/result.ts";
import { addressBytes, clientAddress } from "./client-address.ts";
import type { Counters } from "./counters.ts";
import { codeOf } from "./node-identity.ts";
import { answerBinding, readBindingRequest } from "./stun-message.ts";
import { type TokenBucket, tokenBucket } from "./token-bucket.ts";

/** An office behind one address: each link asks when it is made and every 10 s while it lasts. */
const addressPerSecond = 100;
/** All together. One answer costs about 20 µs; a flood costs this much of the event loop and no more. */
const allPerSecond = 4_000;
/** Allowances kept. Senders can be forged, so beyond it they begin anew; what all may do together still holds. */
const maxAddresses = 10_000;

export interface StunServer {
  readonly port: number;
  close(): Promise<void>;
}

/** `port` 0: any free one. The error is the code of the system's refusal. */
export async function startStun(
  at: { readonly host: string; readonly port: number },
  counters: Counters,
): Promise<Result<StunServer, string>> {
  // "::" takes IPv4 as well, as the TCP port does.
  const socket = createSocket(isIP(at.host) === 6 ? "udp6" : "udp4");
  const problem = await new Promise<string | undefined>((resolve) => {
    socket.once("error", (error) => resolve(codeOf(error)));
    socket.bind({ address: at.host, port: at.port }, () => resolve(undefined));
  });
  if (problem !== undefined) {
    socket.close();
    return err(problem);
  }
  const all = tokenBucket(allPerSecond);
  const addresses = new Map<string, TokenBucket>();

  function mayAnswer(from: RemoteInfo): boolean {
    const nowMs = performance.now();
    const address = clientAddress(from.address, undefined, 0);
    const known = addresses.get(address) ?? tokenBucket(addressPerSecond);
    if (addresses.size >= maxAddresses) addresses.clear();
    addresses.set(address, known);
    return known.take(1, nowMs) === 0 && all.take(1, nowMs) === 0;
  }

  socket.removeAllListeners("error");
  // One datagram could not be sent; the asker asks again.
  socket.on("error", () => {});
  socket.on("message", (datagram, from) => {
    const request = readBindingRequest(datagram);
    const address = addressBytes(from.address);
    // Nobody can be answered at port 0; the socket would throw.
    if (request === undefined || address === undefined || from.port === 0 || !mayAnswer(from)) {
      counters.stunIgnored += 1;
      return;
    }
    counters.stunAnswered += 1;
    socket.send(answerBinding(request, address, from.port), from.port, from.address);
  });
  return ok({
    port: socket.address().port,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  });
}
