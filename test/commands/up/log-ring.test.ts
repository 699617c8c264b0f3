import { expect, test } from 'vitest';
import { logRing } from '../../../src/commands/up/log-ring.ts';
import { createLogger } from '../../../src/runtime/logger.ts';

const ringAndLogger = () => {
  const ring = logRing();
  const logger = createLogger({ level: 'debug', format: 'json', color: false, destination: ring.stream });
  return { ring, logger };
};

test('lines of a logger are kept with their level and stage', () => {
  const { ring, logger } = ringAndLogger();
  logger.child({ stage: 'produce' }).warn('a row is left out');
  logger.info('ready');
  expect(ring.lines).toMatchObject([
    { level: 'warn', text: 'produce: a row is left out' },
    { level: 'info', text: 'ready' },
  ]);
});

test('only the last lines are kept', () => {
  const { ring, logger } = ringAndLogger();
  for (let line = 0; line < 1_000; line++) logger.info(`line ${line}`);
  expect(ring.lines.length).toBe(200);
  expect(ring.lines.at(-1)?.text).toBe('line 999');
});
