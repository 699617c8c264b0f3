import { expect, test } from 'vitest';
import { type Bench, measure, median, tableOf } from './harness.ts';

const benchOf = (order: string[], closed: () => void): Bench => {
  const walls: Record<string, number[]> = { ours: [2, 1, 9], theirs: [6, 6, 6] };
  const side = (name: string) => ({
    name,
    run: async () => {
      order.push(name);
      return { wall: walls[name]?.shift() ?? Number.NaN, rate: name === 'ours' ? 300 : 100 };
    },
  });
  return {
    name: 'example',
    title: 'an example',
    metrics: { wall: { unit: 's', better: 'less' }, rate: { unit: 'rows/s', better: 'more' } },
    prepare: async () => ({
      sides: [side('ours'), side('theirs')],
      comparisons: [
        { ours: 'ours', peer: 'theirs' },
        { ours: 'ours', peer: 'absent' },
      ],
      skipped: ['absent: not here'],
      close: async () => closed(),
    }),
  };
};

test('a median is the middle value, whatever the order and however far off the others are', () => {
  expect(median([9, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 9_000])).toBe(3);
});

test('sides take turns and the order turns round each time', async () => {
  const order: string[] = [];
  await measure(
    benchOf(order, () => order.push('closed')),
    3,
    () => undefined,
  );
  expect(order).toEqual(['ours', 'theirs', 'theirs', 'ours', 'ours', 'theirs', 'closed']);
});

test('a ratio above one says that ours is better, both where less is better and where more is', async () => {
  const result = await measure(
    benchOf([], () => undefined),
    3,
    () => undefined,
  );
  expect(result.ratios.map(({ ours, peer, times }) => ({ ours, peer, times }))).toEqual([
    { ours: 'ours', peer: 'theirs', times: { wall: 3, rate: 3 } },
  ]);
});

test('beside the ratio of the medians stand the least and the greatest ratio of a single round', async () => {
  const result = await measure(
    benchOf([], () => undefined),
    3,
    () => undefined,
  );
  expect(result.ratios[0]?.rounds).toEqual({ wall: [6 / 9, 6], rate: [3, 3] });
});

test('sides can be chosen by a part of their names, and a choice of none is an error that names them', async () => {
  const order: string[] = [];
  const bench = benchOf(order, () => undefined);
  const result = await measure(bench, 2, () => undefined, 'our');
  expect(order).toEqual(['ours', 'ours']);
  expect(result.ratios).toEqual([]);
  await expect(measure(bench, 2, () => undefined, 'nobody')).rejects.toThrow(/"nobody".*ours; theirs/);
});

test('what was prepared is closed when a side fails', async () => {
  let closed = false;
  const bench = benchOf([], () => {
    closed = true;
  });
  const failing: Bench = {
    ...bench,
    prepare: async () => ({
      ...(await bench.prepare()),
      sides: [{ name: 'x', run: () => Promise.reject(new Error('no')) }],
    }),
  };
  await expect(measure(failing, 1, () => undefined)).rejects.toThrow('no');
  expect(closed).toBe(true);
});

test('the table names units, figures of three digits, ratios and what is absent', async () => {
  const bench = benchOf([], () => undefined);
  const table = tableOf(await measure(bench, 3, () => undefined), bench);
  expect(table.split('\n')).toEqual([
    'an example',
    'example            wall (s)  rate (rows/s)',
    'ours                      2            300',
    'theirs                    6            100',
    'ours : theirs  3× (0.667–6)       3× (3–3)',
    'not measured: absent: not here',
  ]);
});
