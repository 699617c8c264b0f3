import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { presentableText } from '../../../src/commands/status/presentable-text.ts';

test.each([
  ['cannot sync /srv/data/broker/sex-0/0001.log', 'cannot sync …/0001.log'],
  ['/srv/a.csv:119 is left out: too few columns', '…/a.csv:119 is left out: too few columns'],
  ["ENOENT: no such file, open '/srv/x/y'", "ENOENT: no such file, open '…/y'"],
  ['the store sqlite:/srv/shop.db does not answer', 'the store sqlite:…/shop.db does not answer'],
  ['file:///srv/app/dist/main.js and sqlite:///srv/shop.db', 'file:…/main.js and sqlite:…/shop.db'],
  ['cannot write C:\\Users\\wang\\shop.db', 'cannot write …/shop.db'],
  [`cannot read ${join(homedir(), 'my files', 'a.csv')}`, 'cannot read …/my files/a.csv'],
])('of a path only the last part is shown: %s', (text, shown) => {
  expect(presentableText(text)).toBe(shown);
});

test.each([
  ['no database at postgres://me:p@ss/w:rd@db:5432/shop', 'no database at postgres://db:5432/shop'],
  ['refused: http://10.0.0.1/?token=s3cret&x=1 password=hunter2', 'refused: http://10.0.0.1/?token=…&x=1 password=…'],
])('nobody can log in with what is shown: %s', (text, shown) => {
  expect(presentableText(text)).toBe(shown);
});

test.each([
  'unreadable record in result/0 at offset 40: the value is not JSON',
  'lost the connection to 127.0.0.1:9092 (Closed connection), trying to get it back',
  'GET /api/series failed',
  'page on http://127.0.0.1:5000/pipeline',
  '12,408 rows, 100 rows/s',
])('what is no path stays: %s', (text) => {
  expect(presentableText(text)).toBe(text);
});

test('a message without an end gets one', () => {
  expect(presentableText('x'.repeat(100_000)).length).toBeLessThan(500);
});
