import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { stageFaults } from '../../../src/commands/status/stage-faults.ts';
import { createLogger, type LogLevel } from '../../../src/runtime/logger.ts';

const faultsAndLogger = (level: LogLevel = 'info') => {
  const faults = stageFaults();
  const written: string[] = [];
  const destination = new PassThrough().on('data', (chunk) => written.push(String(chunk)));
  const logger = createLogger({ level, format: 'json', color: false, destination, listener: faults.stream });
  return { faults, logger, written };
};

describe('what stages complain of', () => {
  test('is kept with stage, level and time; what they merely say is not', () => {
    const { faults, logger } = faultsAndLogger();
    const before = Date.now();
    logger.child({ stage: 'produce' }).warn('a row is left out');
    logger.child({ stage: 'sink' }).error({ err: new Error('inside') }, 'the disk is full');
    logger.info('ready');
    expect(faults.list).toMatchObject([
      { stage: 'sink', level: 'error', count: 1, text: 'the disk is full' },
      { stage: 'produce', level: 'warn', count: 1, text: 'a row is left out' },
    ]);
    expect(faults.list[0]?.time).toBeGreaterThanOrEqual(before);
  });

  test('is counted where only the numbers differ, and told in its latest words', () => {
    const { faults, logger } = faultsAndLogger();
    logger.warn('3 records of sex came too late for their window');
    logger.warn('1,204 records of sex came too late for their window');
    logger.warn('3 records of age came too late for their window');
    expect(faults.list.map(({ count, text }) => `${count} × ${text}`)).toEqual([
      '1 × 3 records of age came too late for their window',
      '2 × 1,204 records of sex came too late for their window',
    ]);
  });

  test('carries no path of the machine', () => {
    const { faults, logger } = faultsAndLogger();
    logger.error('cannot write /srv/shop/dashctl.sqlite');
    expect(faults.list[0]?.text).toBe('cannot write …/dashctl.sqlite');
  });

  test('does not grow, and one stage does not drive out the others', () => {
    const { faults, logger } = faultsAndLogger();
    logger.child({ stage: 'broker' }).error('partition offline');
    const names = 'abcdefghijklmnopqrstuvwxyz';
    for (const name of names) logger.child({ stage: 'serve' }).warn(`trouble with ${name}`);
    expect(faults.list.filter(({ stage }) => stage === 'serve').map(({ text }) => text)).toEqual([
      'trouble with z',
      'trouble with y',
      'trouble with x',
    ]);
    expect(faults.list.at(-1)?.stage).toBe('broker');
    for (const name of names) logger.child({ stage: name }).warn('trouble');
    expect(faults.list.length).toBe(12);
  });
});

test('the reader of the log chooses its level; pages hear of warnings all the same', () => {
  const { faults, logger, written } = faultsAndLogger('silent');
  logger.warn('a row is left out');
  logger.info('ready');
  expect(written).toEqual([]);
  expect(faults.list.map(({ text }) => text)).toEqual(['a row is left out']);
});

test('a log of a lower level keeps its lines, with or without a listener', () => {
  const { faults, logger, written } = faultsAndLogger('debug');
  logger.debug('read');
  logger.warn('a row is left out');
  expect(written.map((line) => JSON.parse(line).msg)).toEqual(['read', 'a row is left out']);
  expect(faults.list).toHaveLength(1);
});
