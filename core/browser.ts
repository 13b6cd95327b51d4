/** Composition for the browser: Dexie, WebSockets, libp2p and the machine's own clock. Only the app's entry imports this. */

import type { Messenger } from "./engine/face.ts";
import { createMessenger } from "./engine/messenger.ts";
import { breatheBy } from "./group/suite.ts";
import type { NodeUrl } from "./lang/brand.ts";
import { err, ok, type Result } from "./lang/result.ts";
import { createLinkNetwork } from "./network/link-network.ts";
import { createNodeNetwork } from "./network/node-client.ts";
import { openStorage } from "./storage/dexie-storage.ts";
import { consoleLog } from "./system/console-log.ts";
import { systemBreath } from "./system/system-breath.ts";
import { systemClock } from "./system/system-clock.ts";
import { systemRandom } from "./system/system-random.ts";

/**
 * `no-storage`: this browser or window keeps nothing. `newer-database`: a newer Kith was here. `blocked`: another tab holds
 * it. `no-room`: the disk is too full to open it.
 */
export type OpenFault = "no-storage" | "newer-database" | "blocked" | "no-room";

const faultOf = { unavailable: "no-storage", newer: "newer-database", blocked: "blocked", full: "no-room" } as const;

/**
 * Opens the profile of this browser. Hold the profile's lock first: two engines must never run on one profile.
 * `defaultNode` is asked until somebody has started here and chosen one.
 */
export async function openMessenger(options: { readonly defaultNode: NodeUrl }): Promise<Result<Messenger, OpenFault>> {
  const log = consoleLog({ events: false });
  const storage = await openStorage("kith", log);
  if (!storage.ok) return err(faultOf[storage.error]);
  breatheBy(systemBreath());
  return ok(
    createMessenger({
      storage: storage.value,
      clock: systemClock,
      random: systemRandom,
      log,
      nodes: createNodeNetwork({ clock: systemClock, random: systemRandom }),
      links: createLinkNetwork({ clock: systemClock, random: systemRandom }),
      appOrigin: new URL(".", location.href).href,
      defaultNode: options.defaultNode,
    }),
  );
}
