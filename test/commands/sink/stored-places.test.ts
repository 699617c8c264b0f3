import { expect, test } from 'vitest';
import { namesWith, startingPlaces } from '../../../src/commands/sink/stored-places.ts';
import { builtInPipelines } from '../../../src/records/pipelines.ts';
import { testConnection } from '../../kafka/_clusters.ts';

const [gender, category] = builtInPipelines.slice(0, 2).map((pipeline) => ({ ...pipeline, resultTopic: 'result' }));
if (!gender || !category) throw new Error('there are no pipelines');
const ids = new Map([['result', 'first']]);
const ends = [
  { topic: 'result', partition: 0, offset: 10 },
  { topic: 'result', partition: 1, offset: 20 },
];

const places = (pipelines: readonly (typeof gender)[], stored: Record<string, number>, id = ids) => {
  const { connection, lines } = testConnection('nowhere');
  const found = startingPlaces(ends, new Map(Object.entries(stored)), namesWith(pipelines, id), connection.logger);
  return { found: Object.fromEntries(found), lines };
};

test('reading goes on where it stopped, and begins at the start of partitions that are new', () => {
  expect(places([gender], { 'gender result/0@first': 10 }).found).toEqual({ 'result/0': 10 });
  expect(places([gender], {}).found).toEqual({});
});

test('a pipeline that is added to a topic is read from the beginning', () => {
  expect(places([gender, category], { 'gender result/0@first': 10 }).found).toEqual({});
  const both = { 'gender result/0@first': 10, 'category result/0@first': 4 };
  expect(places([gender, category], both).found).toEqual({ 'result/0': 4 });
});

test('a topic that was made anew is read from its beginning', () => {
  expect(places([gender], { 'gender result/0@former': 3 }).found).toEqual({});
});

test('a topic that ends before what was read of it is read from its beginning, with a warning', () => {
  const { found, lines } = places([gender], { 'gender result/0@first': 11, 'gender result/1@first': 20 });
  expect(found).toEqual({ 'result/1': 20 });
  expect(lines).toEqual(['result/0 ends at 10, but was read up to 11: reading it from its beginning']);
});

test('where brokers give topics no ids, their names do', () => {
  expect(places([gender], { 'gender result/0': 3 }, new Map()).found).toEqual({ 'result/0': 3 });
});
