import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { builtInPipelines } from '../../../src/records/pipelines.ts';
import { arrange } from '../../../src/web/client/pages/screen/arrangement.ts';
import { groupsOf, lastSecondOf, rateOf, topOf } from '../../../src/web/client/state/figures.ts';
import {
  formatFineTime,
  formatRate,
  formatShare,
  formatSpan,
  formatTick,
  formatWait,
  formatZone,
} from '../../../src/web/client/state/format.ts';
import { funnelOf, isFunnel } from '../../../src/web/client/state/funnel.ts';
import { words } from '../../../src/web/client/state/words.ts';

const pipelineOf = (wanted: string) => {
  const found = builtInPipelines.find(({ name }) => name === wanted);
  if (!found) throw new Error(`no pipeline ${wanted}`);
  return found;
};
const point = (second: number, counts: Record<string, number>) => ({
  start: second * 1_000,
  end: (second + 1) * 1_000,
  revision: 0,
  counts,
});
const totals = (counts: Record<string, number>) => ({
  counts: new Map(Object.entries(counts)),
  windows: 1,
  lateDropped: 0,
});

describe('the last second', () => {
  const gender = pipelineOf('gender');

  test('tells both counts, their share of the known and the change since the second before', () => {
    const windows = [point(1, { 0: 44, 1: 36 }), point(2, { 0: 47, 1: 34, 2: 15, NULL: 4 })];
    expect(lastSecondOf(windows, gender)).toEqual({
      female: 47,
      male: 34,
      unknown: 19,
      change: { female: 3, male: -2 },
      share: { female: 47 / 81, male: 34 / 81 },
      start: 2_000,
    });
  });

  test('counts a missing key as none, and tells no change over a gap', () => {
    const last = lastSecondOf([point(1, { 0: 5 }), point(4, { 1: 2 })], gender);
    expect(last).toMatchObject({ female: 0, male: 2, change: undefined, share: { female: 0, male: 1 } });
    expect(lastSecondOf([point(4, { 2: 3 })], gender)?.share).toEqual({ female: 0, male: 0 });
    expect(lastSecondOf([], gender)).toBeUndefined();
  });
});

test('rows per second are those of the last ten seconds, silence included', () => {
  expect(rateOf([])).toBe(0);
  expect(rateOf([point(1, { 0: 60, 1: 40 })])).toBe(100);
  expect(rateOf([point(1, { 0: 100 }), point(4, { 0: 100 })])).toBe(50);
  expect(rateOf([point(1, { 0: 9_999 }), ...[20, 21, 22].map((second) => point(second, { 0: 10 }))])).toBe(10);
});

test('rows per second count no row twice where windows overlap', () => {
  const hopping = [0, 1, 2, 3, 4, 5].map((second) => ({ ...point(second, { 0: 50 }), end: (second + 5) * 1_000 }));
  expect(rateOf(hopping)).toBe(10);
  const soFar = [1, 2, 5].map((seconds) => ({ ...point(0, { 0: 100 + seconds * 10 }), end: seconds * 1_000 }));
  expect(rateOf(soFar)).toBe(10);
});

describe('groups', () => {
  test('have the order of the labels, then what has none, then the unknown', () => {
    const groups = groupsOf(pipelineOf('action'), totals({ 9: 4, NULL: 1, '': 2, 2: 7, 0: 3 }), 'zh', '未知');
    expect(groups.map(({ name, count }) => [name, count])).toEqual([
      ['点击', 3],
      ['加入购物车', 0],
      ['购买', 7],
      ['关注', 0],
      ['9', 4],
      ['未知', 3],
    ]);
  });

  test('with the same name are one', () => {
    const groups = groupsOf(pipelineOf('age'), totals({ 7: 3, 8: 4, 0: 2 }), 'en', 'Unknown');
    expect(groups.filter(({ name }) => name === '≥50')).toEqual([{ name: '≥50', count: 7, unknown: false }]);
    expect(groups.at(-1)).toEqual({ name: 'Unknown', count: 2, unknown: true });
  });

  test('are ranked by count, equal ones by name, without the unknown and the empty', () => {
    const groups = groupsOf(pipelineOf('category'), totals({ b: 2, a: 2, c: 9, NULL: 50, d: 1 }), 'zh', '未知');
    expect(topOf(groups, 3).map(({ name }) => name)).toEqual(['c', 'a', 'b']);
  });
});

