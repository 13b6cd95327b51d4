/** When a device renews its leaf, so that who once read its keys is locked out again (§10, §13.2). */

/** Own messages under one leaf key. Lower heals sooner and costs a commit (about 4 KB at the node) more often. */
const maxMessages = 100;
const maxAgeMs = 24 * 3_600_000;

export function renewalIsDue(group: { sealedSinceUpdate: number; updatedAtMs: number }, nowMs: number): boolean {
  if (group.sealedSinceUpdate >= maxMessages) return true;
  return group.sealedSinceUpdate > 0 && nowMs - group.updatedAtMs >= maxAgeMs;
}
