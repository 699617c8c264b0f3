import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Pipeline } from '../../records/pipelines.ts';
import type { WindowStore } from '../../records/window-store.ts';
import { infoOf, pointOf, totalsOf } from '../snapshot.ts';
import { parseQuery, RequestError } from './request-error.ts';

const mostWindows = 10_000;

const time = z.string().transform((text, context) => {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isSafeInteger(value)) return value;
  context.addIssue({ code: 'custom', message: 'expected epoch milliseconds or an ISO 8601 time' });
  return z.NEVER;
});

const limit = z
  .string()
  .regex(/^\d{1,9}$/, 'expected a whole number')
  .transform(Number)
  .refine((value) => value >= 1 && value <= mostWindows, `expected 1 to ${mostWindows}`);

const pipeline = z.string('name a pipeline');
const seriesQuery = z
  .object({ pipeline, from: time.optional(), to: time.optional(), limit: limit.optional() })
  .strict()
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    message: 'it lies after "to"',
    path: ['from'],
  });
const totalsQuery = z.object({ pipeline: pipeline.optional() }).strict();

/** What scripts and pages ask over plain HTTP: which pipelines there are, their windows, their totals. */
export function apiRoutes(app: FastifyInstance, store: WindowStore, pipelines: readonly Pipeline[]): void {
  const find = (name: string) => {
    const found = pipelines.find((candidate) => candidate.name === name);
    if (found) return found;
    throw new RequestError(
      400,
      `pipeline: there is no "${name}"`,
      `choose from: ${pipelines.map((candidate) => candidate.name).join(', ')}`,
    );
  };

  app.get('/api/pipelines', async () =>
    pipelines.map((entry) => ({
      ...infoOf(entry),
      column: entry.column,
      field: entry.field,
      topic: entry.topic,
      resultTopic: entry.resultTopic,
    })),
  );

  app.get('/api/series', async (request) => {
    const { pipeline: name, from, to, limit: most = 1_000 } = parseQuery(seriesQuery, request.query);
    const { window } = find(name);
    const series = await store.series(name, {
      limit: most,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    });
    return { pipeline: name, window, series: series.map(pointOf) };
  });

  app.get('/api/totals', async (request) => {
    const { pipeline: name } = parseQuery(totalsQuery, request.query);
    const chosen = name === undefined ? pipelines : [find(name)];
    const entries = chosen.map(async (entry) => [entry.name, totalsOf(await store.totals(entry.name))] as const);
    return Object.fromEntries(await Promise.all(entries));
  });
}
