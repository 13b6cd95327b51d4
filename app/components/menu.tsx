/**
 * A few actions beside what they are about. Arrow keys walk them; Esc, Tab, Back, scrolling or a press elsewhere close
 * it, and the focus goes back to where it was.
 */
import "./menu.css";
import type { LucideIcon } from "lucide-solid";
import { For, onCleanup, onMount } from "solid-js";
import { Dynamic } from "solid-js/web";

export interface MenuItem {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly run: () => void;
}

export interface MenuProps {
  readonly label: string;
  readonly items: readonly MenuItem[];
  /** Where it opens, in pixels of the window. */
  readonly at: { readonly x: number; readonly y: number };
  /** What lies lower than this stays uncovered, in pixels of the window; by default the menu may use all of it. */
  readonly floorPx?: number | undefined;
  readonly onClose: () => void;
}

const marginPx = 8;

export function Menu(props: MenuProps) {
  let menu: HTMLDivElement | undefined;
  const opener = document.activeElement as HTMLElement | null;
  const items = () => [...(menu?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];

  /** Whole inside the window and above the floor: above the point where there is no room below it. */
  const place = () => {
    if (!menu) return;
    const { width, height } = menu.getBoundingClientRect();
    const { x, y } = props.at;
    const floor = Math.min(innerHeight, props.floorPx ?? innerHeight);
    const top = y + height + marginPx > floor ? Math.min(y, floor - marginPx) - height : y;
    menu.style.left = `${Math.max(marginPx, Math.min(x, innerWidth - width - marginPx))}px`;
    menu.style.top = `${Math.max(marginPx, top)}px`;
  };
  const close = () => {
    const inside = menu?.contains(document.activeElement);
    props.onClose();
    if (inside) opener?.focus({ preventScroll: true });
  };
  const onOutside = (event: Event) => {
    if (!menu?.contains(event.target as Node)) close();
  };
  onMount(() => {
    place();
    items()[0]?.focus({ preventScroll: true });
    document.addEventListener("pointerdown", onOutside, true);
    document.addEventListener("wheel", onOutside, { capture: true, passive: true });
    addEventListener("popstate", close);
    addEventListener("resize", place);
  });
  onCleanup(() => {
    document.removeEventListener("pointerdown", onOutside, true);
    document.removeEventListener("wheel", onOutside, true);
    removeEventListener("popstate", close);
    removeEventListener("resize", place);
  });

  const go = (to: number) => {
    const all = items();
    all[(to + all.length) % all.length]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = items().indexOf(document.activeElement as HTMLElement);
    if (event.key === "ArrowDown") go(at + 1);
    else if (event.key === "ArrowUp") go(at - 1);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(-1);
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const run = (item: MenuItem) => {
    close();
    item.run();
  };

  return (
    <div ref={menu} class="menu" role="menu" tabindex="-1" aria-label={props.label} onKeyDown={onKeyDown}>
      <For each={props.items}>
        {(item) => (
          <button type="button" class="menu-item" role="menuitem" tabindex="-1" onClick={() => run(item)}>
            <Dynamic component={item.icon} size={18} />
            {item.label}
          </button>
        )}
      </For>
    </div>
  );
}
