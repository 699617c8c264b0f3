import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WindowCount } from '../../src/records/window-count.ts';
import type { WindowStore } from '../../src/records/window-store.ts';
import { memoryStore } from '../../src/store/memory.ts';

/** Windows of one shape each, since that is what a pipeline has. In seconds. */
const shapes = {
  tumbling: (at: number) => ({ start: at, end: at + 1 }),
  hopping: (at: number) => ({ start: at, end: at + 5 }),
  cumulative: (at: number) => ({ start: Math.floor(at / 10) * 10, end: at + 1 }),
};
type Shape = keyof typeof shapes;

const keys = fc.constantFrom(
  '0',
  '1',
  'NULL',
  '',
  'a',
  'A',
  'a ',
  'é',
  'e',
  'e\u0301',
  '😀',
  'x\0y',
  '\ud800',
  '\udc00',
);

const window = fc.record({
  shape: fc.constantFrom<Shape>('tumbling', 'hopping', 'cumulative'),
  // Around minute and hour, so that few windows meet several of them.
  at: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 3_580, max: 3_610 })),
  revision: fc.nat(3),
  lateDropped: fc.nat(5),
  counts: fc.dictionary(keys, fc.oneof(fc.nat(9), fc.constant(2 ** 40)), { noNullPrototype: true }),
});

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      windows: fc.array(window, { maxLength: 12 }),
      positions: fc.dictionary(fc.constantFrom('result/0', 'result/1', 'Result/0'), fc.nat()),
      times: fc.integer({ min: 1, max: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ before: fc.oneof(fc.integer({ min: 0, max: 3_700 }), fc.constant(Infinity)) }) },
);

let runs = 0;

/** Whatever is put, in whatever order and how often, a store holds what the memory store holds. */
export function likeMemory(open: () => Promise<WindowStore>, numRuns: number): void {
  test('holds what the memory store holds, whatever is put, corrected, repeated and taken out', async () => {
    const store = await open();
    const property = fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      // All runs share a database: each has names of its own.
      const run = `${runs++}:`;
      const memory = memoryStore({ capacity: Infinity, mostCounts: Infinity });
      for (const one of steps) {
        if ('before' in one) {
          expect(await prunedOf(store, run, one.before)).toBe(await memory.prune(one.before * 1_000));
          continue;
        }
        const windows = one.windows.map(({ shape, at, counts, ...rest }): WindowCount => {
          const { start, end } = shapes[shape](at);
          const times = { start: start * 1_000, end: end * 1_000 };
          return { pipeline: run + shape, ...times, ...rest, counts: new Map(Object.entries(counts)) };
        });
        const positions = new Map(Object.entries(one.positions).map(([partition, next]) => [run + partition, next]));
        for (let time = 0; time < one.times; time++) {
          await store.put(windows, positions);
          await memory.put(windows, positions);
        }
      }
      await expectSame(store, memory, run);
    });
    await fc.assert(property, { numRuns });
    await store.close();
  });
}

/** How many windows of this run go when all that end by then go; the windows of earlier runs went with theirs. */
async function prunedOf(store: WindowStore, run: string, before: number): Promise<number> {
  const count = async () => {
    const all = await Promise.all(Object.keys(shapes).map((shape) => store.series(run + shape)));
    return all.flat().length;
  };
  const present = await count();
  await store.prune(before * 1_000);
  return present - (await count());
}

async function expectSame(store: WindowStore, memory: WindowStore, run: string): Promise<void> {
  const ofRun = (names: Iterable<string>) => [...names].filter((name) => name.startsWith(run));
  expect(ofRun(await store.pipelines())).toEqual(await memory.pipelines());
  const positions = [...(await store.positions())].filter(([partition]) => partition.startsWith(run));
  expect(new Map(positions)).toEqual(await memory.positions());
  for (const shape of Object.keys(shapes)) {
    const pipeline = run + shape;
    expect(await store.totals(pipeline)).toEqual(await memory.totals(pipeline));
    for (const resolution of ['window', 'minute', 'hour'] as const) {
      for (const query of [{}, { limit: 2 }, { from: 5_000, to: 60_000 }, { from: 1, limit: 1 }]) {
        const asked = { ...query, resolution };
        expect(await store.series(pipeline, asked)).toEqual(await memory.series(pipeline, asked));
      }
    }
  }
}
