import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const module = JSON.stringify(join(import.meta.dirname, '..', '..', 'src', 'runtime', 'young-generation.ts'));

/** The room that V8 has for young objects, in MB, after some megabytes of objects that outlive a collection each. */
function youngRoom(prepare: string): number {
  const program = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { keepYoungGenerationSmall } from ${module};
    ${prepare}
    const kept = [];
    for (let i = 0; i < 400_000; i++) {
      kept.push({ i });
      if (kept.length > 50_000) kept.length = 0;
    }
    process.stdout.write(String(getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size));`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' })) / 1e6;
}

test('the young generation stays at the size that it begins with', () => {
  expect(youngRoom('')).toBeGreaterThan(4);
  expect(youngRoom('keepYoungGenerationSmall();')).toBeLessThan(4);
});
