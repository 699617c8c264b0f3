import { describe, expect, test } from 'vitest';
import { pointsOf, spreadLabels, windowsInRange } from '../../../src/web/client/charts/points.ts';
import { rangesFor, timeTicks } from '../../../src/web/client/charts/ranges.ts';
import { type SplineInput, splineOption, tooltipHtml } from '../../../src/web/client/charts/spline-option.ts';
import { fittingScale, nextScale, type YScale } from '../../../src/web/client/charts/y-scale.ts';

const point = (second: number, counts: Record<string, number>) => ({
  start: second * 1_000,
  end: (second + 1) * 1_000,
  revision: 0,
  counts,
});

describe('the line', () => {
  test('is zero where a window lacks the key, and broken where a window is missing', () => {
    const windows = [point(1, { 0: 3 }), point(2, { 1: 5 }), point(5, { 0: 4, 2: 1 })];
    expect(pointsOf(windows, ['0'])).toEqual([
      [1_000, 3],
      [2_000, 0],
      [3_000, null],
      [5_000, 4],
    ]);
    expect(pointsOf(windows, ['1', '2']).at(-1)).toEqual([5_000, 1]);
  });

  test('holds its range and two windows before it, by time and not by number', () => {
    const windows = [1, 2, 3, 4, 10, 11].map((second) => point(second, {}));
    expect(windowsInRange(windows, 2, 1_000).map(({ start }) => start)).toEqual([10_000, 11_000]);
    expect(windowsInRange(windows, 7, 1_000).map(({ start }) => start)).toEqual([3_000, 4_000, 10_000, 11_000]);
    expect(windowsInRange([], 2, 1_000)).toEqual([]);
  });

  test('windows that overlap stand side by side, by their ends', () => {
    const soFar = [1, 2, 3].map((seconds) => ({ ...point(0, { 0: seconds }), end: seconds * 1_000 }));
    expect(pointsOf(soFar, ['0'], 1_000)).toEqual([
      [0, 1],
      [1_000, 2],
      [2_000, 3],
    ]);
    expect(windowsInRange(soFar, 0, 1_000).map(({ end }) => end)).toEqual([2_000, 3_000]);
    const hopping = [1, 2, 9].map((second) => ({ ...point(second, { 0: 1 }), end: (second + 5) * 1_000 }));
    expect(pointsOf(hopping, ['0'], 1_000).map(([time]) => time)).toEqual([5_000, 6_000, 7_000, 13_000]);
  });
});

describe('labels', () => {
  test('stay at their points when there is room', () => {
    expect(spreadLabels([100, 40], 20, 200)).toEqual([100, 40]);
  });

  test('make room for each other, inside the drawing', () => {
    expect(spreadLabels([100, 104], 20, 200)).toEqual([92, 112]);
    expect(spreadLabels([0, 0], 20, 200)).toEqual([0, 20]);
    expect(spreadLabels([200, 199], 20, 200)).toEqual([200, 180]);
    const three = spreadLabels([100, 101, 102], 20, 200);
    expect(three[1]).toBe((three[0] ?? 0) + 20);
    expect(three[2]).toBe((three[1] ?? 0) + 20);
  });
});

describe('the vertical axis', () => {
  const run = (scale: YScale | undefined, ...peaks: number[]) =>
    peaks.reduce<YScale | undefined>((before, peak) => nextScale(before, peak), scale);

  test('starts at zero and leaves room above the greatest value', () => {
    expect(fittingScale(64)).toMatchObject({ top: 70, step: 10 });
    expect(fittingScale(70)).toMatchObject({ top: 80, step: 10 });
    expect(fittingScale(0)).toMatchObject({ top: 5, step: 1 });
    for (const peak of [0, 1, 7, 99, 100, 101, 12_345, 999_999]) {
      const { top, step } = fittingScale(peak);
      expect(top).toBeGreaterThan(peak);
      expect(Number.isInteger(step)).toBe(true);
      expect(top / step).toBeLessThanOrEqual(8);
    }
  });

  test('grows at once', () => {
    expect(run(undefined, 30, 500)).toMatchObject({ top: 600, step: 100 });
  });

  test('does not shrink for a while, then by one line at a time', () => {
    const tall = fittingScale(64);
    expect(run(tall, ...Array(9).fill(12))?.top).toBe(70);
    expect(run(tall, ...Array(10).fill(12))?.top).toBe(60);
    expect(run(tall, ...Array(11).fill(12))?.top).toBe(50);
    expect(run(tall, ...Array(60).fill(12))).toMatchObject({ top: 14, step: 2 });
  });

  test('does not shrink while now and then a value needs it', () => {
    const tall = fittingScale(64);
    const peaks = Array.from({ length: 60 }, (_, index) => (index % 8 === 7 ? 64 : 12));
    expect(run(tall, ...peaks)?.top).toBe(70);
  });
});