describe('the funnel', () => {
  const action = pipelineOf('action');

  test('tells each step as part of the clicks and of the step before, also where that is smaller', () => {
    const { steps, aside } = funnelOf(action, totals({ 0: 1_000, 1: 10, 2: 60, 3: 80 }), 'en');
    expect(steps.map(({ name, count, ofFirst, ofBefore, size }) => [name, count, ofFirst, ofBefore, size])).toEqual([
      ['Click', 1_000, 1, undefined, 1],
      ['Add to cart', 10, 0.01, 0.01, 0.01],
      ['Buy', 60, 0.06, 6, 0.06],
    ]);
    expect(aside).toMatchObject({ name: 'Favourite', count: 80, ofFirst: 0.08 });
  });

  test('tells no parts of nothing, and fits its drawing when fewer click than buy', () => {
    const { steps } = funnelOf(action, totals({ 2: 4 }), 'zh');
    expect(steps.map(({ ofFirst, ofBefore, size }) => [ofFirst, ofBefore, size])).toEqual([
      [undefined, undefined, 0],
      [undefined, undefined, 0],
      [undefined, undefined, 1],
    ]);
  });

  test('is drawn for the actions of the log only', () => {
    expect(builtInPipelines.filter(isFunnel).map(({ name }) => name)).toEqual(['action']);
    expect(isFunnel({ ...action, labels: { 0: { zh: 'a', en: 'a' } } })).toBe(false);
  });
});

describe('the arrangement', () => {
  test('leaves out what does not run, and puts pipelines of a config file under the chart', () => {
    const brand = { ...pipelineOf('category'), name: 'brand' };
    const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);
    const all = arrange([...builtInPipelines, brand]);
    expect([all.gender?.name, names(all.below), names(all.right)]).toEqual([
      'gender',
      ['action', 'age', 'brand'],
      ['category', 'province'],
    ]);
    expect(arrange([pipelineOf('category')])).toMatchObject({
      gender: undefined,
      below: [],
      right: [{ name: 'category' }],
    });
  });
});

describe('formats', () => {
  test('say spans, shares and rates in few signs', () => {
    expect([40, 9_990, 12_400, 180_000, 7_200_000, 400_000_000].map((span) => formatSpan(span, 'en'))).toEqual([
      '0.04 s',
      '9.99 s',
      '12 s',
      '3 min',
      '2 h',
      '5 d',
    ]);
    expect(formatSpan(-5, 'zh')).toBe('0.00 s');
    expect([4_990, 12_400, 180_000].map((span) => formatWait(span, 'zh'))).toEqual(['4 秒', '12 秒', '3 分']);
    expect(formatShare(0.58)).toBe('58.0 %');
    expect([formatRate(100), formatRate(12_345.6)]).toEqual(['100.0', '12,346']);
    expect(formatFineTime(1_950)).toMatch(/:01\.95$/);
  });

  test('say as much of a time as tells the ticks of an axis apart', () => {
    const time = new Date(2026, 10, 11, 14, 3, 27).getTime();
    const lengths = [60_000, 7_200_000, 3 * 86_400_000, 90 * 86_400_000];
    expect(lengths.map((length) => formatTick(time, length))).toEqual(['14:03:27', '14:03', '11-11 14:03', '11-11']);
  });

  test('say the time zone as its distance from UTC', () => {
    const offset = vi.spyOn(Date.prototype, 'getTimezoneOffset');
    onTestFinished(() => offset.mockRestore());
    const zones = [-480, 0, 300, -330].map((minutes) => {
      offset.mockReturnValue(minutes);
      return formatZone(0);
    });
    expect(zones).toEqual(['UTC+8', 'UTC', 'UTC−5', 'UTC+5:30']);
  });

  test('both languages say everything', () => {
    for (const [name, text] of Object.entries(words.zh)) {
      expect(typeof words.en[name as keyof typeof words.en], name).toBe(typeof text);
    }
    expect(Object.values(words.en).filter((text) => text === '')).toEqual([]);
  });
});
