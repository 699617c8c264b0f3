import { bar } from './bars.ts';
import { labelCounts, topOf } from './counts.ts';
import type { PipelineState } from './dashboard-state.ts';
import { formatCount } from './format.ts';
import { cutText, type Line, lineWidth, padLine, segment, spaces, type Tone, widthOf } from './line.ts';
import { type Language, texts } from './texts.ts';

// Narrower than this, a bar says nothing.
const leastWidth = 34;

interface Entry {
  label: string;
  count: number;
  tone: Tone;
}

/** The greatest values of each pipeline as bars, the pipelines side by side, as many as there is room for. */
export function listLines(pipelines: readonly PipelineState[], width: number, rows: number, lang: Language): Line[] {
  const shown = byLength(pipelines).slice(0, Math.max(1, Math.floor(width / leastWidth)));
  const columns = columnsOf(width, shown.length);
  return besides(
    shown.map((pipeline) => {
      const entries = topOf(labelCounts(pipeline, pipeline.totals, lang), rows).map(([label, count]) => ({
        label,
        count,
        tone: 'muted' as const,
      }));
      const title = pipeline.title[lang];
      // Too few rows for titles: the name stands before the first bar.
      if (rows < 3) return barLines(entries.slice(0, 1), columns.width, title);
      return [
        [segment(title), segment(` · ${texts[lang].today}`, 'muted')],
        ...barLines(entries.slice(0, rows - 1), columns.width),
      ];
    }),
    columns,
    rows,
  );
}

/** The greatest values of one pipeline as bars, in as many columns as there is room for; `tones` colour the first. */
export function rankingLines(
  pipeline: PipelineState,
  tones: readonly Tone[],
  width: number,
  rows: number,
  lang: Language,
): Line[] {
  const entries = topOf(labelCounts(pipeline, pipeline.totals, lang), rows * 4).map(([label, count], index) => ({
    label,
    count,
    tone: tones[index] ?? 'muted',
  }));
  const wanted = Math.max(1, Math.ceil(entries.length / rows));
  const columns = columnsOf(width, Math.min(wanted, Math.max(1, Math.floor(width / leastWidth))));
  const lines = barLines(entries.slice(0, rows * columns.count), columns.width);
  return besides(
    Array.from({ length: columns.count }, (_, column) => lines.slice(column * rows, (column + 1) * rows)),
    columns,
    rows,
  );
}

// Open-ended pipelines first: the list says most where the chart can not show every value.
const byLength = (pipelines: readonly PipelineState[]): PipelineState[] => {
  const isOpen = ({ labels }: PipelineState) => Object.keys(labels).length === 0 || Object.keys(labels).length > 8;
  return [...pipelines.filter(isOpen), ...pipelines.filter((pipeline) => !isOpen(pipeline))];
};

interface Columns {
  count: number;
  width: number;
  gap: number;
}

function columnsOf(width: number, count: number): Columns {
  const gap = 4;
  return { count, gap, width: Math.max(0, Math.floor((width - gap * (count - 1)) / Math.max(1, count))) };
}

function barLines(entries: readonly Entry[], width: number, title = ''): Line[] {
  const greatest = Math.max(0, ...entries.map(({ count }) => count));
  const nameWidth = Math.min(Math.max(0, ...entries.map(({ label }) => widthOf(label))), Math.floor(width / 3));
  const before: Line = title ? [segment(`${cutText(title, Math.floor(width / 3))} `, 'muted')] : [];
  const countWidth = formatCount(greatest).length;
  const barWidth = width - lineWidth(before) - nameWidth - countWidth - 2;
  return entries.map(({ label, count, tone }) => {
    const name = padLine([segment(cutText(segment(label).text, nameWidth))], nameWidth);
    return [
      ...before,
      ...name,
      spaces(1),
      segment(bar(count, greatest, barWidth), tone),
      segment(` ${formatCount(count)}`),
    ];
  });
}

function besides(blocks: readonly (readonly Line[])[], { width, gap }: Columns, rows: number): Line[] {
  return Array.from({ length: rows }, (_, row) =>
    blocks.flatMap((block, index) => {
      const line = block[row] ?? [];
      return index < blocks.length - 1 ? [...padLine(line, width), spaces(gap)] : line;
    }),
  );
}
