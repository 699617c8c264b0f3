import { expect, test } from 'vitest';
import { DashctlError, errnoOf, exitCodeOf } from '../../src/runtime/errors.ts';

test.each([
  [new DashctlError('USAGE', 'x'), 2],
  [new DashctlError('INTERRUPTED', 'x'), 130],
  [new DashctlError('PORT_TAKEN', 'x'), 1],
  [new Error('x'), 1],
  ['x', 1],
])('%s ends the process with its status', (error, status) => {
  expect(exitCodeOf(error)).toBe(status);
});

test('the errno of a system error is found, of others not', () => {
  expect(errnoOf(Object.assign(new Error('x'), { code: 'ENOENT' }))).toBe('ENOENT');
  expect(errnoOf(Object.assign(new Error('x'), { code: 7 }))).toBeUndefined();
  expect(errnoOf({ code: 'ENOENT' })).toBeUndefined();
});
