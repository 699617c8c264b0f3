import { describe, expect, test } from 'vitest';
import { type FeedState, initialFeed } from '../../../src/web/client/state/feed.ts';
import {
  type Alert,
  alertsAt,
  findingOf,
  idOf,
  mostRules,
  ruleOf,
  rulesOf,
  subjectOf,
  textOf,
} from '../../../src/web/client/state/rules.ts';

const window = (second: number, counts: Record<string, number>) => ({
  start: second * 1_000,
  end: (second + 1) * 1_000,
  revision: 0,
  counts,
});
const stateWith = (counts: Record<string, number>, more: Partial<FeedState> = {}): FeedState => ({
  ...initialFeed,
  windows: new Map([['gender', [window(1, counts)]]]),
  ...more,
});

describe('a rule as text', () => {
  test('says what it looks at, the side and the limit, and is read back as the same', () => {
    const texts = ['value:gender:0>60', 'rate:gender<50', 'delay>2.5', 'late>100', 'rejected>0', 'quiet>5'];
    for (const text of texts) {
      const rule = ruleOf(text);
      expect(rule && textOf(rule)).toBe(text);
    }
    expect(ruleOf('value:gender:0>60')).toEqual({
      subject: { kind: 'value', pipeline: 'gender', value: '0' },
      above: true,
      limit: 60,
    });
  });

  test('takes any value, signs and colons too', () => {
    const rule = { subject: { kind: 'value', pipeline: 'p', value: 'a:b>3<' }, above: false, limit: 4 } as const;
    expect(ruleOf(textOf(rule))).toEqual(rule);
  });

  test('is none when it says nothing that is known', () => {
    for (const text of [
      '',
      'late',
      'late>',
      '>5',
      'late>x',
      'late:gender>5',
      'rate>5',
      'value:gender>5',
      'soon>5',
      'late>-1',
    ]) {
      expect(ruleOf(text), text).toBeUndefined();
    }
  });

  test('is kept once, and only so many are', () => {
    expect(rulesOf(['late>1', 'late>1', 'nonsense', 'late>2'])).toHaveLength(2);
    expect(rulesOf(Array.from({ length: 20 }, (_, index) => `late>${index}`))).toHaveLength(mostRules);
  });

  test('has a name for its subject that leads back to it', () => {
    for (const name of ['value:gender:0', 'rate:gender', 'quiet']) {
      const subject = subjectOf(name);
      expect(subject && idOf(subject)).toBe(name);
    }
  });
});

describe('what a rule finds', () => {
  test('is the count of the newest window, 0 where that lacks the value, nothing where there is none', () => {
    const subject = { kind: 'value', pipeline: 'gender', value: '0' } as const;
    expect(findingOf(subject, stateWith({ 0: 47 }), 0)).toBe(47);
    expect(findingOf(subject, stateWith({ 1: 3 }), 0)).toBe(0);
    expect(findingOf({ ...subject, pipeline: 'other' }, stateWith({ 0: 47 }), 0)).toBeUndefined();
  });

  test('takes values that are called the same for one', () => {
    const old = { zh: '≥50', en: '≥50' };
    const labels = { 6: { zh: '40–49', en: '40–49' }, 7: old, 8: old };
    const age = { name: 'age', title: { zh: '年龄', en: 'Age' }, window: 1_000, labels, unknown: [] };
    const state = stateWith({}, { pipelines: [age], windows: new Map([['age', [window(1, { 6: 1, 7: 20, 8: 3 })]]]) });
    expect(findingOf({ kind: 'value', pipeline: 'age', value: '7' }, state, 0)).toBe(23);
    expect(findingOf({ kind: 'value', pipeline: 'age', value: '6' }, state, 0)).toBe(1);
  });

  test('is records per second, delay and quiet in seconds, and what the stages tell', () => {
    const state = stateWith({ 0: 60, 1: 40 }, { delay: 1_500, windowAt: 2_000, status: { late: 7, rejected: 3 } });
    expect(findingOf({ kind: 'rate', pipeline: 'gender' }, state, 9_000)).toBe(100);
    expect(findingOf({ kind: 'delay' }, state, 9_000)).toBe(1.5);
    expect(findingOf({ kind: 'quiet' }, state, 9_000)).toBe(7);
    expect(findingOf({ kind: 'late' }, state, 9_000)).toBe(7);
    expect(findingOf({ kind: 'rejected' }, state, 9_000)).toBe(3);
    expect(findingOf({ kind: 'late' }, stateWith({}), 0)).toBeUndefined();
  });

  test('is no delay while old windows are replayed', () => {
    expect(findingOf({ kind: 'delay' }, stateWith({}, { delay: 86_400_000 }), 0)).toBeUndefined();
  });
});

describe('alerts', () => {
  const rules = rulesOf(['value:gender:0>60', 'value:gender:1<10']);
  const found = (alerts: readonly Alert[]) => alerts.map((alert) => [textOf(alert.rule), alert.found]);

  test('are the limits that are crossed, not those that are met', () => {
    expect(alertsAt([], rules, stateWith({ 0: 60, 1: 10 }), 0)).toEqual([]);
    expect(found(alertsAt([], rules, stateWith({ 0: 61, 1: 9 }), 0))).toEqual([
      ['value:gender:0>60', 61],
      ['value:gender:1<10', 9],
    ]);
  });

  test('remember since when, and stay for a moment so that they do not flicker', () => {
    const first = alertsAt([], rules, stateWith({ 0: 70, 1: 10 }), 1_000);
    const second = alertsAt(first, rules, stateWith({ 0: 50, 1: 10 }), 4_000);
    expect(found(second)).toEqual([['value:gender:0>60', 70]]);
    const third = alertsAt(second, rules, stateWith({ 0: 80, 1: 10 }), 5_000);
    expect(third).toMatchObject([{ since: 1_000, found: 80 }]);
    expect(alertsAt(third, rules, stateWith({ 0: 50, 1: 10 }), 9_999)).toHaveLength(1);
    expect(alertsAt(third, rules, stateWith({ 0: 50, 1: 10 }), 10_000)).toEqual([]);
  });

  test('go at once with their rule', () => {
    const alerts = alertsAt([], rules, stateWith({ 0: 70, 1: 10 }), 1_000);
    expect(alertsAt(alerts, rules.slice(1), stateWith({ 0: 70, 1: 10 }), 1_001)).toEqual([]);
  });
});
