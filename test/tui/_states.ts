import { builtInPipelines } from '../../src/records/pipelines.ts';
import type { DashboardState, PipelineState } from '../../src/tui/dashboard-state.ts';
import { clockFormat } from '../../src/tui/format.ts';
import type { Screen } from '../../src/tui/frame.ts';
import { type Line, lineWidth } from '../../src/tui/line.ts';

export const utc = clockFormat('UTC');

/** 2026-11-11 12:03:27 UTC, the end of the last window of `liveState`. */
export const noon = Date.UTC(2026, 10, 11, 12, 3, 27);

/** A pipeline by name with windows of these counts, the last of them closed at noon. */
export function pipelineState(
  name: string,
  windows: readonly Record<string, number>[],
  totals: Record<string, number> = {},
): PipelineState {
  const pipeline = builtInPipelines.find((candidate) => candidate.name === name);
  if (!pipeline) throw new Error(`no pipeline ${name}`);
  return {
    ...pipeline,
    windows: windows.map((counts, index) => ({
      start: noon - (windows.length - index) * pipeline.window,
      counts: new Map(Object.entries(counts)),
    })),
    totals: new Map(Object.entries(totals)),
  };
}

const wave = (length: number, at: (second: number) => Record<string, number>) =>
  Array.from({ length }, (_, second) => at(second));

/** A run in full swing: numbers that look like a day's, the same at every call. */
export function liveState(): DashboardState {
  const history = Array.from({ length: 30 }, (_, second) => 96 + Math.round(6 * Math.sin(second / 3)));
  return {
    now: noon,
    source: 'data/user_log.csv',
    connection: 'live',
    delay: 42,
    pipelines: [
      pipelineState(
        'gender',
        wave(120, (second) => ({
          0: 47 + Math.round(12 * Math.sin(second / 7) + 4 * Math.sin(second / 2)),
          1: 36 + Math.round(7 * Math.cos(second / 9) + 3 * Math.sin(second / 1.7)),
          2: 9 + (second % 4),
        })),
        { 0: 184_206, 1: 139_871, 2: 36_140 },
      ),
      pipelineState(
        'category',
        wave(120, (second) => ({ 1271: 20 + (second % 7), 662: 14 + (second % 5), 389: 11, 1208: 8, 737: 6 })),
        { 1271: 18_244, 662: 15_310, 389: 11_987, 1208: 9_871, 737: 7_420, 420: 6_988, 1505: 5_102, 933: 4_410 },
      ),
      pipelineState(
        'action',
        wave(120, (second) => ({ 0: 80 + (second % 9), 2: 6, 3: 7, 1: 1 })),
        { 0: 310_120, 1: 3_510, 2: 21_240, 3: 25_347 },
      ),
      pipelineState(
        'age',
        wave(120, () => ({ 2: 17, 3: 26, 4: 22, 7: 2, 8: 1 })),
        { 2: 17, 3: 26, 4: 22, 7: 2, 8: 1 },
      ),
      pipelineState(
        'province',
        wave(120, () => ({ 浙江: 12, 江苏: 11, 广东: 10, 内蒙古: 2 })),
        { 浙江: 28_110, 江苏: 26_540, 广东: 24_980, 上海市: 18_720, 山东: 17_011, 四川: 15_220, 内蒙古: 2_044 },
      ),
    ],
    produce: {
      state: 'running',
      rate: 100,
      target: 100,
      history,
      rows: 360_220,
      percent: 6.2,
      eta: 1_122_000,
      rejected: 3,
    },
    aggregate: { rate: 99.6, history, windows: 620, lag: 0, late: 0, rejected: 0, watermarkDelay: 50 },
    sink: { windows: 620, where: 'sqlite' },
    serve: { url: 'http://127.0.0.1:5000', clients: 3 },
    broker: { address: '127.0.0.1:9092', embedded: true, traffic: { rate: 498, logBytes: 3_400_000 } },
    log: [
      { time: noon - 60_000, level: 'info', text: 'page on http://127.0.0.1:5000' },
      { time: noon - 9_000, level: 'warn', text: 'rejected line 4,711: 10 columns, expected 11' },
    ],
    error: null,
  };
}

export const screen = (columns: number, rows: number, rest: Partial<Screen> = {}): Screen => ({
  columns,
  rows,
  lang: 'en',
  selected: 0,
  help: false,
  log: false,
  keys: true,
  clock: utc,
  ...rest,
});

export const textOf = (line: Line): string => line.map(({ text }) => text).join('');

export const textsOf = (lines: readonly Line[]): string => lines.map((line) => textOf(line).trimEnd()).join('\n');

/** The width of the widest line, measured over the whole text: pieces may not join into something wider. */
export const widest = (lines: readonly Line[]): number =>
  Math.max(0, ...lines.map((line) => lineWidth([{ text: textOf(line), tone: 'text' }])));
