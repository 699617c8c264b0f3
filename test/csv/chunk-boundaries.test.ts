import fc from 'fast-check';
import { expect, test } from 'vitest';
import { longestRow } from '../../src/csv/text-blocks.ts';
import { readChunks } from './_read.ts';

const lineEnd = fc.constantFrom('\n', '\r\n', '\r');

// Rows as people and faults write them: all that the reader treats in some way of its own.
const fragment = fc.constantFrom(
  ...[
    '0',
    '1',
    'NULL',
    '',
    '浙江',
    '内蒙古',
    '😀',
    ',',
    ',',
    ',',
    '"',
    '""',
    '"a,b"',
    '"a\nb"',
    'x"y',
    ' ',
    '\r',
    '\n',
  ],
  '1,2,3',
  'a,"b ""c""",d',
);
const goodLine = fc.tuple(fc.nat(9), fc.constantFrom('浙江', '"x"', '""', '"p\nq"'), fc.nat(9)).map((c) => c.join(','));
const badBytes = fc.uint8Array({ minLength: 1, maxLength: 8 }).map((bytes) => Buffer.from(bytes).filter((b) => b > 31));

const content = fc
  .tuple(
    lineEnd,
    fc.array(
      fc.oneof(
        { weight: 4, arbitrary: goodLine.map((text) => Buffer.from(text)) },
        { weight: 3, arbitrary: fc.array(fragment, { maxLength: 8 }).map((parts) => Buffer.from(parts.join(''))) },
        { weight: 1, arbitrary: badBytes.map((bytes) => Buffer.from(bytes)) },
      ),
      { maxLength: 20 },
    ),
  )
  .map(([end, lines]) => Buffer.concat(lines.flatMap((line) => [line, Buffer.from(end)])));

function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...cuts].map((start, index) => bytes.subarray(start, cuts[index] ?? bytes.length));
}

test('how bytes are cut into chunks does not change rows, rejects or line numbers', async () => {
  await fc.assert(
    fc.asyncProperty(content, fc.array(fc.nat(), { maxLength: 30 }), async (bytes, places) => {
      const whole = await readChunks([bytes], 3);
      expect(await readChunks(cutAt(bytes, places), 3)).toEqual(whole);
      expect(await readChunks(cutAt(bytes, [...bytes.keys()]), 3)).toEqual(whole);
    }),
    { numRuns: 400 },
  );
});

test('well-formed rows come out as they went in, whatever is in their cells', async () => {
  const cell = fc.array(fc.constantFrom('a', '0', '浙', '"', ',', '\n', '\r\n', ' ', '😀'), { maxLength: 6 });
  const rows = fc.array(
    fc.array(
      cell.map((parts) => parts.join('')),
      { minLength: 3, maxLength: 3 },
    ),
    {
      minLength: 1,
      maxLength: 12,
    },
  );
  await fc.assert(
    fc.asyncProperty(rows, fc.array(fc.nat(), { maxLength: 9 }), async (expected, places) => {
      const text = expected.map((cells) => cells.map((c) => `"${c.replaceAll('"', '""')}"`).join(',')).join('\n');
      const read = await readChunks(cutAt(Buffer.from(text), places), 3);
      expect(read).toEqual({ rows: expected, rejects: [] });
    }),
    { numRuns: 400 },
  );
});

test('a line that is too long is so wherever it is cut', async () => {
  const lines = ['1,2,3', `1,${'x'.repeat(longestRow)},3`, `"${'y\n'.repeat(longestRow)}`, '4,5,6', ''].join('\n');
  const bytes = Buffer.from(lines);
  const whole = await readChunks([bytes], 3);
  expect(whole.rejects.slice(0, 2).map(({ line, reason }) => `${line} ${reason}`)).toEqual([
    '2 too long',
    '3 unclosed quote',
  ]);
  expect(whole.rows).toEqual([
    ['1', '2', '3'],
    ['4', '5', '6'],
  ]);
  for (const size of [1_000, 4_096, 65_536, 200_000]) {
    const places = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => (index + 1) * size);
    expect(await readChunks(cutAt(bytes, places), 3)).toEqual(whole);
  }
});
