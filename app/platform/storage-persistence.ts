/** Whether the browser may throw the data away by itself, and asking it not to. */

export async function isPersisted(): Promise<boolean> {
  return (await navigator.storage?.persisted?.()) ?? false;
}

/** Firefox asks the person, Chromium decides alone; so call it inside a click that saved something worth keeping. */
export async function askToPersist(): Promise<boolean> {
  return (await navigator.storage?.persist?.()) ?? false;
}
