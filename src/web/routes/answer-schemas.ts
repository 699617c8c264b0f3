import { z } from 'zod';
import type {
  ErrorAnswer,
  PipelineAnswer,
  SeriesAnswer,
  SumsAnswer,
  TotalsAnswer,
  ValuesAnswer,
  WindowsAnswer,
} from '../answers.ts';

// The same as the types that pages use; the compiler holds one to the other.

const time = z.int().describe('epoch ms');
const rangeEnd = time.nullable().describe('epoch ms; null when nothing is stored');
const count = z.int().min(0);
const counts = z.record(z.string(), z.int()).describe('value → records');
const label = z.strictObject({ zh: z.string(), en: z.string() });
const pipeline = z.string();
const resolution = z.enum(['window', 'minute', 'hour']);
const point = { start: time, end: time, revision: count.describe('corrections by late records'), counts };

export const pipelinesAnswer: z.ZodType<PipelineAnswer[]> = z.array(
  z.strictObject({
    name: z.string(),
    title: label,
    window: z.int().describe('length of a window, ms'),
    labels: z.record(z.string(), label).describe('value → what it is called'),
    unknown: z.array(z.string()).describe('values that mean "not known"'),
    column: z.string().exactOptional().describe('of the CSV'),
    field: z.string().exactOptional().describe('path into a JSON value'),
    topic: z.string(),
    resultTopic: z.string(),
  }),
);

export const seriesAnswer: z.ZodType<SeriesAnswer> = z.strictObject({
  pipeline,
  window: z.int().describe('length of a window, ms'),
  resolution: resolution.describe('what points are made of'),
  span: z.int().describe('time that one point covers, ms'),
  from: rangeEnd,
  to: rangeEnd,
  series: z.array(z.strictObject(point)).describe('ascending; points without counts are left out'),
});

export const totalsAnswer: z.ZodType<TotalsAnswer> = z.record(
  z.string(),
  z.strictObject({
    counts,
    windows: count,
    lateDropped: count.describe('records that came too late for any window'),
  }),
);

export const sumsAnswer: z.ZodType<SumsAnswer> = z.strictObject({ pipeline, from: rangeEnd, to: rangeEnd, counts });

export const windowsAnswer: z.ZodType<WindowsAnswer> = z.strictObject({
  pipeline,
  resolution,
  rows: z.array(
    z.strictObject({
      ...point,
      counts: counts.describe('the greatest twenty, and that of `key`'),
      lateDropped: count.describe('records that had come too late for any window by then'),
      total: z.int().describe('sum over all values'),
      values: count.describe('number of values'),
    }),
  ),
  count: count.describe('rows that match, of which `rows` is a page'),
  truncated: z.boolean().describe('more match than are looked at: these are of the newest'),
});

export const valuesAnswer: z.ZodType<ValuesAnswer> = z.strictObject({
  pipeline,
  rows: z.array(
    z.strictObject({
      value: z.string(),
      label: label.nullable(),
      unknown: z.boolean().describe('whether it means "not known"'),
      count: z.int(),
      share: z.number().describe('part of 1 of `total`'),
    }),
  ),
  count: count.describe('rows that match, of which `rows` is a page'),
  total: z.int().describe('sum over all values, not only those that match'),
});

export const errorAnswer: z.ZodType<ErrorAnswer> = z.strictObject({
  error: z.string().describe('what is wrong, in a line'),
  hint: z.string().exactOptional().describe('what to do'),
});

/** What probes are told; the reasons and the rest only where everybody may see the page, or to those who may. */
export const readyAnswer = z.strictObject({
  ready: z.boolean(),
  reasons: z.array(z.string()).optional().describe('why it is not'),
});

export const healthAnswer = z.looseObject({ ok: z.boolean() });

export const openapiAnswer = z.looseObject({ openapi: z.string() });

export const metricsAnswer = z.string();
