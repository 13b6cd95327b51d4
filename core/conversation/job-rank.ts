/**
 * Who of several devices does first what any of them could do (§13.8): seeing somebody off, healing, sharing history. An order
 * that all can work out without asking; slots decide ties.
 */

import { sha256 } from "../crypto/hash.ts";
import { labelled, labels } from "../crypto/labels.ts";
import type { DeviceId } from "../lang/brand.ts";
import { concat, idBytes, toHex } from "../lang/bytes.ts";

/** Longer than a commit takes to come round; lower makes devices do the same work at the same time. */
const stepMs = 4_000;
/** Of 256 devices few may be awake: nobody waits longer than this for those before. */
const maxSteps = 8;

/** `job`: bytes that all name it by, like the envelope that asks for it. `devices`: those that could, `own` among them or not. */
export function jobDelayMs(job: Uint8Array, own: DeviceId, devices: readonly DeviceId[]): number {
  const place = placeOf(job, own);
  const before = devices.filter((device) => device !== own && placeOf(job, device) < place);
  return Math.min(before.length, maxSteps) * stepMs;
}

function placeOf(job: Uint8Array, device: DeviceId): string {
  return toHex(sha256(labelled(labels.job, concat(sha256(job), idBytes(device)))));
}
