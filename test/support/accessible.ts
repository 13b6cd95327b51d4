// What axe finds on a screen, as an assertion. Knows no screen.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

interface Look {
  readonly colorScheme: "light" | "dark";
  readonly width: number;
}

const everyLook: readonly Look[] = [
  { colorScheme: "light", width: 1200 },
  { colorScheme: "light", width: 360 },
  { colorScheme: "dark", width: 1200 },
  { colorScheme: "dark", width: 360 },
];

/** Both themes and both widths once each, for many screens made of the same parts: half the time of every look. */
export const twoLooks: readonly Look[] = [
  { colorScheme: "light", width: 1200 },
  { colorScheme: "dark", width: 360 },
];

/**
 * The screen as it is now. `screen`: what to call it when something is found. Kith has no frames: without the page that axe opens
 * each time to put together what it finds in several, it takes half as long.
 */
export async function isAccessible(page: Page, screen: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
  expect(found, screen).toEqual([]);
}

/** In both themes, wide and narrow, and nothing scrolls sideways. */
export async function isAccessibleEverywhere(page: Page, screen: string, looks = everyLook): Promise<void> {
  for (const { colorScheme, width } of looks) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize({ width, height: 720 });
    await isAccessible(page, `${screen}, ${colorScheme}, ${width} px`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow, `${screen} at ${width} px scrolls sideways`).toBeLessThanOrEqual(0);
  }
  await page.setViewportSize({ width: 1200, height: 720 });
}
