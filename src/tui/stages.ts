import { sparkline } from './bars.ts';
import type { AggregateState, DashboardState, ProduceState } from './dashboard-state.ts';
import { type Cell, cell, fitCells } from './fit-cells.ts';
import { formatBytes, formatCount, formatDelay, formatDuration, formatPercent, formatRate } from './format.ts';
import { type Line, lineWidth, padLine, segment, spaces, type Tone, widthOf } from './line.ts';
import { type Language, type Texts, texts } from './texts.ts';

// What a column is worth to a reader, of the lines that share columns: name, rate, rate over time, then the facts.
const ranks = [0, 1, 3, 2, 4, 5, 6, 7];

/** One line for each stage that runs in this process; store, page and broker share the last. */
export function stageLines(state: DashboardState, width: number, lang: Language): Line[] {
  const t = texts[lang];
  const sparkWidth = width >= 140 ? 24 : width >= 90 ? 12 : 8;
  const table = [
    ...(state.produce ? [produceColumns(state.produce, sparkWidth, t)] : []),
    ...(state.aggregate ? [aggregateColumns(state.aggregate, sparkWidth, t)] : []),
  ];
  const ends = [t.sink, t.serve, t.broker].filter((_, index) => [state.sink, state.serve, state.broker][index]);
  const nameWidth = Math.max(0, ...table.map(([name]) => lineWidth(name ?? [])), ...ends.slice(0, 1).map(widthOf));
  const widths = ranks.map((_, column) =>
    Math.max(column === 0 ? nameWidth : 0, ...table.map((row) => lineWidth(row[column] ?? []))),
  );
  const lines = table.map((row) =>
    fitCells(
      // Equal widths on every line, so that the same columns leave on all of them.
      ranks.map((rank, column) =>
        cell(rank, padLine(row[column] ?? [], widths[column] ?? 0, column === 1 ? 'right' : 'left')),
      ),
      width,
    ),
  );
  return ends.length > 0 ? [...lines, fitCells(endLine(state, t, nameWidth), width)] : lines;
}

/** How many lines `stageLines` makes. */
export const countStages = ({ produce, aggregate, sink, serve, broker }: DashboardState): number =>
  [produce, aggregate, sink ?? serve ?? broker].filter((stage) => stage !== null).length;

const fact = (name: string, value: string, tone: Tone = 'text'): Line => [
  segment(`${name} `, 'muted'),
  segment(value, tone),
];

const count = (name: string, value: number, tone: Tone): Line =>
  fact(name, formatCount(value), value > 0 ? tone : 'text');

function produceColumns(stage: ProduceState, sparkWidth: number, t: Texts): Line[] {
  const { state, rate, history, rows, percent, eta, rejected } = stage;
  const rateText =
    state === 'running'
      ? segment(`${formatRate(rate)}/s`)
      : state === 'paused'
        ? segment(t.paused, 'warn')
        : segment(t.done, 'good');
  return [
    [segment(t.produce, 'muted')],
    [rateText],
    [segment(sparkline(history, sparkWidth), 'muted')],
    [segment(t.rows(rows))],
    percent === null ? [] : [segment(formatPercent(percent))],
    eta === null || state === 'done' ? [] : fact(t.eta, formatDuration(eta)),
    count(t.rejected, rejected, 'warn'),
  ];
}

function aggregateColumns(stage: AggregateState, sparkWidth: number, t: Texts): Line[] {
  const { rate, history, windows, lag, late, rejected, watermarkDelay } = stage;
  return [
    [segment(t.aggregate, 'muted')],
    [segment(`${formatRate(rate)}/s`)],
    [segment(sparkline(history, sparkWidth), 'muted')],
    fact(t.windows, formatCount(windows)),
    // Records that wait are everyday work until they are more than a few seconds of it.
    count(t.lag, lag, lag > Math.max(1_000, rate * 5) ? 'warn' : 'text'),
    count(t.late, late, 'warn'),
    watermarkDelay === null ? [] : fact(t.watermark, formatDelay(-watermarkDelay)),
    rejected > 0 ? count(t.rejected, rejected, 'warn') : [],
  ];
}

function endLine({ sink, serve, broker }: DashboardState, t: Texts, nameWidth: number): Cell[] {
  const cells: Cell[] = [];
  // The first of them stands under the other stages' names; its name goes when it goes.
  const named = (name: string): Line =>
    cells.length === 0 ? [...padLine([segment(name, 'muted')], nameWidth), spaces(2)] : [segment(`${name} `, 'muted')];
  if (sink) {
    const stored = [...named(t.sink), segment(formatCount(sink.windows)), segment(` ${t.windows}`, 'muted')];
    cells.push(cell(2, stored), cell(5, [segment(sink.where)]));
  }
  if (serve) {
    const name = named(t.serve);
    cells.push(cell([3, 1], [...name, segment(serve.url)], [...name, segment(portOf(serve.url))]));
    cells.push(cell(4, [segment(t.clients(serve.clients))]));
  }
  if (broker) {
    const address = [...named(t.broker), segment(broker.address)];
    cells.push(cell(6, broker.embedded ? [...address, segment(` ${t.embedded}`, 'muted')] : address, address));
    if (broker.traffic) {
      const { rate, logBytes } = broker.traffic;
      cells.push(cell(7, [segment(`${formatRate(rate)}/s`)]), cell(8, [segment(formatBytes(logBytes))]));
    }
  }
  return cells;
}

function portOf(url: string): string {
  const port = URL.canParse(url) ? new URL(url).port : '';
  return port ? `:${port}` : url;
}
