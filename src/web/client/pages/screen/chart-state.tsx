import { useSettings } from '../../components/settings.ts';
import type { AskFailure } from '../../state/ask.ts';

interface ChartStateProps {
  error: AskFailure | undefined;
  loading: boolean;
  onReload: () => void;
}

/** What stands in place of a curve that is not here yet, or could not be had. */
export function ChartState({ error, loading, onReload }: ChartStateProps) {
  const { t } = useSettings();
  if (!error) {
    return (
      <p className="panel-empty" role="status">
        {loading ? t.loadingRange : t.emptyRange}
      </p>
    );
  }
  return (
    <div className="panel-empty" role="status">
      <div className="notice">
        <div>
          <strong>{t.rangeFailed}</strong>
          <p>{error.status === 0 ? t.rangeUnanswered : [error.error, error.hint].filter(Boolean).join(t.listComma)}</p>
        </div>
        <button type="button" onClick={onReload}>
          {t.askAgain}
        </button>
      </div>
    </div>
  );
}
