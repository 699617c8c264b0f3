import stringWidth from 'string-width';

export interface TableColumn {
  title: string;
  align?: 'left' | 'right';
  /** Columns with the least are the first to go when there is too little room; those without one always stay. */
  weight?: number;
}

const gap = '  ';

/**
 * Rows under a line of titles, in columns as wide as their widest cell. When that is wider than `width` terminal cells,
 * whole columns are left out before any text is cut, so that what is shown can be read.
 */
export function textTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width = Number.POSITIVE_INFINITY,
): string {
  const widths = columns.map(({ title }, index) =>
    Math.max(...[title, ...rows.map((row) => row[index] ?? '')].map((text) => stringWidth(text))),
  );
  const kept = columnsThatFit(columns, widths, width);
  const line = (cells: readonly string[]) =>
    kept
      .map((index) => pad(cells[index] ?? '', widths[index] ?? 0, columns[index]?.align))
      .join(gap)
      .trimEnd();
  return [columns.map(({ title }) => title), ...rows].map((cells) => `${line(cells)}\n`).join('');
}

function columnsThatFit(columns: readonly TableColumn[], widths: readonly number[], width: number): number[] {
  let kept = columns.map((_, index) => index);
  const total = () => kept.reduce((sum, index) => sum + (widths[index] ?? 0), 0) + gap.length * (kept.length - 1);
  const expendable = columns
    .map(({ weight }, index) => ({ weight, index }))
    .filter(({ weight }) => weight !== undefined)
    .sort((a, b) => (a.weight ?? 0) - (b.weight ?? 0));
  for (const { index } of expendable) {
    if (total() <= width) break;
    kept = kept.filter((other) => other !== index);
  }
  return kept;
}

function pad(text: string, width: number, align: TableColumn['align'] = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'right' ? space + text : text + space;
}
