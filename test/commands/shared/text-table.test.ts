import { expect, test } from 'vitest';
import { textTable } from '../../../src/commands/shared/text-table.ts';

const columns = [
  { title: 'NAME' },
  { title: 'COUNT', align: 'right', weight: 1 },
  { title: 'SIZE', align: 'right', weight: 2 },
] as const;
const rows = [
  ['性别', '1,000', '4 B'],
  ['a', '2', '10 KB'],
];

test('columns are as wide as their widest cell in terminal cells, and lines end without blanks', () => {
  expect(textTable(columns, rows)).toBe('NAME  COUNT   SIZE\n性别  1,000    4 B\na         2  10 KB\n');
  expect(textTable([{ title: 'A' }, { title: 'B' }], [['long', '']])).toBe('A     B\nlong\n');
});

test('what has the least weight goes first when the terminal is narrow; columns without one stay', () => {
  expect(textTable(columns, rows, 18)).toBe(textTable(columns, rows));
  expect(textTable(columns, rows, 17)).toBe('NAME   SIZE\n性别    4 B\na     10 KB\n');
  expect(textTable(columns, rows, 3)).toBe('NAME\n性别\na\n');
});
