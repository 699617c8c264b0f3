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
  // With a value chosen the server sorts by its count, which is in a column of the table or gets one.
  const chosen =
    view.key === undefined ? undefined : { name: labelOf(view.key, pipeline, language, t), keys: [view.key] };
  const present = chosen && columns?.find(({ keys }) => keys.length === 1 && keys[0] === view.key);
  const common = { view, t, onView };
  const added = present ? undefined : chosen;
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
              <NumberHeader name={t.revision} note={t.revisionNote} />
              <NumberHeader name={t.late} note={t.lateNote} />
            </>
          )}
          {added && <SortHeader className="cell-number" name={added.name} sort="total" {...common} />}
          {chosen ? (
            <NumberHeader name={t.total} />
          ) : (
            <SortHeader className="cell-number" name={t.total} sort="total" {...common} />
          )}
          {columns?.map((column) =>
            column === present ? (
              <SortHeader key={column.name} className="cell-number" name={column.name} sort="total" {...common} />
            ) : (
              <NumberHeader key={column.name} name={column.name} />
            ),
          )}
          {hasRest && <NumberHeader name={t.rest} />}
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
            {added && <CountCell row={row} column={added} t={t} />}
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

const NumberHeader = ({ name, note }: { name: string; note?: string }) => (
  <th scope="col" className="cell-number" title={note}>
    {name}
  </th>
);

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
