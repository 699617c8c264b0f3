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
