import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const report = process.env.DASHCTL_TEST_REPORT;

export default defineConfig({
  // Relative to test/, which would otherwise get a node_modules of its own.
  cacheDir: join(import.meta.dirname, '..', 'node_modules', '.vite'),
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts', '**/*.test.tsx'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // On two cores: the longest tests wait most of the time, for sessions of killed members to end.
    // Where every server is there, each test brings a broker or a JVM of its own: they get the machine one at a time.
    maxWorkers: process.env.CI ? 1 : 3,
    // Besides what a person reads, a file to count from.
    ...(report ? { reporters: ['default', ['json', { outputFile: report }]] } : {}),
  },
});
