/** This device as a leaf of a group (§3.2). */

import { makeKeyPackage } from "../group/key-package.ts";
import type { ProfileRecord } from "../ports/records.ts";

/** A KeyPackage of this device with its private half, made anew each time: it is for one use. */
export function ownKeyPackage({ account, device, deviceSeed }: ProfileRecord): ReturnType<typeof makeKeyPackage> {
  // A person has one device yet, listed by the first list.
  return makeKeyPackage({ account, device, listSequence: 1 }, deviceSeed);
}
