/**
 * Where a screen keyboard covers the page instead of shrinking it (older iOS), publishes its height as --keyboard, so
 * that the composer stays above it.
 */
export function followKeyboard(): void {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const measure = () => {
    const covered = Math.max(0, window.innerHeight - viewport.height - viewport.offsetTop);
    // Less than a keyboard is a browser bar or a pinch, which must not move anything.
    const height = viewport.scale === 1 && covered > 120 ? Math.round(covered) : 0;
    document.documentElement.style.setProperty("--keyboard", `${height}px`);
  };
  viewport.addEventListener("resize", measure);
  viewport.addEventListener("scroll", measure);
}
