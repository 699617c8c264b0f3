import { formatCount } from '../../state/format.ts';
import { changeView, pageSizes, type TablesView } from './view.ts';
import type { TablesWords } from './words.ts';

interface PagerProps {
  view: TablesView;
  /** Rows of all pages. */
  count: number;
  t: TablesWords;
  onView: (view: TablesView) => void;
}

/** Which rows of how many are seen, and the way to the others. */
export function Pager({ view, count, t, onView }: PagerProps) {
  const { page, size } = view;
  const last = Math.max(1, Math.ceil(count / size));
  const first = (page - 1) * size + 1;
  const steps = [
    { name: t.first, sign: '«', to: 1, off: page <= 1 },
    { name: t.previous, sign: '‹', to: Math.min(page - 1, last), off: page <= 1 },
    { name: t.next, sign: '›', to: page + 1, off: page >= last },
    { name: t.last, sign: '»', to: last, off: page >= last },
  ];
  return (
    <nav className="tables-pager" aria-label={t.paging}>
      <output className="tables-count">
        {count === 0 || first > count
          ? t.noRows
          : t.rows(formatCount(first), formatCount(Math.min(first + size - 1, count)), formatCount(count))}
      </output>
      <select
        aria-label={t.size}
        value={size}
        onChange={({ target }) => onView(changeView(view, { size: Number(target.value) }))}
      >
        {pageSizes.map((choice) => (
          <option key={choice} value={choice}>
            {t.perPage(choice)}
          </option>
        ))}
      </select>
      <span className="tables-steps">
        {steps.map(({ name, sign, to, off }) => (
          <button
            key={name}
            type="button"
            aria-label={name}
            title={name}
            // Not `disabled`: that would take the focus from under the reader's fingers on the last page.
            aria-disabled={off}
            onClick={() => !off && onView(changeView(view, { page: to }))}
          >
            {sign}
          </button>
        ))}
      </span>
    </nav>
  );
}
