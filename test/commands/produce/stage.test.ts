import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { parseFilter } from '../../../src/commands/produce/row-filter.ts';
import { type ProduceOptions, runProduce } from '../../../src/commands/produce/stage.ts';
import type { ProduceProgress } from '../../../src/commands/produce/tally.ts';
import { createPace } from '../../../src/csv/pace.ts';
import { rejectWriter } from '../../../src/csv/reject-writer.ts';
import type { TopicRecords } from '../../../src/kafka/topic-sink.ts';
import { builtInPipelines } from '../../../src/records/pipelines.ts';
import { type LeapingClock, leapingClock } from '../../_support/leaping-clock.ts';
import { temporaryFolder } from '../../_support/temporary-folder.ts';

const never = new AbortController().signal;

interface Sent {
  topic: string;
  value: string | Buffer | null;
  timestamp: number;
}

/** A sink that keeps what it is sent. */
function recordingSink(onSend: (records: number) => void | Promise<void> = () => {}) {
  const sent: Sent[] = [];
  const sink = {
    async sendAll(batches: readonly TopicRecords[]) {
      await onSend(batches[0]?.records.length ?? 0);
      for (const { topic, records } of batches) {
        for (const { value, timestamp } of records) sent.push({ topic, value, timestamp });
      }
    },
  };
  const valuesOf = (topic: string) => sent.filter((record) => record.topic === topic).map(({ value }) => value);
  return { sink, sent, valuesOf };
}

const target = { name: 'colour', column: 'colour', topic: 'colours' };
const colours = (...values: string[]) =>
  `name,colour\n${values.map((value, index) => `n${index},${value}\n`).join('')}`;

