/** What an element scrolls in; null is the window. */
function scrollerOf(element: Element): Element | null {
  for (let at = element.parentElement; at; at = at.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(at).overflowY)) return at;
  }
  return null;
}

/** Calls `seen` once an element is in sight, or that near to it. Gives how to stop looking. */
export function onceSeen(element: Element, seen: () => void, ahead_px = 0): () => void {
  let observer: IntersectionObserver | null = null;
  const look = () => {
    observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        observer?.disconnect();
        seen();
      },
      // A margin is added to what scrolls, and to nothing else.
      { root: scrollerOf(element), rootMargin: `${ahead_px}px` },
    );
    observer.observe(element);
  };
  // With the next frame, when styles are computed anyway: asking for them sooner has a long list wait for each of its parts.
  const frame = requestAnimationFrame(look);
  return () => {
    cancelAnimationFrame(frame);
    observer?.disconnect();
  };
}
