/** What this browser lacks that Kith cannot do without. WebRTC is not among it: without it, messages take the mailbox. */

export type Missing = "secure" | "indexeddb" | "locks";

export interface BrowserParts {
  readonly isSecureContext: boolean;
  readonly indexedDB?: unknown;
  readonly navigator: { readonly locks?: unknown };
}

export function missingCapabilities(browser: BrowserParts): readonly Missing[] {
  // Without a secure context the browser hides WebCrypto and Web Locks: one cause, one sentence.
  if (!browser.isSecureContext) return ["secure"];
  const missing: Missing[] = [];
  if (!browser.indexedDB) missing.push("indexeddb");
  if (!browser.navigator.locks) missing.push("locks");
  return missing;
}
