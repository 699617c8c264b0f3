import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createLogger, type LoggerOptions } from '../../src/runtime/logger.ts';

/** What a logger writes while `use` has it. */
async function logged(
  options: Pick<LoggerOptions, 'level' | 'format'>,
  use: (logger: ReturnType<typeof createLogger>) => void,
) {
  const destination = new PassThrough();
  use(createLogger({ ...options, color: false, destination }));
  await new Promise((resolve) => setImmediate(resolve));
  destination.end();
  return text(destination);
}

test('a pretty line is one line: time, level, stage and message', async () => {
  const lines = await logged({ level: 'info', format: 'pretty' }, (logger) => {
    logger.child({ stage: 'produce' }).warn({ err: new Error('inside'), rows: 3 }, 'a row is left out');
    logger.info('ready');
    logger.debug('not seen');
  });
  expect(lines).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] WARN: produce: a row is left out\n\[[\d:.]+\] INFO: ready\n$/);
});

test('debug shows fields and the stack of an error', async () => {
  const lines = await logged({ level: 'debug', format: 'pretty' }, (logger) => logger.warn(new Error('inside')));
  expect(lines).toContain('logger.test.ts');
});

test('json lines carry everything', async () => {
  const lines = await logged({ level: 'info', format: 'json' }, (logger) => logger.info({ rows: 3 }, 'ready'));
  expect(JSON.parse(lines)).toMatchObject({ level: 30, rows: 3, msg: 'ready' });
});
