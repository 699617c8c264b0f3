import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { type WindowFlags, windowShape, withWindowFlags } from '../../src/commands/aggregate.ts';
import { DashctlError } from '../../src/runtime/errors.ts';

const shapeOf = (...args: string[]) => {
  const command = withWindowFlags(new Command('aggregate'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return windowShape(command.parse(args, { from: 'user' }).opts<WindowFlags>());
};

const complaint = (...args: string[]) => {
  try {
    shapeOf(...args);
  } catch (error) {
    if (error instanceof DashctlError) return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
  return undefined;
};

describe('the flags of windows', () => {
  test('give the shape, or leave it to the pipelines', () => {
    expect(shapeOf()).toBeUndefined();
    expect(shapeOf('--window', '5s')).toEqual({ kind: 'tumbling', size: 5_000 });
    expect(shapeOf('--window', '1m', '--slide', '1s')).toEqual({ kind: 'hopping', size: 60_000, slide: 1_000 });
    expect(shapeOf('--window', '5s', '--slide', '5s')).toEqual({ kind: 'tumbling', size: 5_000 });
    expect(shapeOf('--window', '5s', '--slide', '2s')).toEqual({ kind: 'hopping', size: 5_000, slide: 2_000 });
    expect(shapeOf('--window', '1d', '--step', '1s')).toEqual({ kind: 'cumulative', size: 86_400_000, step: 1_000 });
  });

  test('that do not go together are told with what would', () => {
    const usage = { code: 'USAGE', hint: 'such as --window 1m --slide 1s, or --window 1d --step 1s' };
    expect(complaint('--slide', '1s')).toEqual({ ...usage, message: '--slide needs --window, the whole length' });
    expect(complaint('--step', '1s')).toEqual({ ...usage, message: '--step needs --window, the whole length' });
    expect(complaint('--window', '1s', '--slide', '5s')).toMatchObject({
      ...usage,
      message: '--slide is longer than the window: records in between would be in none',
    });
    expect(complaint('--window', '1d', '--slide', '7ms')).toMatchObject({
      ...usage,
      message: '--slide cuts the window into 86400000 parts, more than 10000',
    });
    expect(complaint('--window', '10s', '--step', '3s')).toMatchObject({
      ...usage,
      message: '--step does not divide the window',
    });
    expect(complaint('--window', '10s', '--step', '1s', '--slide', '1s')).toEqual({
      code: 'USAGE',
      message: '--slide and --step exclude each other',
      hint: 'leave out one of them',
    });
  });

  test('are at least a millisecond', () => {
    for (const flag of ['--window', '--slide', '--step']) expect(() => shapeOf(flag, '0s')).toThrow('at least 1ms');
  });
});
