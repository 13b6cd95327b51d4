/**
 * How the bytes of a WebRTC connection travel, as its ICE agent says: straight, or through a TURN relay.
 */
import type { LinkPath } from "../ports/links.ts";

/** Without an answer the connection is taken for direct, as it is wherever no TURN server is configured. */
export async function selectedPath(connection: RTCPeerConnection | undefined): Promise<LinkPath> {
  try {
    const stats = new Map(await connection?.getStats());
    const transport = [...stats.values()].find((entry) => entry.type === "transport");
    const pair = stats.get(transport?.selectedCandidatePairId);
    const ends = [stats.get(pair?.localCandidateId), stats.get(pair?.remoteCandidateId)];
    return ends.some((end) => end?.candidateType === "relay") ? "relayed" : "direct";
  } catch {
    return "direct"; // closed meanwhile
  }
}
