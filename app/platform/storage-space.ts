/** What the browser says about the room Kith takes and may take. Both are estimates on purpose, against fingerprinting. */

export interface StorageSpace {
  readonly usedBytes: number;
  readonly allowedBytes: number;
}

/** `undefined` where the browser does not say. */
export async function storageSpace(): Promise<StorageSpace | undefined> {
  try {
    const { usage, quota } = (await navigator.storage?.estimate?.()) ?? {};
    return usage === undefined || quota === undefined ? undefined : { usedBytes: usage, allowedBytes: quota };
  } catch {
    return undefined;
  }
}
