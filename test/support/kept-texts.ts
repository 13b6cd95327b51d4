/** What a page's profile has stored, read beside the engine: the timeline on screen shows only a window of it. */
import type { Page } from "@playwright/test";

/** The text of every message in the profile, own ones and others', as often as it is there. */
export function keptTexts(page: Page): Promise<readonly string[]> {
  return page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open("kith");
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    try {
      return await new Promise<string[]>((resolve, reject) => {
        const reading = database.transaction("messages").objectStore("messages").getAll();
        reading.onerror = () => reject(reading.error);
        reading.onsuccess = () => {
          const rows = reading.result as { body: { kind: string; text?: string } }[];
          resolve(rows.flatMap(({ body }) => (body.text === undefined ? [] : [body.text])));
        };
      });
    } finally {
      database.close();
    }
  });
}
