import { expect, test } from 'vitest';
import { nearestNames } from '../../src/runtime/nearest-names.ts';

test.each([
  ['resutl', ['result', 'sex'], ['result']],
  ['categry', ['category', 'category_results', 'age'], ['category']],
  ['RESULT', ['result'], ['result']],
  ['category', ['category_results', 'sex'], ['category_results']],
  ['orders', ['sex', 'result'], []],
])('a slip in %s is recognised among %j', (name, names, near) => {
  expect(nearestNames(name, names)).toEqual(near);
});
