import { array, assert, double, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bar, sparkline } from '../../src/tui/bars.ts';

describe('sparkline', () => {
  test('columns stand in proportion to their values, from zero', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6], 7)).toBe('▁▂▃▄▅▆▇');
    expect(sparkline([50, 100], 2)).toBe('▄▇');
  });

  test('the last values are shown, and fewer than there is room for stand at the right', () => {
    expect(sparkline([9, 9, 0, 9], 2)).toBe('▁▇');
    expect(sparkline([9], 4)).toBe('   ▇');
    expect(sparkline([], 3)).toBe('   ');
  });

  test('zeros alone are low, not full', () => {
    expect(sparkline([0, 0, 0], 3)).toBe('▁▁▁');
  });

  test('any values fill exactly the width', () => {
    assert(
      property(array(double()), integer({ min: 0, max: 50 }), (values, width) => {
        expect(sparkline(values, width)).toMatch(new RegExp(`^[ ▁-▇]{${width}}$`));
      }),
    );
  });
});

describe('bar', () => {
  test('the greatest value fills the width and half of it half', () => {
    expect(bar(10, 10, 6)).toBe('▇▇▇▇▇▇');
    expect(bar(5, 10, 6)).toBe('▇▇▇');
  });

  test('little is shown and nothing is not', () => {
    expect(bar(1, 1_000_000, 6)).toBe('▇');
    expect(bar(0, 10, 6)).toBe('');
  });

  test('no value makes a bar wider than its room', () => {
    assert(
      property(double(), double(), integer({ min: -3, max: 50 }), (value, top, width) => {
        expect(bar(value, top, width).length).toBeLessThanOrEqual(Math.max(0, width));
      }),
    );
  });
});
