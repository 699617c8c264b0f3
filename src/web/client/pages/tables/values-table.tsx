import type { ValuesAnswer } from '../../../answers.ts';
import { formatCount, formatShare } from '../../state/format.ts';
import { ShareBar } from './share-bar.tsx';
import { SortHeader } from './sort-header.tsx';
import type { TableProps } from './windows-table.tsx';

/** A row for each value: what it is called, how often it was counted, and its part of all. */
export function ValuesTable({ answer, view, pipeline, language, t, onView }: TableProps<ValuesAnswer>) {
  const { rows } = answer;
  const common = { view, t, onView };
  const named = Object.keys(pipeline.labels).length > 0;
  // Against the greatest in sight: of 1,600 categories none has a share that could be seen.
  const greatest = Math.max(...rows.map(({ share }) => share));
  return (
    <table className="tables-table" data-kind="values">
      <caption className="unseen">
        {pipeline.title[language]}: {t.captions.values}
      </caption>
      <thead>
        <tr>
          {named && (
            <th scope="col" className="cell-name">
              {t.label}
            </th>
          )}
          <SortHeader className="cell-raw" name={t.raw} sort="value" {...common} />
          <SortHeader className="cell-number" name={t.count} sort="count" {...common} />
          <th scope="col" className="cell-share">
            <span className="share-text">{t.share}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ value, label, unknown, count, share }) => {
          const mark = unknown && <span className="value-unknown">{t.unknown}</span>;
          const raw = <code>{value === '' ? t.emptyValue : value}</code>;
          return (
            <tr key={value}>
              {named && (
                <th scope="row" className="cell-name">
                  {unknown ? mark : (label?.[language] ?? raw)}
                </th>
              )}
              {named ? (
                <td className="cell-raw quiet">{raw}</td>
              ) : (
                <th scope="row" className="cell-raw">
                  {raw} {mark}
                </th>
              )}
              <td className="cell-number cell-total">{formatCount(count)}</td>
              <td className="cell-share">
                <span className="share-line">
                  <span className="share-text">{formatShare(share)}</span>
                  <ShareBar part={greatest > 0 ? share / greatest : 0} unknown={unknown} />
                </span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
