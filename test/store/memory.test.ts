import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../src/store/memory.ts';
import { countNaively, shapes, timedKeys } from '../window/_oracle.ts';
import { storeContract, windowAt } from './_contract.ts';

describe('memory store', () => {
  storeContract(async () => memoryStore());

  test('keeps no more windows than its capacity, and all of their totals', async () => {
    const store = memoryStore({ capacity: 10 });
    for (let second = 0; second < 1_000; second++) await store.put([windowAt(second, { 0: 1 })]);
    const series = await store.series('gender');
    expect(series.map(({ start }) => start / 1_000)).toEqual([990, 991, 992, 993, 994, 995, 996, 997, 998, 999]);
    expect(await store.totals('gender')).toMatchObject({ counts: new Map([['0', 1_000]]), windows: 1_000 });
  });

  test('windows with many keys are kept for less long, but never less than two minutes of seconds', async () => {
    const store = memoryStore({ mostCounts: 1_500 });
    const manyKeys = Object.fromEntries(Array.from({ length: 10 }, (_, key) => [key, 1]));
    for (let second = 0; second < 1_000; second++) await store.put([windowAt(second, manyKeys)]);
    expect((await store.series('gender')).length).toBe(150);
    const wide = memoryStore({ mostCounts: 10 });
    for (let second = 0; second < 1_000; second++) await wide.put([windowAt(second, manyKeys)]);
    expect((await wide.series('gender')).length).toBe(120);
    expect(await wide.totals('gender')).toMatchObject({ windows: 1_000 });
    expect((await wide.totals('gender')).counts.get('7')).toBe(1_000);
  });

  test('a window older than all that is kept is not counted a second time, but told as ignored', async () => {
    const store = memoryStore({ capacity: 2 });
    await store.put([1, 2, 3].map((second) => windowAt(second, { 0: 1 })));
    await store.put([windowAt(1, { 0: 5 }, { revision: 1 })]);
    expect(await store.totals('gender')).toMatchObject({ counts: new Map([['0', 3]]), windows: 3, ignored: 1 });
  });

  test('totals hold each record once, whatever the shape of the windows and the order in which they come', async () => {
    const dividing = shapes.filter((shape) => shape.kind !== 'hopping' || shape.size % shape.slide === 0);
    const once = fc.asyncProperty(dividing, timedKeys, fc.array(fc.nat()), async (shape, records, order) => {
      const store = memoryStore();
      const windows = [...countNaively(shape, records)].map(([name, counts]) => {
        const [start = 0, end = 0] = name.split('/').map(Number);
        return windowAt(start / 1_000, counts, { end });
      });
      const keyed = windows.map((window, index) => ({ window, at: order[index] ?? index }));
      for (const { window } of keyed.sort((a, b) => a.at - b.at)) await store.put([window]);
      const { counts } = await store.totals('gender');
      for (const key of ['0', '1', 'NULL']) {
        expect(counts.get(key) ?? 0).toBe(records.filter((record) => record.key === key).length);
      }
    });
    await fc.assert(once);
  });

  test('totals equal the sum over the latest revisions, whatever the order of records', async () => {
    const records = fc.array(
      fc.record({
        second: fc.nat(15),
        revision: fc.nat(3),
        counts: fc.dictionary(fc.constantFrom('0', '1', '2'), fc.nat(9)),
      }),
    );
    await fc.assert(
      fc.asyncProperty(records, async (list) => {
        const store = memoryStore({ capacity: 16 });
        const latest = new Map<number, (typeof list)[number]>();
        for (const record of list) {
          await store.put([windowAt(record.second, record.counts, { revision: record.revision })]);
          if (record.revision >= (latest.get(record.second)?.revision ?? 0)) latest.set(record.second, record);
        }
        const sums = new Map<string, number>();
        for (const { counts } of latest.values())
          for (const [key, count] of Object.entries(counts)) sums.set(key, (sums.get(key) ?? 0) + count);
        for (const [key, sum] of sums) if (sum === 0) sums.delete(key);
        expect((await store.totals('gender')).counts).toEqual(sums);
        expect((await store.series('gender')).map(({ start }) => start / 1_000)).toEqual(
          [...latest.keys()].sort((a, b) => a - b),
        );
      }),
    );
  });
});
