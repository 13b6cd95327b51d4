/** This device as a leaf of a group (§3.2). */

import { makeKeyPackage } from "../group/key-package.ts";
import type { ProfileRecord } from "../ports/people-records.ts";
import { readKeptDeviceList } from "../wire/device-list.ts";

/** A KeyPackage of this device with its private half, made anew each time: it is for one use. */
export function ownKeyPackage({
  account,
  device,
  deviceSeed,
  deviceList,
}: ProfileRecord): ReturnType<typeof makeKeyPackage> {
  const { sequence: listSequence } = readKeptDeviceList(deviceList);
  return makeKeyPackage({ account, device, listSequence }, deviceSeed);
}
