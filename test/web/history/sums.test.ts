import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSums } from '../../../src/web/history/sums.ts';
import { windowAt } from '../../store/_contract.ts';
import { addedUp, counted, gender, midnight, storeOf, timeOfDays, windowsOfDays } from './_windows.ts';

test('the sum of a time is that of the windows which start in it, exact to the millisecond', async () => {
  const asked = fc.tuple(windowsOfDays, timeOfDays, timeOfDays);
  await fc.assert(
    fc.asyncProperty(asked, async ([windows, one, other]) => {
      const [from, to] = [Math.min(one, other), Math.max(one, other)];
      const { store, stored } = await storeOf(windows);
      const sums = await readSums(store, gender.name, stored, { from, to });
      expect([sums.from, sums.to]).toEqual([from, to]);
      expect(counted(Object.fromEntries(sums.counts))).toEqual(addedUp(windows, from, to));
    }),
    { numRuns: 150 },
  );
});

test('where windows are gone, times that follow each other still add up', async () => {
  const asked = fc.tuple(windowsOfDays, fc.array(timeOfDays, { minLength: 3, maxLength: 3 }), timeOfDays);
  await fc.assert(
    fc.asyncProperty(asked, async ([windows, times, pruned]) => {
      const [from = 0, middle = 0, to = 0] = times.sort((a, b) => a - b);
      const { store, stored } = await storeOf(windows, pruned);
      const sum = async (a: number, b: number) => {
        const sums = await readSums(store, gender.name, stored, { from: a, to: b });
        expect(counted(Object.fromEntries(sums.counts))).toEqual(addedUp(windows, sums.from ?? 0, sums.to ?? 0));
        return sums;
      };
      const [first, second, both] = [await sum(from, middle), await sum(middle, to), await sum(from, to)];
      expect([first.from, first.to, second.to]).toEqual([both.from, second.from, both.to]);
    }),
    { numRuns: 150 },
  );
});

test('a long time is read as hours and what is left at its sides', async () => {
  const { store, stored } = await storeOf([windowAt(midnight, { 0: 1 }), windowAt(midnight + 86_400, { 0: 2 })]);
  const asked: string[] = [];
  const { series } = store;
  store.series = (pipeline, query) => {
    asked.push(query?.resolution ?? 'window');
    return series(pipeline, query);
  };
  const from = (midnight - 30) * 1_000;
  const sums = await readSums(store, gender.name, stored, { from, to: from + 100_000_000_000 });
  expect(Object.fromEntries(sums.counts)).toEqual({ 0: 3 });
  expect(asked.length).toBeLessThan(20);
  expect(asked).toContain('hour');
});
