import { describe, expect, test } from 'vitest';
import { pipelineSchema, pipelinesSchema } from '../../src/records/pipeline-entry.ts';
import { builtInPipelines } from '../../src/records/pipelines.ts';

const faultsOf = (schema: typeof pipelineSchema | typeof pipelinesSchema, entry: unknown): string[] =>
  schema.safeParse(entry).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

describe('a pipeline of a config file', () => {
  test('needs a name and a topic', () => {
    expect(pipelineSchema.parse({ name: 'orders', topic: 'shop.orders' })).toEqual({
      name: 'orders',
      title: { zh: 'orders', en: 'orders' },
      topic: 'shop.orders',
      resultTopic: 'shop.orders_results',
      window: 1_000,
      labels: {},
      unknown: ['NULL', ''],
    });
  });

  test('may say all of it in short forms', () => {
    const entry = {
      name: 'brand',
      topic: 'brand',
      column: 'brand_id',
      where: 'action=2',
      window: '5s',
      title: 'Brand',
    };
    expect(pipelineSchema.parse({ ...entry, labels: { 1: 'Acme', 2: { zh: '二', en: 'Two' } }, unknown: [] })).toEqual({
      name: 'brand',
      title: { zh: 'Brand', en: 'Brand' },
      topic: 'brand',
      column: 'brand_id',
      whereRow: ['action=2'],
      resultTopic: 'brand_results',
      window: 5_000,
      labels: { 1: { zh: 'Acme', en: 'Acme' }, 2: { zh: '二', en: 'Two' } },
      unknown: [],
    });
  });

  test('may have windows that overlap', () => {
    const lengthsOf = (entry: object) => {
      const { window, slide, step } = pipelineSchema.parse({ name: 'a', topic: 'a', ...entry });
      return { window, slide, step };
    };
    expect(lengthsOf({ window: '1m', slide: '5s' })).toEqual({ window: 60_000, slide: 5_000 });
    expect(lengthsOf({ window: '1d', step: 1_000 })).toEqual({ window: 86_400_000, step: 1_000 });
  });

  test('takes one condition or a list of them', () => {
    const condition = { field: 'type', equals: 'buy' };
    for (const where of [condition, [condition]]) {
      expect(pipelineSchema.parse({ name: 'a', topic: 'a', where })).toMatchObject({ whereValue: [condition] });
    }
  });

  test.each([
    ['two ways to a value', { column: 'a', field: 'b' }, 'field: a pipeline has either'],
    ['results among the source records', { resultTopic: 't' }, 'resultTopic: the counts would go into'],
    [
      'a condition on a field of a row',
      { column: 'a', where: [{ field: 'b', exists: true }] },
      'where.0: with a column',
    ],
    ['a condition on a column of no CSV', { where: 'a=1' }, 'where: without a column'],
    ['a window without length', { window: 0 }, 'window'],
    ['a window of two shapes', { window: '1m', slide: '1s', step: '1s' }, 'step: cannot be given beside a slide'],
    ['a slide that leaves records out', { window: '1s', slide: '2s' }, 'slide: is longer than the window'],
    ['a slide that is too fine', { window: '1d', slide: '7ms' }, 'slide: cuts the window into 86400000 parts'],
    ['a step that does not end with the window', { window: '1m', step: '7s' }, 'step: does not divide'],
  ])('refuses %s', (_, entry, fault) => {
    expect(faultsOf(pipelineSchema, { name: 'a', topic: 't', ...entry })).toEqual([expect.stringContaining(fault)]);
  });
});

describe('the pipelines of a config file', () => {
  const brand = { name: 'brand', topic: 'brand', column: 'brand_id' };

  test('may count one topic several times', () => {
    const orders = ['city', 'type'].map((field) => ({
      name: field,
      topic: 'orders',
      field,
      resultTopic: `by_${field}`,
    }));
    expect(faultsOf(pipelinesSchema, orders)).toEqual([]);
  });

  test('have each a name of their own', () => {
    const faults = faultsOf(pipelinesSchema, [brand, { name: 'brand', topic: 'other' }]);
    expect(faults).toEqual(['1.name: another pipeline is called "brand"']);
  });

  test('do not send two columns to one topic, not even to that of a built-in one', () => {
    const faults = faultsOf(pipelinesSchema, [brand, { ...brand, name: 'b' }, { ...brand, name: 'c', topic: 'sex' }]);
    expect(faults).toEqual([
      expect.stringContaining('1.topic: the pipeline "brand"'),
      expect.stringContaining('"gender"'),
    ]);
  });

  test('may stand in for a built-in one, with its topic', () => {
    const gender = builtInPipelines.find(({ name }) => name === 'gender');
    expect(faultsOf(pipelinesSchema, [{ ...gender, window: 5_000 }])).toEqual([]);
  });
});
