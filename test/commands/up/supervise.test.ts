import { once } from 'node:events';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { superviseStages } from '../../../src/commands/up/supervise.ts';

const logger = pino({ level: 'silent' });

/** A stage that runs until it is asked to stop, and notes when it has. */
const untilAborted = (name: string, ended: string[]) => async (signal: AbortSignal) => {
  await once(signal, 'abort');
  ended.push(name);
};

test('stages stop in reverse order, each after the one before has ended', async () => {
  const ended: string[] = [];
  const stages = superviseStages(logger);
  for (const name of ['serve', 'aggregate', 'produce']) stages.start(name, untilAborted(name, ended));
  await stages.stop(10_000);
  expect(ended).toEqual(['produce', 'aggregate', 'serve']);
});

test('the first failure is told, and the others are still stopped', async () => {
  const ended: string[] = [];
  const stages = superviseStages(logger);
  stages.start('serve', untilAborted('serve', ended));
  stages.start('aggregate', async () => {
    throw new Error('the reason');
  });
  await expect(stages.failed).rejects.toThrow('the reason');
  await stages.stop(10_000);
  expect(ended).toEqual(['serve']);
});

test('a failure that nobody waits for does not end the process', async () => {
  const stages = superviseStages(logger);
  await stages.start('produce', async () => {
    throw new Error('unheard');
  });
  await stages.stop(10_000);
});

test('a stage that does not stop is named when patience is over', async () => {
  const stages = superviseStages(logger);
  stages.start('produce', () => new Promise(() => undefined));
  await expect(stages.stop(5)).rejects.toThrow(/^produce did not stop within/);
});
