import type { ValueRow, ValuesAnswer } from '../../../answers.ts';
import { formatCount, formatShare } from '../../state/format.ts';
import { SortHeader } from './sort-header.tsx';
import type { TableProps } from './windows-table.tsx';

/** A row for each value: what it is called, how often it was counted, and its part of all. */
export function ValuesTable({ answer, view, pipeline, language, t, onView }: TableProps<ValuesAnswer>) {
  const { rows } = answer;
  const common = { view, t, onView };
  // Against the greatest in sight: of 1,600 categories none has a share that could be seen.
  const greatest = Math.max(...rows.map(({ share }) => share));
  return (
    <table className="tables-table" data-kind="values">
      <caption className="unseen">
        {pipeline.title[language]}: {t.captions.values}
      </caption>
      <thead>
        <tr>
          <th scope="col" className="cell-name">
            {t.label}
          </th>
          <SortHeader className="cell-raw" name={t.raw} sort="value" {...common} />
          <SortHeader className="cell-number" name={t.count} sort="count" {...common} />
          <th scope="col" className="cell-share">
            {t.share}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.value}>
            <th scope="row" className="cell-name">
              {nameIn(row)}
              {row.unknown && <span className="value-unknown">{t.unknown}</span>}
            </th>
            <td className="cell-raw">
              <code>{row.value === '' ? t.emptyValue : row.value}</code>
            </td>
            <td className="cell-number cell-total">{formatCount(row.count)}</td>
            <td className="cell-share">
              <span className="share-line">
                <span className="share-bar" aria-hidden="true">
                  <i
                    data-unknown={row.unknown}
                    style={{ inlineSize: `${greatest > 0 ? (row.share / greatest) * 100 : 0}%` }}
                  />
                </span>
                {formatShare(row.share)}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );

  function nameIn({ label, value, unknown }: ValueRow) {
    return label?.[language] ?? (unknown ? null : value === '' ? t.emptyValue : value);
  }
}
