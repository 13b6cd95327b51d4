/**
 * A mark beside the database that somebody lives in this browser, so that a database that was cleared away is not taken
 * for a new person. It says that and nothing more: no name, no key, no time. Browsers that clear both leave no trace.
 */

const markName = "kith-lives-here";

export function livesHere(): boolean {
  try {
    return localStorage.getItem(markName) !== null;
  } catch {
    return false;
  }
}

/** Written again at every start, should it alone have been cleared. */
export function markLife(): void {
  try {
    localStorage.setItem(markName, "1");
  } catch {
    // Refused storage: a database that vanishes will then look like a new browser.
  }
}

/** The person knows what was lost and begins anew. */
export function unmarkLife(): void {
  try {
    localStorage.removeItem(markName);
  } catch {
    // Then there was no mark to begin with.
  }
}
