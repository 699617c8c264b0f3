import { type ReactNode, useEffect, useRef } from 'react';

interface RowsRegionProps {
  label: string;
  busy: boolean;
  /** Which rows these are: others begin at the top. */
  view: unknown;
  onScrolled: (scrolled: boolean) => void;
  children: ReactNode;
}

/** Where the rows scroll, by keyboard too. */
export function RowsRegion({ label, busy, view, onScrolled, children }: RowsRegionProps) {
  const region = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another view is what begins at the top
  useEffect(() => {
    region.current?.scrollTo(0, 0);
    onScrolled(false);
  }, [view, onScrolled]);
  useEffect(() => () => onScrolled(false), [onScrolled]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a section of the page would be more than this is
    <div
      ref={region}
      className="tables-scroll"
      role="region"
      aria-label={label}
      aria-busy={busy}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
      tabIndex={0}
      onScroll={({ currentTarget }) => onScrolled(currentTarget.scrollTop > 4)}
    >
      {children}
    </div>
  );
}
