import type { ReactNode } from 'react';
import type { PipelineInfo } from '../../../messages.ts';
import { Panel } from '../../components/panel.tsx';
import type { FeedState } from '../../state/feed.ts';
import { formatCount, formatFineTime, formatSpan } from '../../state/format.ts';
import type { PageProps } from '../page-props.ts';
import { serverTime } from './times.ts';
import { usePipelineWords } from './use-pipeline-words.ts';

type TableProps = Pick<PageProps, 'state' | 'condition' | 'now'>;

const columns = [
  'topic',
  'counted',
  'lag',
  'watermark',
  'behind',
  'late',
  'rejected',
  'resultTopic',
  'windows',
  'age',
] as const;
type Column = (typeof columns)[number];
const kindOf = (column: Column) => (column === 'topic' || column === 'resultTopic' ? 'text' : 'number');

/** A line of figures for each pipeline; below each other where there is no room for columns. */
export function PipelinesTable({ state, condition, now }: TableProps) {
  const { t } = usePipelineWords();
  const { pipelines, status } = state;
  const isElsewhere = pipelines.length > 0 && !status.aggregate && status.pipelines !== undefined;
  return (
    <Panel className="pipelines" title={t.table} aside={<span className="panel-aside">{t.perPipeline}</span>}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t.headings.pipeline}</th>
            {columns.map((column) => (
              <th key={column} scope="col" className={kindOf(column)}>
                {t.headings[column]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {pipelines.map((pipeline) => (
            <Row key={pipeline.name} {...{ pipeline, state, condition, now }} />
          ))}
        </tbody>
      </table>
      {isElsewhere && <p className="pipelines-note">{t.notHere}</p>}
    </Panel>
  );
}

function Row({ pipeline, state, condition, now }: TableProps & { pipeline: PipelineInfo }) {
  const { t, language } = usePipelineWords();
  const cells = cellsOf(pipeline, state);
  const atServer = serverTime(state, now);
  const { watermark, behind, newest } = cells;
  const idle = watermark !== undefined && condition !== 'reconnecting' && t.idle;
  const values: Record<Column, ReactNode> = {
    topic: cells.topic,
    counted: cells.counted,
    lag: cells.lag,
    watermark: watermark !== undefined && formatFineTime(watermark),
    behind: behind === undefined ? idle : formatSpan(behind, language),
    late: cells.late,
    rejected: cells.rejected,
    resultTopic: cells.resultTopic,
    windows: cells.windows,
    age: newest !== undefined && t.since(atServer - newest, language),
  };
  return (
    <tr data-pipeline={pipeline.name}>
      <th scope="row">{pipeline.title[language]}</th>
      {columns.map((column) => {
        const value = values[column];
        const isTrouble = (column === 'late' || column === 'rejected') && typeof value === 'number' && value > 0;
        const kind = `${kindOf(column)}${isTrouble ? ' warn' : ''}`;
        return (
          <td key={column} className={kind} data-column={column} data-label={t.headings[column]}>
            {typeof value === 'number' ? formatCount(value) : value || '–'}
          </td>
        );
      })}
    </tr>
  );
}

/** What is known of a pipeline: by its counting stage, else by its results. */
function cellsOf({ name }: PipelineInfo, { status, totals, windows }: FeedState) {
  const { topic, resultTopic, counted, lag, watermark, behind, late, rejected } = status.pipelines?.[name] ?? {};
  const total = totals.get(name);
  return {
    ...{ topic, resultTopic, counted, lag, watermark, behind, rejected },
    late: late ?? total?.lateDropped,
    windows: total?.windows,
    newest: windows.get(name)?.at(-1)?.end,
  };
}
