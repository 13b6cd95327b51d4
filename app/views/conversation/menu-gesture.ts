/**
 * Opens a menu where the pointer is: by the browser's own gesture for it (right button, menu key, long press), and by a
 * long press where a browser has none of its own.
 */
import { onCleanup } from "solid-js";

export interface MenuGesture {
  onContextMenu(event: MouseEvent): void;
  onPointerDown(event: PointerEvent): void;
  onPointerMove(event: PointerEvent): void;
  onPointerUp(): void;
}

const pressMs = 500;
/** A finger that moves further than this scrolls. */
const stillPx = 8;

export function useMenuGesture(open: (at: { readonly x: number; readonly y: number }) => void): MenuGesture {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let from = { x: 0, y: 0 };
  let opened = false;
  const stop = () => clearTimeout(timer);
  onCleanup(stop);
  return {
    onContextMenu(event) {
      stop();
      // Links and chosen text have the browser's own menu.
      if (!opened && ((event.target as Element).closest("a") || hasChosenText(event.currentTarget as Element))) return;
      event.preventDefault();
      if (!opened) open({ x: event.clientX, y: event.clientY });
      opened = false;
    },
    onPointerDown(event) {
      stop();
      opened = false;
      if (event.pointerType !== "touch" || (event.target as Element).closest("a, button")) return;
      from = { x: event.clientX, y: event.clientY };
      timer = setTimeout(() => {
        opened = true;
        open(from);
      }, pressMs);
    },
    onPointerMove(event) {
      if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > stillPx) stop();
    },
    onPointerUp: stop,
  };
}

function hasChosenText(row: Element): boolean {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && selection.containsNode(row, true);
}
