/** A thin bar beside a number, for eyes only: `part` of 1 of the greatest in sight. */
export const ShareBar = ({ part, unknown = false }: { part: number; unknown?: boolean }) => (
  <span className="share-bar" aria-hidden="true">
    <i data-unknown={unknown} style={{ inlineSize: `${part * 100}%` }} />
  </span>
);
