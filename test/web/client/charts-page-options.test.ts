import { describe, expect, test } from 'vitest';
import { cartesianOption } from '../../../src/web/client/pages/charts/cartesian-option.ts';
import type { CartesianInput, PieInput } from '../../../src/web/client/pages/charts/chart-input.ts';
import { lookOf } from '../../../src/web/client/pages/charts/look.ts';
import { pieOption } from '../../../src/web/client/pages/charts/pie-option.ts';
import type { Row } from '../../../src/web/client/pages/charts/rows.ts';
import { sharesOf } from '../../../src/web/client/pages/charts/shares.ts';
import { firstView } from '../../../src/web/client/pages/charts/view.ts';

const row = (second: number, values: number[], gap = false, at = second): Row => ({
  start: second * 1_000,
  end: (second + 1) * 1_000,
  at: at * 1_000,
  values,
  gap,
});
const colors = { text: '#111111', muted: '#222222', line: '#333333', panel: '#444444', raised: '#555555' };
const surface = { width: 800, height: 400, rem: 16, font: 'sans-serif', colors, headroom: 0 };

describe('the option for a chart over time', () => {
  const input: CartesianInput = {
    ...surface,
    type: 'line',
    values: ['a', 'b'].map((name, index) => ({ name, look: lookOf({ kind: '', index }, false), color: `#${index}` })),
    rows: [row(1, [3, 0]), row(2, [4, 1]), row(5, [5, 2], true)],
    before: undefined,
    beforeName: 'before',
    period: { from: 0, to: 10_000 },
    shown: { from: 2_000, to: 8_000 },
    span: 1_000,
    leastZoom: 5_000,
    scale: { top: 6, step: 1 },
    tooltip: String,
    zoom: 'all',
  };
  interface Option {
    xAxis: object;
    yAxis: object;
    dataZoom: { id: string }[];
    tooltip: { formatter: (items: { value: unknown }[]) => string };
    series: {
      type: string;
      name: string;
      stack?: string;
      data: unknown[];
      lineStyle: { type: unknown; opacity: number };
      itemStyle: { color: string };
    }[];
  }
  const option = (more: Partial<CartesianInput> = {}) => cartesianOption({ ...input, ...more }) as unknown as Option;
  const placesOf = (data: unknown[]) =>
    data.map((item) => (Array.isArray(item) ? item : (item as { value: unknown }).value));

  test('goes from zero over all of the period, of which it shows a part by its times', () => {
    const { xAxis, yAxis, dataZoom } = option();
    expect(xAxis).toMatchObject({ min: 0, max: 10_000 });
    expect(yAxis).toMatchObject({ min: 0, max: 6, interval: 1 });
    expect(dataZoom.map(({ id }) => id)).toEqual(['inside', 'slider']);
    for (const part of dataZoom)
      expect(part).toMatchObject({ startValue: 2_000, endValue: 8_000, minValueSpan: 5_000 });
    expect(dataZoom[0]).not.toHaveProperty('start');
  });

  test('leaves dragging in the chart to the page on a phone, and has no zoom in a picture', () => {
    expect(option({ zoom: 'slider' }).dataZoom.map(({ id }) => id)).toEqual(['slider']);
    expect(option({ zoom: 'none' }).dataZoom).toEqual([]);
  });

  test('breaks lines where something is missing', () => {
    expect(placesOf(option().series[0]?.data ?? [])).toEqual([
      [1_000, 3],
      [2_000, 4],
      [3_000, null],
      [5_000, 5],
    ]);
  });

  test('tells lines apart by dash and marker, not by colour alone', () => {
    const styles = option().series.map(({ lineStyle, data }) => [
      JSON.stringify(lineStyle.type),
      data.flatMap((item) => (item as { symbol?: string }).symbol ?? [])[0],
    ]);
    expect(new Set(styles.map(([dash]) => dash)).size).toBe(2);
    expect(new Set(styles.map(([, marker]) => marker)).size).toBe(2);
    const looks = Array.from({ length: 8 }, (_, index) => lookOf({ kind: 's', index }, false));
    expect(new Set(looks.map(({ dash, marker }) => `${dash} ${marker}`)).size).toBe(8);
  });

  test('draws the period before dashed and paler, in the same colour', () => {
    const { series } = option({ before: [row(-9, [1, 1], false, 1)] });
    expect(series.map(({ name }) => name)).toEqual(['a (before)', 'b (before)', 'a', 'b']);
    expect(Array.isArray(series[0]?.lineStyle.type)).toBe(true);
    expect(series[0]?.lineStyle.opacity).toBeLessThan(series[2]?.lineStyle.opacity ?? 0);
    expect(series[0]?.itemStyle.color).toBe(series[2]?.itemStyle.color);
    expect(placesOf(series[0]?.data ?? [])).toEqual([[1_000, 1]]);
  });

  test('stacks areas and bars, the period before by itself; bars stand over the time that they cover', () => {
    expect(option().series[0]?.stack).toBeUndefined();
    expect(option({ type: 'area' }).series.map(({ stack }) => stack)).toEqual(['now', 'now']);
    const bars = option({ type: 'bar', before: [row(-9, [1, 1], false, 1)] }).series;
    expect(bars.map(({ type, stack }) => `${type} ${stack}`)).toEqual([
      'bar before',
      'bar before',
      'bar now',
      'bar now',
    ]);
    expect(bars[2]?.data[0]).toEqual([1_500, 3]);
  });

  test('asks for the tooltip of the place under the pointer', () => {
    expect(option().tooltip.formatter([{ value: [2_000, 4] }])).toBe('2000');
  });
});

