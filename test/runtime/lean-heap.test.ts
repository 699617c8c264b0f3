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
