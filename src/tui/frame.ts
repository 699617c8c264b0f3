import { isPair, labelCounts, labelNames, topOf, windowRow } from './counts.ts';
import type { DashboardState, PipelineState } from './dashboard-state.ts';
import { divideRows, leastRows, type Wishes } from './divide-rows.ts';
import { headerLine, keyLine } from './edges.ts';
import { signOf } from './figures.ts';
import { cell, fitCells } from './fit-cells.ts';
import { cutLine, cutText, type Line, segment, spaces } from './line.ts';
import { chartSpan, lineChart, type Series } from './line-chart.ts';
import { numberLines } from './numbers.ts';
import { emptySentence, errorLine, helpLines, logLines, sentenceLines } from './panels.ts';
import { countStages, stageLines } from './stages.ts';
import { type Language, texts } from './texts.ts';
import { listLines, rankingLines } from './top-lists.ts';

/** The terminal, and what the reader has chosen to see on it. */
export interface Screen {
  columns: number;
  rows: number;
  lang: Language;
  /** Index of the pipeline that is shown. */
  selected: number;
  help: boolean;
  /** Whether the log was asked for; it is shown, too, where there is much room. */
  log: boolean;
  /** Whether there is a keyboard to read. */
  keys: boolean;
  clock: (time: number) => string;
}

const leastColumns = 32;

/** The whole screen: exactly `rows` lines, none wider than `columns`, whatever the state. */
export function frame(state: DashboardState, screen: Screen): Line[] {
  const { columns, rows } = screen;
  if (columns < leastColumns || rows < leastRows) return tooSmall(screen);
  // A cell of air on both sides, where there are cells to spare.
  const margin = columns >= 72 ? 1 : 0;
  const width = columns - margin * 2;
  const lines = content(state, screen, width).map((line) => cutLine(line, width));
  return lines.map((line) => (margin > 0 && line.length > 0 ? [spaces(margin), ...line] : line));
}

function tooSmall({ columns, rows, lang }: Screen): Line[] {
  const [sentence, short] = texts[lang].states.tooSmall(`${columns} × ${rows}`, `${leastColumns} × ${leastRows}`);
  const line = fitCells([cell(0, [segment(sentence)], [segment(short)])], columns);
  return Array.from({ length: Math.max(0, rows) }, (_, row) => (row === 0 ? line : []));
}

function content(state: DashboardState, screen: Screen, width: number): Line[] {
  const { rows, lang, clock } = screen;
  const index = Math.min(screen.selected, state.pipelines.length - 1);
  const pipeline = state.pipelines[index];
  const header = headerLine(state, pipeline, { width, lang, clock });
  const keys = keyLine(state, { width, lang, keys: screen.keys });
  if (screen.help) return [header, ...helpLines(width, rows - 2, lang), keys];

  const sentence = emptySentence(state, pipeline, lang);
  const parts = divideRows(rows, wishesOf(state, screen, pipeline, sentence !== null));
  const gap = (name: keyof typeof parts.gaps): Line[] => Array.from({ length: parts.gaps[name] }, () => []);
  const numbers = pipeline
    ? numberLines({ pipeline, index, count: state.pipelines.length }, width, parts.numbers, lang)
    : Array.from({ length: parts.numbers }, () => []);
  const chartRows = parts.plot + 2;
  const chart =
    sentence || !pipeline
      ? sentenceLines(sentence ?? { what: '', todo: '', tone: 'text' }, width, chartRows)
      : chartLines(pipeline, width, parts.plot, screen);
  return [
    header,
    ...gap('header'),
    ...numbers,
    ...gap('numbers'),
    ...chart,
    ...gap('stages'),
    ...(parts.stages > 0 ? stageLines(state, width, lang) : []),
    ...gap('lists'),
    ...(pipeline && parts.lists > 0 ? lists(state.pipelines, pipeline, width, parts.lists, lang) : []),
    ...logLines(state.log, { width, rows: parts.log, lang, clock }),
    ...(state.error && parts.error > 0 ? [errorLine(state.error, width)] : []),
    ...gap('keys'),
    keys,
  ];
}

function wishesOf(
  state: DashboardState,
  screen: Screen,
  pipeline: PipelineState | undefined,
  isEmpty: boolean,
): Wishes {
  const others = state.pipelines.filter((other) => other !== pipeline);
  const listed = pipeline && !isPair(pipeline) ? [pipeline] : others;
  const longest = Math.max(0, ...listed.map(({ totals }) => totals.size));
  return {
    stages: countStages(state),
    lists: longest > 0 ? longest + 1 : 0,
    log: screen.log ? 'asked' : state.log.length > 0 ? 'if-room' : 'none',
    // While there is no chart, its place tells the failure.
    error: state.error !== null && !(isEmpty && state.connection === 'failed'),
  };
}

function lists(
  pipelines: readonly PipelineState[],
  selected: PipelineState,
  width: number,
  rows: number,
  lang: Language,
): Line[] {
  if (isPair(selected))
    return listLines(
      pipelines.filter((pipeline) => pipeline !== selected),
      width,
      rows,
      lang,
    );
  const tones = leaders(selected, lang).map((label, index) => signOf(selected, label, index).tone);
  return rankingLines(selected, tones, width, rows, lang);
}

/** The series of a pipeline's chart: both of a pair, else the three that are greatest today. */
function leaders(pipeline: PipelineState, lang: Language): string[] {
  if (isPair(pipeline)) return labelNames(pipeline, lang);
  return topOf(labelCounts(pipeline, pipeline.totals, lang), 3).map(([label]) => label);
}

function chartLines(pipeline: PipelineState, width: number, rows: number, { lang, clock }: Screen): Line[] {
  // One point more than steps: from 12:02:27 to 12:03:27 there are 61.
  const { from, to, row } = windowRow(pipeline, chartSpan(width) + 1);
  const labelled = row.map((counts) => (counts ? labelCounts(pipeline, counts, lang) : null));
  const series = leaders(pipeline, lang).map(
    (label, index): Series => ({
      label: cutText(segment(label).text, 14),
      tone: signOf(pipeline, label, index).tone,
      points: labelled.map((counts) => (counts ? (counts.get(label) ?? 0) : null)),
    }),
  );
  return lineChart({ series, from, to, clock }, width, rows);
}
