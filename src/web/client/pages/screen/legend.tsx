import type { Words } from '../../state/words.ts';

/** The lines of the spline. */
export type LineKind = 'female' | 'male' | 'unknown';

interface LegendProps {
  kinds: readonly LineKind[];
  hidden: ReadonlySet<LineKind>;
  onToggle: (kind: LineKind) => void;
  t: Words;
}

/** Which line is whose; each can be taken away. */
export function Legend({ kinds, hidden, onToggle, t }: LegendProps) {
  return (
    <div className="legend">
      {kinds.map((kind) => (
        <button key={kind} type="button" aria-pressed={!hidden.has(kind)} onClick={() => onToggle(kind)}>
          <svg viewBox="0 0 24 8" aria-hidden="true">
            <path className={`legend-${kind}`} d="M1 4h22" />
          </svg>
          <span>{t[kind]}</span>
        </button>
      ))}
    </div>
  );
}
