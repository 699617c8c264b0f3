import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const module = JSON.stringify(join(import.meta.dirname, '..', '..', 'src', 'runtime', 'lean-heap.ts'));

/** The heap in MB, while 40 MB of objects are replaced again and again: usually for young ones, and at most for all. */
function heapOf(prepare: string): { young: number; all: number } {
  const program = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { keepHeapLean } from ${module};
    ${prepare}
    const kept = Array.from({ length: 40 }, () => []);
    const young = [];
    let all = 0;
    for (let round = 0; round < 400; round++) {
      kept[round % kept.length] = Array.from({ length: 10_000 }, (_, i) => ({ round, i, of: [i] }));
      const spaces = getHeapSpaceStatistics();
      young.push(spaces.find((space) => space.space_name === 'new_space').space_size);
      all = Math.max(all, spaces.reduce((sum, { space_size }) => sum + space_size, 0));
    }
    young.sort((a, b) => a - b);
    process.stdout.write(JSON.stringify({ young: young[young.length / 2] / 1e6, all: all / 1e6 }));`;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' }));
}

test('a lean heap has little room for young objects, and not much more for old ones than they take', () => {
  const [usual, lean] = [heapOf(''), heapOf('keepHeapLean();')];
  expect(lean.young).toBeLessThan(4);
  expect(usual.young).toBeGreaterThan(8);
  expect(lean.all).toBeLessThan(usual.all * 0.75);
});

test('buffers that are done with are freed without full collections, when it is told how many bytes came', () => {
  const fullCollections = (told: boolean): number => {
    const program = `
      import { PerformanceObserver, constants } from 'node:perf_hooks';
      import { setImmediate } from 'node:timers/promises';
      import { collectYoungEvery } from ${module};
      const onRead = ${told} ? collectYoungEvery(8 << 20) : () => {};
      let full = 0;
      const count = (list) => {
        for (const { detail } of list.getEntries()) if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) full += 1;
      };
      const observer = new PerformanceObserver(count);
      observer.observe({ entryTypes: ['gc'] });
      for (let read = 0; read < 20_000; read++) {
        onRead(new Uint8Array(65_536).length);
        if (read % 100 === 0) await setImmediate();
      }
      await setImmediate();
      observer.disconnect();
      process.stdout.write(String(full));`;
    return Number(execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' }));
  };
  expect(fullCollections(false)).toBeGreaterThan(5);
  expect(fullCollections(true)).toBeLessThan(3);
});
