import { type Dash, drawBraille } from './braille.ts';
import { cell, fitCells, rightCell } from './fit-cells.ts';
import { formatCount } from './format.ts';
import { type Line, lineWidth, padLine, type Segment, segment, spaces, type Tone, widthOf } from './line.ts';

/** A named row of values, evenly spaced in time; null is a gap. */
export interface Series {
  label: string;
  tone: Tone;
  points: readonly (number | null)[];
}

export interface LineChart {
  /** At most three: there is a way to draw each of them apart from the others without colour. */
  series: readonly Series[];
  /** Times of the first and the last point, epoch ms. */
  from: number;
  to: number;
  clock: (time: number) => string;
}

// Told apart without colour: whole, dashed, dotted; in the drawing and beside the name.
const strokes: readonly { dash: Dash; mark: string }[] = [
  { dash: [1, 0], mark: '──' },
  { dash: [4, 3], mark: '╌╌' },
  { dash: [1, 2], mark: '··' },
];
const strokeOf = (index: number) => strokes[index % strokes.length] ?? { dash: [1, 0] as const, mark: '──' };

const spans = [300, 180, 120, 60, 30, 12];

/** How many windows a chart of so many columns shows: a minute on 100 columns, more where there is room. */
export function chartSpan(columns: number): number {
  const dots = (columns - 20) * 2;
  return spans.find((span) => dots / span >= 2.4) ?? 12;
}

/** The least round number that is not below any of the values: the top of an axis that begins at zero. */
export function axisTop(greatest: number): number {
  if (!(greatest > 4)) return 4;
  const power = 10 ** Math.floor(Math.log10(greatest));
  const step = [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10].find((candidate) => candidate * power >= greatest) ?? 10;
  return Math.ceil(step * power);
}

/** Lines of text with a braille drawing of the series: `rows` of drawing, the axis, and the times under it. */
export function lineChart(chart: LineChart, columns: number, rows: number): Line[] {
  const { series } = chart;
  const top = axisTop(Math.max(0, ...series.flatMap(({ points }) => points.map((point) => point ?? 0))));
  const ticks = ticksOf(top, rows);
  const axisWidth = Math.max(...[...ticks.values()].map(widthOf), 1);
  const tags = columns >= 64 ? endTags(series, rows, top) : new Map<number, Line>();
  const tagWidth = Math.max(0, ...[...tags.values()].map((tag) => lineWidth(tag) + 1));
  const beside = tagWidth > 0 && tagWidth <= columns / 3;
  const plotColumns = Math.max(0, columns - axisWidth - 1 - (beside ? tagWidth : 0));
  const drawing = drawBraille(
    series.map(({ points }, index) => ({ points, dash: strokeOf(index).dash })),
    { columns: plotColumns, rows, top },
  );
  const plot = drawing.map((cells, row): Line => {
    const tick = ticks.get(row);
    const label = segment(`${(tick ?? '').padStart(axisWidth)}${tick ? '┤' : '│'}`, 'muted');
    const drawn = runs(
      cells.map(({ char, curve }) => ({ char, tone: (curve === null ? undefined : series[curve]?.tone) ?? 'text' })),
    );
    const tag = beside ? tags.get(row) : undefined;
    return [label, ...drawn, ...(tag ? [spaces(1), ...tag] : [])];
  });
  const marks = timeMarks(chart, plotColumns);
  const line = Array.from({ length: plotColumns }, (_, column) => (column > 0 && marks.has(column) ? '┬' : '─')).join(
    '',
  );
  const axis = [segment(`${'0'.padStart(axisWidth)}┼${line}`, 'muted')];
  const times = beside
    ? [segment(timeLabels(marks, axisWidth + 1, columns), 'muted')]
    : timesWithLegend(chart, axisWidth + 1, columns);
  return [...plot, axis, times];
}

// Neighbours of one tone become one piece of text: fewer pieces, fewer escapes.
function runs(cells: readonly { char: string; tone: Tone }[]): Segment[] {
  const joined: Segment[] = [];
  for (const { char, tone } of cells) {
    const last = joined.at(-1);
    if (last && (last.tone === tone || char === ' ')) last.text += char;
    else joined.push({ text: char, tone });
  }
  return joined;
}

/** Row of the drawing → the number that stands beside it: as many as the rows have room for, all of them whole. */
function ticksOf(top: number, rows: number): Map<number, string> {
  const parts = [5, 4, 3, 2].find((count) => top % count === 0 && rows / count >= 2) ?? 1;
  const ticks = new Map<number, string>();
  for (let part = 1; part <= parts; part += 1)
    ticks.set(rowOf((top * part) / parts, top, rows), formatCount((top * part) / parts));
  return ticks;
}

const rowOf = (value: number, top: number, rows: number): number =>
  Math.round((1 - Math.min(1, Math.max(0, value / top))) * (rows * 4 - 1)) >> 2;

/** Row of the drawing → mark, name and newest value of the series that ends there; no two in one row. */
function endTags(series: readonly Series[], rows: number, top: number): Map<number, Line> {
  const ends = series
    .map(({ label, tone, points }, index) => {
      const value = points.at(-1) ?? 0;
      return {
        value,
        line: [
          segment(`${strokeOf(index).mark} `, tone),
          segment(`${label} `),
          segment(formatCount(value), tone, true),
        ],
      };
    })
    .sort((a, b) => b.value - a.value);
  const tags = new Map<number, Line>();
  for (const [index, { value, line }] of ends.entries()) {
    // The rows above the last ones are kept for those that are still to come.
    let row = Math.min(rowOf(value, top, rows), rows - ends.length + index);
    while (tags.has(row)) row += 1;
    if (row >= 0 && row < rows) tags.set(row, line);
  }
  return tags;
}

/** Column of the drawing → the time that it stands for. */
function timeMarks({ from, to, clock }: LineChart, columns: number): Map<number, string> {
  const parts = [6, 4, 3, 2].find((count) => columns / count >= 18) ?? 1;
  const marks = new Map<number, string>();
  if (columns < 2) return marks;
  for (let part = 0; part <= parts; part += 1)
    marks.set(Math.round(((columns - 1) * part) / parts), clock(from + ((to - from) * part) / parts));
  return marks;
}

// Each under its mark, moved only as far as the edges and the one before it ask.
function timeLabels(marks: ReadonlyMap<number, string>, offset: number, columns: number): string {
  let text = '';
  for (const [column, label] of marks) {
    const start = Math.min(Math.max(0, offset + column - Math.floor(label.length / 2)), columns - label.length);
    if (start < text.length + (text ? 2 : 0)) continue;
    text = text.padEnd(start) + label;
  }
  return text;
}

function timesWithLegend({ series, from, to, clock }: LineChart, offset: number, columns: number): Line {
  const legend = series.flatMap(({ label, tone }, index): Segment[] => [
    ...(index > 0 ? [spaces(2)] : []),
    segment(`${strokeOf(index).mark} `, tone),
    segment(label),
  ]);
  const times = [
    cell(2, [segment(clock(from), 'muted')]),
    cell(1, legend),
    rightCell(3, [segment(clock(to), 'muted')]),
  ];
  return [spaces(offset), ...padLine(fitCells(times, Math.max(0, columns - offset)), 0)];
}
