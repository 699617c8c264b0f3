import { type Sort, sortBy, type TablesView } from './view.ts';
import type { TablesWords } from './words.ts';

interface SortHeaderProps {
  className: string;
  name: string;
  sort: Sort;
  view: TablesView;
  t: TablesWords;
  onView: (view: TablesView) => void;
}

/** A column that the server can sort by: a press sorts, another turns the order round. */
export function SortHeader({ className, name, sort, view, t, onView }: SortHeaderProps) {
  const sorted = view.sort === sort;
  const order = view.order === 'asc' ? 'ascending' : 'descending';
  const sign = <span className="sort-sign" data-order={sorted ? view.order : undefined} aria-hidden="true" />;
  // Names of numbers end where the numbers end.
  const before = className === 'cell-number';
  return (
    <th scope="col" className={className} {...(sorted ? { 'aria-sort': order } : {})}>
      <button type="button" title={t.sortedBy(name)} onClick={() => onView(sortBy(view, sort))}>
        {before && sign}
        {name}
        {!before && sign}
      </button>
    </th>
  );
}
