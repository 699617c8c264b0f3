import { describe, expect, test } from 'vitest';
import { chromiumPath } from '../_support/chromium.ts';
import { soak } from './soak.ts';

describe.skipIf(!chromiumPath && !process.env.CI)('two minutes of the big screen at fifty windows a second', () => {
  // A page keeps 900 windows of each pipeline and the server 1,000, which is more than comes until the last third
  // begins: they are still filling. "npm run soak" takes half an hour, and allows no more than a twentieth.
  const tolerance = 0.15;

  test('leave neither page nor server with more than they need', { timeout: 240_000 }, async () => {
    const lines: string[] = [];
    const { faults } = await soak({
      duration: 120_000,
      every: 5_000,
      tolerance,
      tell: (line) => lines.push(line),
    });
    expect(faults, lines.join('\n')).toEqual([]);
  });
});
