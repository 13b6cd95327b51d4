/** Composition for the browser: Dexie, WebSockets, libp2p and the machine's own clock. Only the app's entry imports this. */

import type { Messenger } from "./engine/face.ts";
import { createMessenger } from "./engine/messenger.ts";
import type { NodeUrl } from "./lang/brand.ts";
import { ok, type Result } from "./lang/result.ts";
import { createLinkNetwork } from "./network/link-network.ts";
import { createNodeNetwork } from "./network/node-client.ts";
import { openStorage } from "./storage/dexie-storage.ts";
import { consoleLog } from "./system/console-log.ts";
import { systemClock } from "./system/system-clock.ts";
import { systemRandom } from "./system/system-random.ts";

/** `unavailable`: this browser or window keeps nothing. `newer`: a newer Kith was here. `blocked`: another tab holds it. */
export type OpenFault = "unavailable" | "newer" | "blocked";

/** Opens the profile of this browser. Hold the profile's lock first: two engines must never run on one profile. */
export async function openMessenger(options: {
  readonly defaultNode: NodeUrl;
  readonly appOrigin: string;
}): Promise<Result<Messenger, OpenFault>> {
  const log = consoleLog({ events: false });
  const storage = await openStorage("kith", log);
  if (!storage.ok) return storage;
  const ports = {
    storage: storage.value,
    clock: systemClock,
    random: systemRandom,
    log,
    nodes: createNodeNetwork({ clock: systemClock, random: systemRandom, log }),
    links: createLinkNetwork({ clock: systemClock, random: systemRandom, log, iceServers: [] }),
  };
  return ok(createMessenger({ ...ports, ...options }));
}
