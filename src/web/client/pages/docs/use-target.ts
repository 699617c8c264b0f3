import { type RefObject, useEffect } from 'react';

const hands = ['wheel', 'touchstart', 'pointerdown', 'keydown'] as const;
const settled = 5_000;

/**
 * Brings the part that the address names into view, which a browser does only for what is there at once, and keeps it
 * there while what stands above it comes in, unless the reader moves.
 */
export function useTarget(content: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target || !content.current) return;
    const observer = new ResizeObserver(() => target.scrollIntoView());
    observer.observe(content.current);
    const leave = () => {
      observer.disconnect();
      clearTimeout(timer);
      for (const hand of hands) window.removeEventListener(hand, leave);
    };
    const timer = setTimeout(leave, settled);
    for (const hand of hands) window.addEventListener(hand, leave, { passive: true });
    return leave;
  }, [content]);
}
