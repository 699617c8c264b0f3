import { expect, test } from 'vitest';
import { changes } from '../../../src/commands/up/changes.ts';

test('waiting ends when a change makes the condition hold, not before', async () => {
  const { tell, until } = changes();
  let count = 0;
  let ended = false;
  const waited = until(() => count === 2, new AbortController().signal).then(() => {
    ended = true;
  });
  count = 1;
  tell();
  await Promise.resolve();
  expect(ended).toBe(false);
  count = 2;
  tell();
  await waited;
});

test('a condition that holds already is not waited for', async () => {
  await changes().until(() => true, new AbortController().signal);
});

test('waiting ends with the reason of an abort, before or while it waits', async () => {
  const controller = new AbortController();
  const waited = changes().until(() => false, controller.signal);
  controller.abort(new Error('stopped'));
  await expect(waited).rejects.toThrow('stopped');
  await expect(changes().until(() => false, controller.signal)).rejects.toThrow('stopped');
});
