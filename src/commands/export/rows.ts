import { csvCell } from '../../records/csv-cell.ts';
import { encodeWindowCount, type WindowCount } from '../../records/window-count.ts';

export type ExportFormat = 'csv' | 'json';

export interface ExportRowsOptions {
  format: ExportFormat;
  /** Times as ISO 8601 instead of epoch ms. */
  iso: boolean;
}

export const csvHeader = 'pipeline,start,end,revision,key,count\n';

/** Windows as text: a CSV row for each count, or a line of JSON for each window. */
export function exportRows(windows: readonly WindowCount[], { format, iso }: ExportRowsOptions): string {
  // The value of a result record that describes itself: what is written can be read wherever results are.
  if (format === 'json') return windows.map((window) => `${encodeWindowCount(window, 'object').value}\n`).join('');
  const time = (at: number) => (iso ? new Date(at).toISOString() : String(at));
  return windows
    .flatMap(({ pipeline, start, end, revision, counts }) => {
      const before = `${csvCell(pipeline)},${time(start)},${time(end)},${revision}`;
      const ordered = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
      return ordered.map(([key, count]) => `${before},${csvCell(key)},${count}\n`);
    })
    .join('');
}
