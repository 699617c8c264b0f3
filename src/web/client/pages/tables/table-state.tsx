import type { Answered } from '../../state/ask.ts';
import { formatTime } from '../../state/format.ts';
import { changeView, type TablesView, unfiltered } from './view.ts';
import type { TablesWords } from './words.ts';

export type StateKind =
  | 'connecting'
  | 'loading'
  | 'empty'
  | 'unmatched'
  | 'beyond'
  | 'reversed'
  | 'failed'
  /** Failed, over rows that were there before. */
  | 'stale';

interface TableStateProps {
  kind: StateKind;
  t: TablesWords;
  rows?: Pick<Answered<unknown>, 'error' | 'reload'> & { answeredAt: number };
  view?: TablesView;
  onView?: (view: TablesView) => void;
}

/** Why there are no rows, or none that are new, and what to do about it. */
export function TableState({ kind, t, rows, view, onView }: TableStateProps) {
  if (kind === 'loading') {
    return (
      <p className="tables-state" role="status">
        {t.loading}
      </p>
    );
  }
  const [what, todo] = sentences(kind, t, rows);
  return (
    <div className={kind === 'stale' ? 'tables-note tables-stale' : 'tables-state'} role="status">
      <strong>{what}</strong>
      <p>{todo}</p>
      {kind === 'empty' && <code>dashctl up data/user_log.csv</code>}
      {rows && (kind === 'failed' || kind === 'stale') && (
        <button type="button" className="tables-button" onClick={rows.reload}>
          {t.retry}
        </button>
      )}
      {view && onView && kind === 'unmatched' && (
        <button type="button" className="tables-button" onClick={() => onView(unfiltered(view))}>
          {t.noFilter}
        </button>
      )}
      {view && onView && kind === 'beyond' && (
        <button type="button" className="tables-button" onClick={() => onView(changeView(view, { page: 1 }))}>
          {t.toFirst}
        </button>
      )}
    </div>
  );
}

function sentences(kind: Exclude<StateKind, 'loading'>, t: TablesWords, rows: TableStateProps['rows']): string[] {
  if (kind === 'connecting') return t.connecting;
  if (kind === 'empty') return t.empty;
  if (kind === 'unmatched') return t.noMatch;
  if (kind === 'beyond') return t.beyond;
  if (kind === 'reversed') return t.reversed;
  const what = kind === 'stale' ? t.failedKeeps(formatTime(rows?.answeredAt ?? 0)) : t.failed;
  return [what, reasonOf(rows?.error, t)];
}

// What the server refuses it says in its own words, which name the parameter at fault.
function reasonOf(error: Answered<unknown>['error'], t: TablesWords): string {
  if (!error || error.status === 0) return t.unreachable;
  if (error.status === 503) return t.storeAway;
  return [error.error, error.hint].filter(Boolean).join(' · ');
}
