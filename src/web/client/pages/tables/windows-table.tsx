import type { WindowRow, WindowsAnswer } from '../../../answers.ts';
import type { PipelineInfo } from '../../../messages.ts';
import type { Language } from '../../state/figures.ts';
import { formatCount } from '../../state/format.ts';
import { countIn, nameOf, restOf, topValues, type ValueColumn, valueColumns } from './cells.ts';
import { ShareBar } from './share-bar.tsx';
import { SortHeader } from './sort-header.tsx';
import { spanOf } from './times.ts';
import type { TablesView } from './view.ts';
import type { TablesWords } from './words.ts';

export interface TableProps<T> {
  answer: T;
  view: TablesView;
  pipeline: PipelineInfo;
  zone: string;
  language: Language;
  t: TablesWords;
  onView: (view: TablesView) => void;
}

const mostListed = 8;

/** A row for each window, minute or hour: its time, what became of it, and what it counted. */
export function WindowsTable({ answer, view, pipeline, zone, language, t, onView }: TableProps<WindowsAnswer>) {
  const { rows, resolution } = answer;
  const columns = valueColumns(pipeline, language, t.unknown);
  const hasRest = columns !== undefined && rows.some((row) => restOf(row, columns) > 0);
  // With a value chosen the server sorts by its count; it stands beside the sum over all values.
  const chosen =
    view.key === undefined ? undefined : { name: labelOf(view.key, pipeline, language, t), keys: [view.key] };
  const common = { view, t, onView };
  const sizeOf = (row: WindowRow) => (chosen ? (countIn(row, chosen) ?? 0) : row.total);
  const greatest = Math.max(...rows.map(sizeOf));
  return (
    <table className="tables-table" data-kind="windows">
      <caption className="unseen">
        {pipeline.title[language]}: {t.captions.windows} ({zone})
      </caption>
      <thead>
        <tr>
          <SortHeader className="cell-time" name={`${t.time} (${zone})`} sort="start" {...common} />
          {resolution === 'window' && (
            <>
              <th scope="col" className="cell-number" title={t.revisionNote}>
                {t.revision}
              </th>
              <th scope="col" className="cell-number" title={t.lateNote}>
                {t.late}
              </th>
            </>
          )}
          {chosen && <SortHeader className="cell-number" name={chosen.name} sort="total" {...common} />}
          {chosen ? (
            <th scope="col" className="cell-number">
              {t.total}
            </th>
          ) : (
            <SortHeader className="cell-number" name={t.total} sort="total" {...common} />
          )}
          {columns?.map(({ name }) => (
            <th key={name} scope="col" className="cell-number">
              {name}
            </th>
          ))}
          {hasRest && (
            <th scope="col" className="cell-number">
              {t.rest}
            </th>
          )}
          {!columns && (
            <th scope="col" className="cell-list">
              {t.topValues}
            </th>
          )}
          {columns && <td className="cell-fill" />}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.start}/${row.end}`}>
            <TimeCell row={row} resolution={resolution} />
            {resolution === 'window' && (
              <>
                <td className={row.revision > 0 ? 'cell-number warn' : 'cell-number quiet'}>{row.revision}</td>
                <td className={row.lateDropped > 0 ? 'cell-number warn' : 'cell-number quiet'}>
                  {formatCount(row.lateDropped)}
                </td>
              </>
            )}
            {chosen && <CountCell row={row} column={chosen} t={t} />}
            <td className="cell-number cell-total">{formatCount(row.total)}</td>
            {columns?.map((column) => (
              <CountCell key={column.name} row={row} column={column} t={t} />
            ))}
            {hasRest && columns && <td className="cell-number">{formatCount(restOf(row, columns))}</td>}
            {!columns && <ListCell {...{ row, pipeline, language, t }} />}
            {columns && (
              <td className="cell-fill">
                <ShareBar part={greatest > 0 ? sizeOf(row) / greatest : 0} />
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function labelOf(key: string, pipeline: PipelineInfo, language: Language, t: TablesWords): string {
  const name = nameOf(key, pipeline, language, t);
  return name === key || key === '' ? name : `${name} (${key})`;
}

function TimeCell({ row, resolution }: { row: WindowRow; resolution: WindowsAnswer['resolution'] }) {
  const { date, from, to } = spanOf(row.start, row.end, resolution);
  return (
    <th scope="row" className="cell-time">
      <span className="quiet">{date}</span> {from}
      <span className="cell-end">
        {' '}
        <span className="quiet">–</span> {to}
      </span>
    </th>
  );
}

function CountCell({ row, column, t }: { row: WindowRow; column: ValueColumn; t: TablesWords }) {
  const count = countIn(row, column);
  if (count === undefined) {
    return (
      <td className="cell-number quiet" title={t.notTold}>
        …
      </td>
    );
  }
  return <td className={count === 0 ? 'cell-number quiet' : 'cell-number'}>{formatCount(count)}</td>;
}

type ListCellProps = Pick<TableProps<WindowsAnswer>, 'pipeline' | 'language' | 't'> & { row: WindowRow };

function ListCell({ row, pipeline, language, t }: ListCellProps) {
  const { top, more } = topValues(row, mostListed);
  return (
    <td className="cell-list">
      {top.map(({ key, count }, index) => (
        <span key={key}>
          {index > 0 && <span className="quiet"> · </span>}
          <span className="quiet">{nameOf(key, pipeline, language, t)}:</span> {formatCount(count)}
        </span>
      ))}
      {more > 0 && <span className="quiet"> · {t.more(formatCount(more))}</span>}
    </td>
  );
}