describe('ranges', () => {
  const idsFor = (history: number, window: number) => rangesFor(history, window).map(({ id }) => id);
  const ownOf = (history: number, window: number) =>
    rangesFor(history, window).flatMap(({ id, windows }) => (windows === undefined ? [] : [id]));

  test('are those longer than twenty windows, an hour and all', () => {
    expect(idsFor(900, 1_000)).toEqual(['20', '1m', '5m', '15m', '1h', 'all']);
    expect(idsFor(900, 10_000)).toEqual(['20', '5m', '15m', '1h', 'all']);
    expect(idsFor(900, 600_000)).toEqual(['20', 'all']);
  });

  test('are drawn from the windows of the page where it has them, else the server is asked', () => {
    expect(ownOf(900, 1_000)).toEqual(['20', '1m', '5m', '15m']);
    expect(ownOf(300, 1_000)).toEqual(['20', '1m', '5m']);
    expect(ownOf(900, 10_000)).toEqual(['20', '5m', '15m', '1h']);
  });

  test('have ticks at round times, as many as there is room for', () => {
    expect(timeTicks(1_000, 20_000, 10)).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18, 20].map((second) => second * 1_000));
    expect(timeTicks(1_000, 20_000, 4)).toEqual([5_000, 10_000, 15_000, 20_000]);
    expect(timeTicks(0, 900_000, 8)).toHaveLength(8);
    expect(timeTicks(5_500, 5_500, 8)).toEqual([]);
    const day = 86_400_000;
    expect(timeTicks(0, 30 * day, 6).length).toBeGreaterThan(3);
    for (const tick of timeTicks(0, 30 * day, 6)) expect(new Date(tick).getHours()).toBe(0);
  });
});

describe('the option for ECharts', () => {
  const input: SplineInput = {
    lines: [
      {
        kind: 'female',
        name: '女生',
        color: '#f00',
        dash: 'solid',
        points: pointsOf([point(1, { 0: 3 }), point(2, { 0: 4 })], ['0']),
      },
      {
        kind: 'male',
        name: '男生',
        color: '#00f',
        dash: 'dashed',
        points: pointsOf([point(1, {}), point(2, { 1: 4 })], ['1']),
      },
    ],
    from: 0,
    to: 2_000,
    scale: { top: 5, step: 1, spare: 0 },
    width: 800,
    height: 400,
    rem: 16,
    font: 'sans-serif',
    colors: { text: '#111', muted: '#222', line: '#333', panel: '#444' },
    motion: 300,
  };
  interface Drawn {
    animation: boolean;
    yAxis: object;
    series: {
      lineStyle: { type: unknown };
      data: { name: string; symbol?: string; label?: { formatter: string; offset: number[] } }[];
    }[];
  }
  const drawn = (more: Partial<SplineInput> = {}) => splineOption({ ...input, ...more }) as unknown as Drawn;

  test('has one axis from zero, lines told apart by their dash, and points named by their time', () => {
    const { yAxis, series } = drawn();
    expect(yAxis).toMatchObject({ min: 0, max: 5, interval: 1 });
    expect(series.map(({ lineStyle }) => Array.isArray(lineStyle.type))).toEqual([false, true]);
    expect(series[0]?.data.map(({ name }) => name)).toEqual(['1000', '2000']);
  });

  test('names each line at its last point, and no label covers another', () => {
    const labels = drawn().series.map(({ data }) => data.at(-1)?.label);
    expect(labels.map((label) => label?.formatter)).toEqual(['女生 4', '男生 4']);
    const [first = 0, second = 0] = labels.map((label) => label?.offset[1]);
    expect(Math.abs(first - second)).toBeGreaterThanOrEqual(18);
  });

  test('shows a window that stands alone between gaps as a dot', () => {
    const points = pointsOf([point(1, { 0: 1 }), point(3, { 0: 2 }), point(5, { 0: 3 })], ['0']);
    const { series } = drawn({ lines: [{ kind: 'female', name: 'F', color: '#f00', dash: 'solid', points }] });
    expect(series[0]?.data.map(({ symbol }) => symbol)).toEqual(['circle', undefined, 'circle', undefined, 'circle']);
  });

  test('leaves room for labels with a decimal', () => {
    const half: SplineInput['lines'] = input.lines.map((line) => ({ ...line, points: [[0, 4.5]] }));
    const rightOf = (lines: SplineInput['lines']) =>
      (drawn({ lines }) as unknown as { grid: { right: number } }).grid.right;
    expect(rightOf(half)).toBeGreaterThan(rightOf(input.lines));
  });

  test('does not move when motion is not wanted', () => {
    expect(drawn({ motion: 0 }).animation).toBe(false);
  });

  test('has a tooltip without styles, in which names from a config file are text', () => {
    const lines = [{ kind: 'female', name: '<b>&"', color: '#f00', dash: 'solid' as const, points: [] }];
    const html = tooltipHtml([{ seriesName: '<b>&"', value: [0, 1_234] }], lines);
    expect(html).toContain('&#60;b&#62;&#38;&#34;');
    expect(html).toContain('1,234');
    expect(html).not.toContain('style');
    expect(tooltipHtml([{ seriesName: '<b>&"', value: [0, null] }], lines)).toBe('');
  });
});
