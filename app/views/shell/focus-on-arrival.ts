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
          const arrived = regions.findLast((region) => region.offsetParent);
          if (arrived) focusQuietly(arrived);
        });
      },
      { defer: true },
    ),
  );
}

/** Nobody pressed a key to get here: a ring around the whole page would only be noise. It shows when one comes by F6. */
function focusQuietly(region: HTMLElement): void {
  region.dataset["quiet"] = "";
  region.addEventListener("blur", () => delete region.dataset["quiet"], { once: true });
  region.focus({ preventScroll: true });
}