describe('shares', () => {
  const label = (text: string) => ({ zh: text, en: text });
  const pipeline = { name: 'x', title: label('X'), window: 1_000, labels: {}, unknown: ['NULL'] };
  const naming = { language: 'en', unknownName: 'Unknown', emptyName: '' } as const;
  const counts = { a: 50, b: 30, c: 15, d: 5, NULL: 900 };

  test('are of all that is known, those not drawn together', () => {
    const { groups, total, rest } = sharesOf({ ...firstView, values: ['a', 'b'] }, counts, pipeline, naming);
    expect(groups.map(({ id }) => id)).toEqual(['a', 'b']);
    expect([total, rest]).toEqual([100, { values: 2, count: 20 }]);
  });

  test('are of what is left when a value is hidden, and of the unknown too when that is shown', () => {
    const view = { ...firstView, values: ['a', 'b'] };
    expect(sharesOf({ ...view, hidden: ['a'] }, counts, pipeline, naming).total).toBe(50);
    expect(sharesOf({ ...view, unknown: true }, counts, pipeline, naming).total).toBe(1_000);
  });

  test('are drawn as a ring with the same percentages as the legend, and the period before within', () => {
    const input: PieInput = {
      ...surface,
      slices: [
        { name: 'a', color: '#1', count: 1 },
        { name: 'b', color: '#2', count: 2 },
      ],
      before: [{ name: 'a', color: '#1', count: 9 }],
      total: '3',
      totalName: 'in all',
      formatShare: (share) => share.toFixed(3),
      tooltip: (name) => `<${name}>`,
    };
    const { series, tooltip } = pieOption(input) as unknown as {
      series: {
        id: string;
        radius: number[];
        data: { value: number }[];
        label: { formatter?: (item: object) => string };
      }[];
      tooltip: { formatter: (item: object) => string };
    };
    expect(series.map(({ id, data }) => [id, data.map(({ value }) => value)])).toEqual([
      ['now', [1, 2]],
      ['before', [9]],
    ]);
    expect(series[0]?.label.formatter?.({ name: 'a', value: 1 })).toBe('a  0.333');
    expect(series[1]?.radius[1]).toBeLessThan(series[0]?.radius[0] ?? 0);
    expect(tooltip.formatter({ name: 'a' })).toBe('<a>');
  });
});