function fileOf(content: string, name = 'rows.csv'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

function produce(
  files: string[],
  sink: ProduceOptions['sink'],
  more: Partial<ProduceOptions> = {},
  signal: AbortSignal = never,
) {
  const csv = { header: 'auto', delimiter: ',', encoding: 'utf-8', strict: false } as const;
  const pace = createPace(Number.POSITIVE_INFINITY);
  const logger = pino({ level: 'silent' });
  const clock = leapingClock();
  return runProduce({ files, pipelines: [target], csv, pace, sink, logger, clock, ...more }, signal);
}

describe('produce', () => {
  test("sends each row's cell as it is to the topic of each pipeline, in order", async () => {
    const { sink, valuesOf } = recordingSink();
    const rows = ['1,1,17,1,1,11,11,2,3,0,浙江', '2,1,9,1,1,11,11,0,NULL,2,', '3,1,17,1,1,11,11,3,8,NULL,内蒙古'];
    const summary = await produce([fileOf(rows.join('\n'))], sink, { pipelines: builtInPipelines });
    expect(valuesOf('sex')).toEqual(['0', '2', 'NULL']);
    expect(valuesOf('category')).toEqual(['17', '9', '17']);
    expect(valuesOf('action')).toEqual(['2', '0', '3']);
    expect(valuesOf('age')).toEqual(['3', 'NULL', '8']);
    expect(valuesOf('province')).toEqual(['浙江', '', '内蒙古']);
    expect(summary).toMatchObject({ rows: 3, rejected: 0, complete: true });
    expect(summary.records).toEqual({ gender: 3, category: 3, action: 3, age: 3, province: 3 });
  });

  test('gives each record the time at which it is sent', async () => {
    const { sink, sent } = recordingSink();
    const clock = leapingClock(5_000);
    await produce([fileOf(colours('a', 'b', 'c', 'd'))], sink, { clock, pace: createPace(10) });
    expect(sent.map(({ timestamp }) => timestamp)).toEqual([5_000, 5_100, 5_200, 5_300]);
  });

  test('reads several files in order, each with its own columns', async () => {
    const { sink, valuesOf } = recordingSink();
    const files = [fileOf(colours('a', 'b')), fileOf('colour,size\nc,1\n')];
    await produce(files, sink);
    expect(valuesOf('colours')).toEqual(['a', 'b', 'c']);
  });

  test('sends only rows that the conditions choose: any value of one column, all columns', async () => {
    const { sink, valuesOf } = recordingSink();
    const where = parseFilter(['colour=red', 'colour=blue', 'name=n1', 'name=n2', 'name=n3']);
    await produce([fileOf(colours('red', 'red', 'green', 'blue'))], sink, { where });
    expect(valuesOf('colours')).toEqual(['red', 'blue']);
    expect(() => parseFilter(['colour'])).toThrow(/not COLUMN=VALUE/);
  });

  test('sends a pipeline only the rows of its own conditions, and tells its records apart', async () => {
    const { sink, valuesOf } = recordingSink();
    const file = fileOf('name,colour\na,red\nb,blue\nc,red\na,red\n');
    const reds = { name: 'reds', column: 'name', topic: 'reds', where: parseFilter(['colour=red']) };
    const none = { ...reds, name: 'none', topic: 'none', where: parseFilter(['colour=green']) };
    const summary = await produce([file], sink, {
      pipelines: [target, reds, none],
      where: parseFilter(['name=a', 'name=b']),
    });
    expect(valuesOf('colours')).toEqual(['red', 'blue', 'red']);
    expect(valuesOf('reds')).toEqual(['a', 'a']);
    expect(valuesOf('none')).toEqual([]);
    expect(summary).toMatchObject({ rows: 3, records: { colour: 3, reds: 2, none: 0 } });
  });

  test('leaves out the rows to skip and ends at the limit, across files', async () => {
    const { sink, valuesOf } = recordingSink();
    const files = [fileOf(colours('a', 'b', 'c')), fileOf(colours('d', 'e', 'f'))];
    const summary = await produce(files, sink, { skip: 2, limit: 3 });
    expect(valuesOf('colours')).toEqual(['c', 'd', 'e']);
    expect(summary).toMatchObject({ rows: 3, complete: true });
  });

  test('begins again after the last row when it loops, skips only once, and counts bad rows once', async () => {
    const { sink, valuesOf } = recordingSink();
    const files = [fileOf(`${colours('a', 'b')}bad\n`)];
    const summary = await produce(files, sink, { loop: true, skip: 1, limit: 6 });
    expect(valuesOf('colours')).toEqual(['b', 'a', 'b', 'a', 'b', 'a']);
    expect(summary).toMatchObject({ rows: 6, rejected: 1, complete: true });
  });

  test('does not loop for ever over a file without a row to send', async () => {
    const where = parseFilter(['colour=none']);
    await expect(produce([fileOf(colours('a'))], recordingSink().sink, { loop: true, where })).rejects.toMatchObject({
      code: 'CSV_INVALID',
      hint: expect.stringContaining('--where'),
    });
  });

  test('counts bad rows by reason, names the first few, and keeps them all in a file of rejects', async () => {
    const bad = Array.from({ length: 8 }, (_, index) => `x${index}`);
    const file = fileOf(`${colours('a')}${bad.join('\n')}\nq,"open\nn,"a"b\n`);
    const kept = join(temporaryFolder(), 'rejects.csv');
    const rejects = await rejectWriter(kept);
    const summary = await produce([file], recordingSink().sink, { rejects });
    await rejects.close();
    expect(summary.rejected).toBe(10);
    expect(summary.reasons.get('too few columns')).toEqual({
      count: 8,
      first: [3, 4, 5, 6, 7].map((line) => ({ file, line })),
    });
    expect(summary.reasons.get('unclosed quote')?.first).toEqual([{ file, line: 11 }]);
    expect(summary.reasons.get('stray quote')?.first).toEqual([{ file, line: 12 }]);
    const lines = readFileSync(kept, 'utf8').split('\n');
    expect(lines[0]).toBe('line,reason,row,file');
    expect(lines[1]).toBe(`3,too few columns,x0,${file}`);
    expect(lines[9]).toBe(`11,unclosed quote,"q,""open",${file}`);
    expect(lines).toHaveLength(12);
  });

  test('sends the rows before a bad one when it is strict, and then fails', async () => {
    const { sink, valuesOf } = recordingSink();
    const file = fileOf(`${colours('a', 'b')}bad\nc,d\n`);
    const csv = { header: 'auto', delimiter: ',', encoding: 'utf-8', strict: true } as const;
    await expect(produce([file], sink, { csv })).rejects.toMatchObject({
      code: 'CSV_INVALID',
      message: `${file}:4: too few columns`,
    });
    expect(valuesOf('colours')).toEqual(['a', 'b']);
  });

  test('reports progress that ends at all rows and all bytes', async () => {
    const content = colours(...Array.from({ length: 5_000 }, (_, index) => `c${index}`));
    const seen: ProduceProgress[] = [];
    await produce([fileOf(content), fileOf(content)], recordingSink().sink, {
      onProgress: (progress) => seen.push({ ...progress }),
    });
    const bytes = 2 * Buffer.byteLength(content);
    expect(seen.at(-1)).toMatchObject({ rows: 10_000, bytes, totalBytes: bytes, rejected: 0 });
    expect(seen.map((progress) => progress.bytes)).toEqual(
      seen.map((progress) => progress.bytes).sort((a, b) => a - b),
    );
    expect(seen.length).toBeGreaterThanOrEqual(10);
  });

  test('knows its rate from what was acknowledged in the last seconds', async () => {
    const seen: number[] = [];
    await produce([fileOf(colours(...Array.from({ length: 200 }, () => 'a')))], recordingSink().sink, {
      pace: createPace(10),
      onProgress: ({ rate }) => seen.push(rate),
    });
    for (const rate of seen.slice(20)) expect(rate).toBeCloseTo(10, 0);
  });

  test('has few sends under way, and reads no further while they are', async () => {
    let [underWay, most] = [0, 0];
    const { sink, valuesOf } = recordingSink(async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise(setImmediate);
      underWay -= 1;
    });
    await produce([fileOf(colours(...Array.from({ length: 20_000 }, (_, index) => String(index))))], sink);
    expect(most).toBe(4);
    expect(valuesOf('colours')).toHaveLength(20_000);
  });

  test('counts what was acknowledged when it is interrupted, and says that it is not complete', async () => {
    const controller = new AbortController();
    const clock: LeapingClock = leapingClock();
    let sends = 0;
    const { sink, sent } = recordingSink(() => {
      sends += 1;
      if (sends === 5) controller.abort();
    });
    const file = fileOf(colours(...Array.from({ length: 100 }, () => 'a')));
    const summary = await produce([file], sink, { clock, pace: createPace(10) }, controller.signal);
    expect(summary).toMatchObject({ rows: 5, complete: false });
    expect(sent).toHaveLength(5);
  });

  test('is complete whenever it is ended when it loops without an end', async () => {
    const controller = new AbortController();
    let sends = 0;
    const { sink } = recordingSink(() => {
      sends += 1;
      if (sends === 50) controller.abort();
    });
    const summary = await produce([fileOf(colours('a'))], sink, { loop: true }, controller.signal);
    expect(summary.complete).toBe(true);
    expect(summary.rows).toBeGreaterThanOrEqual(50);
  });

  test('stops at the first send that fails, with its reason', async () => {
    let sends = 0;
    const { sink } = recordingSink(async () => {
      sends += 1;
      if (sends === 3) throw new Error('the broker is gone');
    });
    const file = fileOf(colours(...Array.from({ length: 50_000 }, () => 'a')));
    await expect(produce([file], sink)).rejects.toThrow('the broker is gone');
    expect(sends).toBeLessThanOrEqual(8);
  });

  test('fails at once when a send fails while the next row is far off', async () => {
    const { sink } = recordingSink(async () => {
      throw new Error('the broker is gone');
    });
    const pace = createPace(10);
    const paused = produce([fileOf(colours('a', 'b'))], sink, {
      pace,
      clock: {
        ...leapingClock(),
        // A pause that no one ends but the failure itself.
        sleepUntil: (_, signal) =>
          new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true })),
      },
    });
    await expect(paused).rejects.toThrow('the broker is gone');
  });

  test('cannot keep rejects where nothing can be written', async () => {
    const folder = join(temporaryFolder(), 'rejects');
    mkdirSync(folder);
    await expect(rejectWriter(folder)).rejects.toMatchObject({ code: 'FILE_NOT_WRITABLE' });
    await expect(rejectWriter(join(folder, 'none', 'x.csv'))).rejects.toMatchObject({ code: 'FILE_NOT_WRITABLE' });
  });
});
