import { expect, test } from 'vitest';
import { pipelineSchema } from '../../src/records/pipeline-entry.ts';
import { builtInPipelines } from '../../src/records/pipelines.ts';
import { userLogColumns } from '../../src/records/user-log.ts';

test('the built-in pipelines fit the schema that a config file is held to', () => {
  for (const pipeline of builtInPipelines) expect(pipelineSchema.parse(pipeline)).toEqual(pipeline);
});

test('each built-in pipeline counts a column of the user log, in topics of its own', () => {
  for (const { column } of builtInPipelines) expect(userLogColumns).toContain(column);
  const topics = builtInPipelines.flatMap(({ topic, resultTopic }) => [topic, resultTopic]);
  expect(new Set(topics).size).toBe(topics.length);
});

test('the topics of the two original systems keep their names', () => {
  const topics = Object.fromEntries(
    builtInPipelines.map(({ name, topic, resultTopic }) => [name, [topic, resultTopic]]),
  );
  expect(topics).toMatchObject({ gender: ['sex', 'result'], category: ['category', 'category_results'] });
});

test('all 31 provinces have a name in both languages', () => {
  const labels = builtInPipelines.find(({ name }) => name === 'province')?.labels ?? {};
  expect(Object.keys(labels)).toHaveLength(31);
  expect(labels.内蒙古).toEqual({ zh: '内蒙古', en: 'Inner Mongolia' });
});
