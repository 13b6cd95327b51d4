/** After a change of page the focus is on the new page, when what had it is gone or hidden. */
import { createEffect, on } from "solid-js";

export function useFocusOnArrival(path: () => string): void {
  createEffect(
    on(
      path,
      () => {
        // After the new page is drawn and had its chance to take the focus itself.
        requestAnimationFrame(() => {
          const here = document.activeElement;
          if (here && here !== document.body && (here as HTMLElement).offsetParent) return;
          const regions = [...document.querySelectorAll<HTMLElement>("main[data-region], nav[data-region]")];
          regions.findLast((region) => region.offsetParent)?.focus({ preventScroll: true });
        });
      },
      { defer: true },
    ),
  );
}
