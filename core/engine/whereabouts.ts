/**
 * Where devices say they can be dialled, and so who may dial this one (§7, §9). A claim proves nothing: any device of the
 * conversation can make it for another. It decides only whether a peer is answered at all and what it may learn; the
 * link's proof decides who it is.
 */

import type { AccountId, ConversationId, DeviceId } from "../lang/brand.ts";
import type { LinkPrivacy } from "../ports/links.ts";
import type { Context } from "./context.ts";
import { speakingIn } from "./epoch.ts";
import { privacyTowards } from "./privacy.ts";

/** A signal takes one way through the node and a dial another: the dial may be here first. */
const patienceMs = 1_500;
/** Peers nobody has heard of that are waited for at a time; a stranger who knows our PeerId can make as many as it likes. */
const maxAwaited = 16;

export interface Whereabouts {
  readonly account: AccountId;
  readonly conversation: ConversationId;
  readonly peer: string;
  readonly addresses: readonly string[];
}

export interface WhereaboutsBook extends Iterable<readonly [DeviceId, Whereabouts]> {
  get(device: DeviceId): Whereabouts | undefined;
  /** Whether that was news; what is known already stays the same object. */
  note(device: DeviceId, where: Whereabouts): boolean;
  forget(device: DeviceId): void;
  /** For who claims to be this peer; of several claims the strictest counts. Waits a little for the first one. */
  admit(peer: string): Promise<LinkPrivacy | "refuse">;
  stop(): void;
}

export function createWhereabouts(context: Context): WhereaboutsBook {
  const known = new Map<DeviceId, Whereabouts>();
  const awaited = new Set<() => void>();
  let stopped = false;

  const claimsOf = (peer: string) => [...known.values()].filter((where) => where.peer === peer);

  function claimed(peer: string): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        awaited.delete(look);
        cancel();
        resolve();
      };
      const look = () => {
        if (stopped || claimsOf(peer).length > 0) end();
      };
      const cancel = context.clock.after(patienceMs, end);
      awaited.add(look);
    });
  }

  return {
    [Symbol.iterator]: () => known.entries(),
    get: (device) => known.get(device),
    note(device, where) {
      const before = known.get(device);
      if (before !== undefined && isSame(before, where)) return false;
      known.set(device, where);
      for (const look of [...awaited]) look();
      return true;
    },
    forget: (device) => void known.delete(device),
    async admit(peer) {
      if (claimsOf(peer).length === 0 && awaited.size < maxAwaited && !stopped) await claimed(peer);
      let answer: LinkPrivacy | "refuse" = "refuse";
      for (const { conversation } of stopped ? [] : claimsOf(peer)) {
        const speaking = await speakingIn(context, conversation);
        if (speaking === undefined) continue;
        answer = await privacyTowards(context, speaking.conversation.contact);
        if (answer === "relay-only") break;
      }
      return answer;
    },
    stop() {
      stopped = true;
      for (const look of [...awaited]) look();
    },
  };
}

function isSame(a: Whereabouts, b: Whereabouts): boolean {
  return a.conversation === b.conversation && a.peer === b.peer && a.addresses.join() === b.addresses.join();
}
