import { describe, expect, test } from 'vitest';
import { csvOf, isoInZone } from '../../../src/web/client/pages/charts/csv.ts';
import {
  fileName,
  formatAverage,
  formatChange,
  formatFor,
  formatStep,
  formatTick,
} from '../../../src/web/client/pages/charts/format.ts';
import { changeOf, pairsOf, type Row } from '../../../src/web/client/pages/charts/rows.ts';
import { pairHtml, shareHtml } from '../../../src/web/client/pages/charts/tooltip.ts';

const row = (second: number, values: number[], gap = false, at = second): Row => ({
  start: second * 1_000,
  end: (second + 1) * 1_000,
  at: at * 1_000,
  values,
  gap,
});
describe('tooltips', () => {
  const words = { format: formatAverage, beforeName: 'before' };

  test('have the count of each value, now and before, without styles, and names as text', () => {
    const [pair] = pairsOf([row(1, [1_234, 0.5])], [row(-9, [3, 4], false, 1)]);
    const html = pairHtml(
      pair,
      [
        { name: '<b>', token: 'series-1' },
        { name: 'x', token: 'male' },
      ],
      words,
    );
    expect(html).toContain('&#60;b&#62;');
    expect(html).toContain('<b>1,234</b><small>3.00</small>');
    expect(html).toContain('<b>0.50</b><small>4.00</small>');
    expect(html).not.toContain('style');
    expect(pairHtml(undefined, [], words)).toBe('');
    expect(shareHtml({ name: '&', token: 'male', now: '5 (50.0 %)', before: undefined }, 'before')).toContain('&#38;');
  });
});

describe('the CSV', () => {
  const isoOf = (time: number) => isoInZone(time, 480);
  const base = {
    names: ['Female', 'a,"b"'],
    beforeName: 'before',
    headers: { time: 'time', span: 'seconds' },
    isoOf,
  };

  test('has the time with its zone, what a row covers, and a column for each value', () => {
    const pairs = pairsOf([row(1, [3, 1 / 3]), row(2, [4, 0])], []);
    expect(csvOf({ ...base, pairs, compare: false })).toBe(
      'time,seconds,Female,"a,""b"""\n' +
        '1970-01-01T08:00:01.000+08:00,1,3,0.333333\n' +
        '1970-01-01T08:00:02.000+08:00,1,4,0\n',
    );
  });

  test('has the period before beside it, empty where there is nothing', () => {
    const pairs = pairsOf([row(11, [3, 1])], [row(1, [5, 6], false, 11), row(2, [7, 8], false, 12)]);
    expect(csvOf({ ...base, names: ['a', 'b'], pairs, compare: true })).toBe(
      'time,seconds,a,b,time (before),a (before),b (before)\n' +
        '1970-01-01T08:00:11.000+08:00,1,3,1,1970-01-01T08:00:01.000+08:00,5,6\n' +
        '1970-01-01T08:00:12.000+08:00,1,,,1970-01-01T08:00:02.000+08:00,7,8\n',
    );
  });

  test('says times west of Greenwich and of half hours rightly', () => {
    expect(isoInZone(0, -210)).toBe('1969-12-31T20:30:00.000-03:30');
  });
});

describe('numbers', () => {
  test('have as many digits as matter', () => {
    expect([0, 3, 0.123, 12.345, 1_234.5].map(formatFor('rate', 5_000))).toEqual([
      '0.00',
      '3.00',
      '0.12',
      '12.3',
      '1,235',
    ]);
    expect([0, 1_234].map(formatFor('rate', 1_000))).toEqual(['0', '1,234']);
    expect(formatFor('count', 5_000)(7)).toBe('7');
    expect(formatTick(0.5, 0.5)).toBe('0.5');
    expect(formatTick(3, 0.5)).toBe('3.0');
    expect(formatTick(4_000, 1_000)).toBe('4,000');
    expect([changeOf(12, 10), changeOf(9, 10), changeOf(1, 0)]).toEqual([0.2, -0.1, undefined]);
    expect([formatChange(0.2), formatChange(-0.1), formatChange(0)]).toEqual(['+20.0 %', '−10.0 %', '0.0 %']);
    expect([1_000, 120_000, 5_400_000, 1_500].map((span) => formatStep(span, 'en'))).toEqual([
      '1 s',
      '2 min',
      '90 min',
      '1500 ms',
    ]);
  });

  test('of files say pipeline and range', () => {
    const from = new Date(2026, 10, 27, 9, 30).getTime();
    expect(fileName('我的/a b', { from, to: from + 300_000 }, 'rate', 'csv')).toBe(
      'dashctl-我的_a_b-rate-2026-11-27T093000-2026-11-27T093500.csv',
    );
  });
});
