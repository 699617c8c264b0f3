import { pino } from 'pino';
import { expect, test } from 'vitest';
import { rejectedValuesReport } from '../../../src/commands/aggregate/rejected-values.ts';
import { tumbling } from '../../../src/records/window-shape.ts';
import { freshPosition } from '../../../src/window/saved-position.ts';
import { topicCounts } from '../../../src/window/topic-counts.ts';

function reporting() {
  const lines: string[] = [];
  const logger = pino({}, { write: (line: string) => lines.push(JSON.parse(line).msg) });
  let now = 100_000;
  const clock = { now: () => now, sleepUntil: async () => undefined };
  const counts = topicCounts({ shape: tumbling(1_000), outOfOrderness: 0 }, new Map([[2, freshPosition(0)]]));
  const report = rejectedValuesReport({ clock, logger });
  let offset = 0;
  return {
    lines,
    reject(values: number) {
      const records = Array.from({ length: values }, () => ({
        offset: offset++,
        timestamp: 0,
        value: Buffer.of(0xff),
      }));
      counts.take({ partition: 2, records, nextOffset: offset, highWatermark: offset, caughtUp: true });
    },
    pass: (time: number) => {
      now += time;
    },
    report: (atEnd = false) => report('city', 'orders', counts, { atEnd }),
  };
}

test('values that are not counted are told at once, with place and reason of the first', () => {
  const { lines, reject, report } = reporting();
  report();
  expect(lines).toEqual([]);
  reject(1);
  report();
  expect(lines).toEqual(['city: the value in orders/2 at offset 0 is not counted: not UTF-8']);
});

test('more of them are told together ten seconds later, or at the end', () => {
  const { lines, reject, pass, report } = reporting();
  reject(1);
  report();
  for (let round = 0; round < 9; round++) {
    pass(1_000);
    reject(100);
    report();
  }
  expect(lines).toHaveLength(1);
  pass(1_000);
  report();
  expect(lines[1]).toBe('city: 900 values are not counted, the first in orders/2 at offset 1: not UTF-8');
  reject(1);
  report(true);
  expect(lines[2]).toContain('at offset 901');
  report(true);
  expect(lines).toHaveLength(3);
});
