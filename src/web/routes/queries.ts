import { z } from 'zod';

/** Points that an answer holds at most: more than a screen has columns for. */
const mostPoints = 2_000;
/** Rows, windows or points that may be asked for at once. */
const mostRows = 10_000;
const defaultRows = 50;

const time = z
  .string()
  .transform((text, context) => {
    const value = /^-?\d{1,16}$/.test(text) ? Number(text) : Date.parse(text);
    if (Number.isSafeInteger(value)) return value;
    context.addIssue({ code: 'custom', message: 'expected epoch milliseconds or an ISO 8601 time' });
    return z.NEVER;
  })
  .optional();

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'expected a whole number')
    .transform(Number)
    .refine((value) => value >= least && value <= most, `expected ${least} to ${most}`);

const choice = <const T extends readonly [string, ...string[]]>(...values: T) =>
  z.enum(values, `expected ${values.slice(0, -1).join(', ')}${values.length > 1 ? ' or ' : ''}${values.at(-1)}`);

const pipeline = z.string('name a pipeline').describe('name of a pipeline, as /api/pipelines tells it');
const from = time.describe('windows that start then or later: epoch milliseconds or ISO 8601');
const to = time.describe('windows that start before then: epoch milliseconds or ISO 8601');
const format = choice('json', 'csv').default('json').describe('csv comes as a file');
const order = choice('asc', 'desc');
const paging = {
  offset: whole(0, 100_000_000).default(0).describe('rows to pass over'),
  limit: whole(1, mostRows).optional().describe(`rows to answer: ${defaultRows}, or all as csv, unless told otherwise`),
};

const notReversed = {
  check: (query: { from?: number | undefined; to?: number | undefined }) =>
    query.from === undefined || query.to === undefined || query.from <= query.to,
  fault: { message: 'it lies after "to"', path: ['from'] },
};
const ranged = <T extends z.ZodRawShape>(shape: T) => z.strictObject({ pipeline, from, to, ...shape, format });

const resolution = choice('window', 'minute', 'hour')
  .default('window')
  .describe('windows as they were counted, or their sums per minute or hour');

export const noQuery = z.strictObject({});

export const seriesQuery = ranged({
  resolution: choice('auto', 'window', 'minute', 'hour')
    .default('auto')
    .describe('what points are made of; auto takes the finest that needs no more than `points`'),
  points: whole(2, mostPoints).default(mostPoints).describe('points that auto answers at most'),
  limit: whole(1, mostRows).optional().describe('only the newest so many points'),
}).refine(notReversed.check, notReversed.fault);

export const totalsQuery = z.strictObject({
  pipeline: pipeline.optional().describe('name of a pipeline; all of them without it'),
  format,
});

export const sumsQuery = ranged({}).refine(notReversed.check, notReversed.fault);

export const windowsQuery = ranged({
  resolution,
  key: z.string().optional().describe('only windows that have this value; `total` sorts by its count'),
  sort: choice('start', 'total').default('start'),
  order: order.default('desc'),
  ...paging,
}).refine(notReversed.check, notReversed.fault);

export const valuesQuery = ranged({
  search: z.string().max(200, 'expected at most 200 characters').optional().describe('part of the value or its label'),
  sort: choice('count', 'value').default('count'),
  order: order.optional().describe('desc by count and asc by value unless told otherwise'),
  ...paging,
}).refine(notReversed.check, notReversed.fault);

/** That page of rows which a query asks for. */
export const pageOf = <T>(
  rows: readonly T[],
  { offset, limit, format }: { offset: number; limit?: number | undefined; format: 'json' | 'csv' },
): T[] => rows.slice(offset, offset + (limit ?? (format === 'csv' ? rows.length : defaultRows)));
