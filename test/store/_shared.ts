import { expect } from 'vitest';
import type { WindowStore } from '../../src/records/window-store.ts';
import { windowAt } from './_contract.ts';

/** Several stores on one database write the same and different windows at once; nothing is lost or doubled. */
export async function expectShared(stores: readonly WindowStore[]): Promise<void> {
  await Promise.all(
    stores.map(async (store, writer) => {
      for (let second = 0; second < 20; second++) {
        await store.put([
          windowAt(second, { 0: 1, [`key ${second}`]: 1 }),
          windowAt(second, { 0: 1, [`own ${writer}`]: 1 }, { pipeline: `own ${writer}` }),
        ]);
      }
    }),
  );
  for (const [writer, store] of stores.entries()) {
    expect(await store.totals('gender')).toMatchObject({ windows: 20 });
    expect((await store.totals('gender')).counts.get('0')).toBe(20);
    expect((await store.totals(`own ${writer}`)).counts).toEqual(
      new Map([
        ['0', 20],
        [`own ${writer}`, 20],
      ]),
    );
    await store.close();
  }
}

export async function putForPeople(store: WindowStore): Promise<void> {
  await store.put([windowAt(1, { 0: 3, 1: 5 }), windowAt(61, { 0: 2 }, { revision: 1 })], new Map([['result/0', 2]]));
}

/** What people may ask a database themselves, and what it answers then. */
export const peopleAsk: readonly [sql: string, rows: readonly string[]][] = [
  [
    'select pipeline, window_start, window_end, revision, value, records from dashctl_window_counts order by 2, 5',
    ['gender|1000|2000|0|0|3', 'gender|1000|2000|0|1|5', 'gender|61000|62000|1|0|2'],
  ],
  [
    'select pipeline, minute_start, value, records from dashctl_minute_counts order by 2, 3',
    ['gender|0|0|3', 'gender|0|1|5', 'gender|60000|0|2'],
  ],
  ['select pipeline, hour_start, value, records from dashctl_hour_counts order by 3', ['gender|0|0|5', 'gender|0|1|5']],
  ['select pipeline, value, records from dashctl_totals order by value', ['gender|0|5', 'gender|1|5']],
];
