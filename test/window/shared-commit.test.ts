import { describe, expect, test } from 'vitest';
import { decodePosition, encodePosition, freshPosition, type SavedPosition } from '../../src/window/saved-position.ts';
import { joinCommits, splitCommit } from '../../src/window/shared-commit.ts';
import type { CommitPoint } from '../../src/window/topic-counts.ts';

const position = (offset: number, more: Partial<SavedPosition> = {}): SavedPosition => ({
  ...freshPosition(offset),
  next: offset + 10,
  watermark: 1_000,
  ...more,
});
const point = (saved: SavedPosition): CommitPoint => ({
  partition: 3,
  offset: saved.offset,
  metadata: encodePosition(saved, 1_000),
});
const none = new Map<string, CommitPoint>();

const split = (offset: number, metadata: string, first: string) =>
  new Map(
    [...splitCommit(offset, metadata, first)].map(([name, own]) => [name, decodePosition(own.offset, own.metadata)]),
  );

describe('the commit of a topic', () => {
  test('that one pipeline counts is that of the pipeline', () => {
    const own = point(position(5));
    expect(joinCommits(new Map([['city', own]]), none)).toEqual(own);
    expect(split(own.offset, own.metadata, 'city')).toEqual(new Map([['city', position(5)]]));
  });

  test('that several count begins where the first of them needs it, and gives each its own back', () => {
    const [city, type] = [position(5, { late: 2 }), position(9, { revisions: new Map([[1_000, 3]]) })];
    const joined = joinCommits(
      new Map([
        ['city', point(city)],
        ['type', point(type)],
      ]),
      none,
    );
    expect(joined).toMatchObject({ partition: 3, offset: 5 });
    expect(split(joined.offset, joined.metadata, 'x')).toEqual(
      new Map([
        ['city', city],
        ['type', type],
      ]),
    );
  });

  test('keeps what a pipeline has left that does not count now, and is not held back by it', () => {
    const joined = joinCommits(new Map([['city', point(position(50))]]), new Map([['type', point(position(7))]]));
    expect(joined.offset).toBe(50);
    expect(split(joined.offset, joined.metadata, 'x').get('type')).toEqual(position(7));
  });

  test('never grows beyond what Kafka takes: revisions go first, then those that do not count', () => {
    const revisions = new Map(
      Array.from({ length: 100 }, (_, index) => [1_700_000_000_000 + index * index * 1_000, (index % 7) + 1]),
    );
    const changelog = { snapshot: 'a', next: 2 };
    const many = (count: number, more = {}) =>
      new Map(Array.from({ length: count }, (_, index) => [`p${index}`, position(index, more)]));
    const points = new Map([...many(4, { revisions, changelog })].map(([name, saved]) => [name, point(saved)]));
    for (const count of [0, 10, 200]) {
      const others = new Map([...many(count)].map(([name, saved]) => [`other-${name}`, point(saved)]));
      const joined = joinCommits(points, others);
      expect(joined.metadata.length).toBeLessThanOrEqual(4_096);
      expect(split(0, joined.metadata, 'x').get('p3')).toMatchObject({
        offset: 3,
        next: 13,
        watermark: 1_000,
        changelog,
      });
    }
  });

  test.each(['', 'x', '{}', '{"pipelines": 1}', '{"pipelines": {"a": {"offset": "1"}}}', '{"pipelines": {"a": null}}'])(
    'with the metadata %j of another tool is a place to begin',
    (metadata) => expect(split(7, metadata, 'city')).toEqual(new Map([['city', freshPosition(7)]])),
  );
});
