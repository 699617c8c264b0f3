import type { ChartAnswers } from './use-chart-data.ts';
import type { ChartsWords } from './words.ts';

interface ChartStateProps {
  answers: ChartAnswers;
  /** Whether any value is to be drawn. */
  isChosen: boolean;
  /** Goes to the newest data, where there is any. */
  onNewest: (() => void) | undefined;
  t: ChartsWords;
}

/** Why nothing is drawn, and what to do about it. */
export function ChartState({ answers, isChosen, onNewest, t }: ChartStateProps) {
  const { error, loading, data, shares, reload } = answers;
  if (error) {
    return (
      <div className="notice" role="alert">
        <div>
          <strong>{t.failed}</strong>
          <p>{error.status === 0 ? t.unreachable : [error.error, error.hint].filter(Boolean).join(' · ')}</p>
        </div>
        <button type="button" onClick={reload}>
          {t.retry}
        </button>
      </div>
    );
  }
  if (loading || (!data && !shares)) return <p className="notice">{t.loading}</p>;
  const [what, todo] = isChosen ? [t.emptyRange, t.emptyTodo] : [t.nothingChosen, t.nothingTodo];
  return (
    <div className="notice" role="status">
      <div>
        <strong>{what}</strong>
        <p>{todo}</p>
      </div>
      {isChosen && onNewest && (
        <button type="button" onClick={onNewest}>
          {t.showNewest}
        </button>
      )}
    </div>
  );
}
