import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { userLogColumns } from '../../src/records/user-log.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';
import { readFile, readText } from './_read.ts';

const header = userLogColumns.join(',');
const row = (gender: string, province = '浙江') => `1,2,3,4,5,11,11,0,3,${gender},${province}`;
const log = (...genders: string[]) => [header, ...genders.map((gender) => row(gender)), ''].join('\n');

describe('columns', () => {
  test('come from the header, in whatever order the cells are asked for', async () => {
    const read = await readText(log('0', '1'), ['province', 'gender']);
    expect(read.rows).toEqual([
      ['浙江', '0'],
      ['浙江', '1'],
    ]);
  });

  test('of a file without a header are those of a user log when it has eleven', async () => {
    expect((await readText(`${row('0')}\n${row('NULL')}`, ['gender'])).rows).toEqual([['0'], ['NULL']]);
  });

  test('of any file with a header are found by the needed name', async () => {
    expect((await readText('name,colour\na,red\nb,blue\n', ['colour'])).rows).toEqual([['red'], ['blue']]);
  });

  test('can be named, which leaves a first row of data where it is and a header out', async () => {
    const columns = ['name', 'colour'];
    expect((await readText('a,red\n', ['colour'], { columns })).rows).toEqual([['red']]);
    expect((await readText('name,colour\na,red\n', ['colour'], { columns })).rows).toEqual([['red']]);
    expect((await readText('x,y\na,red\n', ['colour'], { columns, header: 'yes' })).rows).toEqual([['red']]);
    expect((await readText('name,colour\n', ['colour'], { columns, header: 'no' })).rows).toEqual([['colour']]);
  });

  test.each([
    ['neither a header nor eleven columns', 'a,b\nc,d\n', {}, /2 columns and no header/, /--columns/],
    ['another delimiter', header.replaceAll(',', ';'), {}, /1 column and no header/, /--delimiter ';'/],
    ['a tab as its delimiter', header.replaceAll(',', '\t'), {}, /1 column and no header/, /--delimiter '\\t'/],
    ['no such column', 'user_id,item_id\n1,2\n', {}, /no column "gender"; it has user_id, item_id/, /--columns/],
    ['more columns than are named', 'a,b,c\n', { columns: ['x', 'gender'] }, /3 columns .* names 2/, /every column/],
  ])('are asked for when the file has %s', async (_, text, options, message, hint) => {
    const failure = readText(text, ['gender'], options);
    await expect(failure).rejects.toMatchObject({
      code: 'CSV_INVALID',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });
});

describe('the way a file is written', () => {
  test.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('with %s at the end of lines does not show in the cells', async (_, end) => {
    for (const tail of ['', end]) {
      const read = await readText([header, row('0'), row('1')].join(end) + tail, ['gender', 'province']);
      expect(read.rows).toEqual([
        ['0', '浙江'],
        ['1', '浙江'],
      ]);
      expect(read.rejects).toEqual([]);
    }
  });

  test('with a byte order mark has the same first column', async () => {
    expect((await readText(`\ufeff${log('0')}`, ['user_id'])).rows).toEqual([['1']]);
    expect((await readText(`\ufeffgender\n0\n`, ['gender'])).rows).toEqual([['0']]);
  });

  test('with quotes, doubled quotes and line ends inside them keeps what is inside', async () => {
    const text = 'name,note\n"a","he said ""no"""\nb,"two\nlines, one cell"\r\n"c",\n';
    expect((await readText(text, ['name', 'note'])).rows).toEqual([
      ['a', 'he said "no"'],
      ['b', 'two\nlines, one cell'],
      ['c', ''],
    ]);
  });

  test('with missing values leaves them as they are', async () => {
    const genders = ['0', '2', 'NULL', ''];
    expect((await readText(log(...genders), ['gender'])).rows.flat()).toEqual(genders);
  });

  test('with blank lines has no rows for them', async () => {
    const read = await readText(`\n\r\n${header}\n\n${row('0')}\n\r\n\n${row('1')}\n\n`, ['gender']);
    expect(read.rows).toEqual([['0'], ['1']]);
    expect(read.rejects).toEqual([]);
  });

  test('with tabs between cells', async () => {
    expect((await readText(log('0', '1').replaceAll(',', '\t'), ['gender'], { delimiter: '\t' })).rows).toEqual([
      ['0'],
      ['1'],
    ]);
  });

  test('in GB18030 is read in it', async () => {
    // 浙江 in GB18030.
    const bytes = Buffer.concat([
      Buffer.from(`${header}\n${row('0', '')}`),
      Buffer.from([0xd5, 0xe3, 0xbd, 0xad]),
      Buffer.from('\n'),
    ]);
    expect((await readText(bytes, ['province'], { encoding: 'gb18030' })).rows).toEqual([['浙江']]);
  });

  test('in UTF-16 is read in it', async () => {
    const bytes = Buffer.from(`\ufeff${log('0', '1')}`, 'utf16le');
    expect((await readText(bytes, ['gender', 'province'], { encoding: 'utf-16le' })).rows).toEqual([
      ['0', '浙江'],
      ['1', '浙江'],
    ]);
  });

  test.each([
    ['gz', gzipSync],
    ['zst', zstdCompressSync],
  ])('as .%s is unpacked, also when packed files were joined', async (suffix, pack) => {
    const path = join(temporaryFolder(), `rows.csv.${suffix}`);
    const packed = Buffer.concat([pack(Buffer.from(log('0'))), pack(Buffer.from(`${row('1')}\n`))]);
    writeFileSync(path, packed);
    const read = await readFile(path, ['gender']);
    expect(read.rows).toEqual([['0'], ['1']]);
    expect(read.bytes.at(-1)).toBe(packed.length);
  });
});

describe('bad rows', () => {
  const good = row('0');

  test('are left out and named by line and reason, and the others are read', async () => {
    const lines = [header, good, '1,2,3', good, `${good},9`, '1,2,"3', good, good.replace(',2', ',2"x'), good];
    const read = await readText(`${lines.join('\n')}\n`, ['gender']);
    expect(read.rejects).toEqual(['3: too few columns', '5: too many columns', '6: unclosed quote', '8: stray quote']);
    expect(read.rows).toHaveLength(4);
  });

  test.each(['\n', '\r\n', '\r'])('are named by their line in the file with %j at the end of lines', async (end) => {
    const quoted = `1,2,3,4,5,11,11,0,3,0,"two${end}lines"`;
    const read = await readText(['', header, quoted, '', '1,2', good, 'x'].join(end), ['gender']);
    expect(read.rejects).toEqual(['6: too few columns', '8: too few columns']);
    expect(read.rows).toHaveLength(2);
  });

  test('with a quote that is never closed cost one row each, however many rows follow', async () => {
    const many = Array.from({ length: 10_000 }, () => good);
    const read = await readText([header, good.replace('11,', '"11,'), ...many, good.replace('3,', '"3,')].join('\n'), [
      'gender',
    ]);
    expect(read.rejects).toEqual(['2: unclosed quote', '10003: unclosed quote']);
    expect(read.rows).toHaveLength(10_000);
  });

  test('with a quote that a later stray quote would close do not take the rows between them along', async () => {
    const opening = '1,2,3,4,5,11,11,0,"3,0,浙江';
    const closing = '1,2,3,4,5,11,11,0,3",0,浙江';
    const read = await readText([header, opening, good, good, closing, good].join('\n'), ['gender']);
    expect(read.rejects).toEqual(['2: unclosed quote', '5: stray quote']);
    expect(read.rows).toHaveLength(3);
  });

  test('among quoted rows do not keep those from being read', async () => {
    const quoted = good.replace(/[^,]+/g, '"$&"');
    const lines = Array.from({ length: 2_000 }, (_, index) => (index % 500 === 250 ? `"a"b,${quoted}` : quoted));
    const read = await readText([header, ...lines].join('\n'), ['gender']);
    expect(read.rejects).toEqual([252, 752, 1252, 1752].map((line) => `${line}: stray quote`));
    expect(read.rows).toHaveLength(1_996);
  });

  test('that are no text are left out when other lines are in the right encoding', async () => {
    const damaged = Buffer.concat([Buffer.from(good.slice(0, -1)), Buffer.from([0xe6, 0xb5, 0x0a])]);
    const read = await readText(Buffer.concat([Buffer.from(log('0')), damaged, Buffer.from(good)]), ['gender']);
    expect(read.rejects).toEqual(['3: not text']);
    expect(read.rows).toHaveLength(2);
  });

  test('that go on for ever cost no more than themselves', async () => {
    const endless = 'x'.repeat(5_000_000);
    for (const line of [endless, `1,"${endless}`, `1,"${endless}",3`]) {
      const read = await readText([header, good, line, good].join('\n'), ['gender']);
      expect(read.rejects).toEqual(['3: too long']);
      expect(read.rows).toHaveLength(2);
    }
  });

  test('end a strict run, after the rows before them', async () => {
    const path = join(temporaryFolder(), 'rows.csv');
    writeFileSync(path, [header, good, good, '1,2', good].join('\n'));
    await expect(readFile(path, ['gender'], { strict: true })).rejects.toMatchObject({
      code: 'CSV_INVALID',
      message: `${path}:4: too few columns`,
      hint: expect.stringContaining('--strict'),
    });
  });
});

describe('a file that cannot be read', () => {
  const bytes = (...values: number[]) => Buffer.from(values);

  test.each([
    ['is empty', '', /is empty/, /dashctl generate/],
    ['has only blank lines', '\n\r\n\n', /is empty/, /dashctl generate/],
    ['has a header alone', `${header}\n`, /has a header but no rows/, /with data/],
    ['has zero bytes', Buffer.concat([Buffer.from(log('0')), bytes(0, 0)]), /is a binary file/, /text file/],
    ['is mostly control bytes', Buffer.alloc(1_000, 0x03), /is a binary file/, /text file/],
    ['is gzip under another name', gzipSync(log('0')), /is gzip-compressed/, /ends in \.gz/],
    ['is zstd under another name', zstdCompressSync(Buffer.from(log('0'))), /is zstd-compressed/, /ends in \.zst/],
    ['is a spreadsheet', bytes(0x50, 0x4b, 3, 4, 20, 0), /a spreadsheet/, /as CSV/],
    ['is UTF-16', Buffer.from(`\ufeff${log('0')}`, 'utf16le'), /is UTF-16 text/, /--encoding utf-16le/],
    ['has a quote that spoils its only row', 'gender,"x\n', /no row of .* unclosed quote at line 1/, /--delimiter/],
  ])('that %s is refused with a hint', async (_, content, message, hint) => {
    await expect(readText(content, ['gender'])).rejects.toMatchObject({
      code: 'CSV_INVALID',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });

  test('because it is GB18030 is refused at its first line that shows it', async () => {
    const province = Buffer.from([0xd5, 0xe3, 0xbd, 0xad, 0x0a]);
    const content = Buffer.concat([Buffer.from(`${header}\n${row('0', '')}`), province, Buffer.from(row('1', ''))]);
    await expect(readText(content, ['gender'])).rejects.toMatchObject({
      code: 'CSV_INVALID',
      message: expect.stringMatching(/rows\.csv:2: the text is not utf-8/),
      hint: expect.stringContaining('--encoding gb18030'),
    });
  });

  test('because it is in some other encoding is refused when no line is as expected', async () => {
    const line = Buffer.concat([Buffer.from(row('0', '')), Buffer.from([0xe9, 0x20, 0x0a])]);
    const content = Buffer.concat([Buffer.from(`${header}\n`), ...Array.from({ length: 50 }, () => line)]);
    await expect(readText(content, ['gender'])).rejects.toMatchObject({
      hint: expect.stringContaining('--encoding windows-1252'),
    });
    expect((await readText(content, ['province'], { encoding: 'windows-1252' })).rows).toHaveLength(50);
  });

  test('is missing, or a folder, or not permitted', async () => {
    const folder = temporaryFolder();
    await expect(readFile(join(folder, 'none.csv'), ['gender'])).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    mkdirSync(join(folder, 'logs'));
    await expect(readFile(join(folder, 'logs'), ['gender'])).rejects.toMatchObject({
      code: 'FILE_NOT_READABLE',
      hint: expect.stringContaining('logs/*.csv'),
    });
    const locked = join(folder, 'locked.csv');
    writeFileSync(locked, log('0'));
    chmodSync(locked, 0);
    // Root may read everything.
    if (process.getuid?.() !== 0) {
      await expect(readFile(locked, ['gender'])).rejects.toMatchObject({
        code: 'FILE_NOT_READABLE',
        message: expect.stringContaining('no permission'),
      });
    }
  });

  test('is named .gz and is not, or ends too early', async () => {
    const path = join(temporaryFolder(), 'rows.csv.gz');
    writeFileSync(path, log('0'));
    await expect(readFile(path, ['gender'])).rejects.toMatchObject({
      code: 'CSV_INVALID',
      message: expect.stringContaining('cannot be unpacked'),
    });
    const packed = gzipSync(log(...Array.from({ length: 5_000 }, (_, index) => String(index))));
    writeFileSync(path, packed.subarray(0, packed.length / 2));
    await expect(readFile(path, ['gender'])).rejects.toMatchObject({
      code: 'CSV_INVALID',
      message: expect.stringContaining('ends in the middle'),
    });
  });
});
