import type { FastifyInstance } from 'fastify';
import type { Pipeline } from '../../records/pipelines.ts';
import type { WindowStore } from '../../records/window-store.ts';
import type { PipelineAnswer, SumsAnswer, TotalsAnswer, ValuesAnswer, WindowsAnswer } from '../answers.ts';
import { csvLines, csvOf, inChunks, sendCsv, seriesNames, seriesRows, valuesCsv, windowsCsv } from '../csv.ts';
import { allPoints, readSeries, type SeriesRequest } from '../history/series.ts';
import { type StoredRange, storedRanges } from '../history/stored-range.ts';
import { readSums } from '../history/sums.ts';
import { valueRows } from '../history/value-rows.ts';
import { windowRows } from '../history/window-rows.ts';
import { described } from '../openapi.ts';
import { infoOf, totalsOf } from '../snapshot.ts';
import { apiDescriptions } from './api-descriptions.ts';
import { noQuery, pageOf, seriesQuery, sumsQuery, totalsQuery, valuesQuery, windowsQuery } from './queries.ts';
import { parseQuery, RequestError } from './request-error.ts';

/** What scripts and pages ask over plain HTTP: which pipelines there are, what was counted when, their totals. */
export function apiRoutes(app: FastifyInstance, store: WindowStore, pipelines: readonly Pipeline[]): void {
  const storedOf = storedRanges(store);

  const find = (name: string) => {
    const found = pipelines.find((candidate) => candidate.name === name);
    if (found) return found;
    throw new RequestError(
      400,
      `pipeline: there is no "${name}"`,
      `choose from: ${pipelines.map((candidate) => candidate.name).join(', ')}`,
    );
  };

  app.get('/api/pipelines', described(apiDescriptions.pipelines), async (request) => {
    parseQuery(noQuery, request.query);
    return pipelines.map(
      (entry): PipelineAnswer => ({
        ...infoOf(entry),
        ...(entry.column === undefined ? {} : { column: entry.column }),
        ...(entry.field === undefined ? {} : { field: entry.field }),
        topic: entry.topic,
        resultTopic: entry.resultTopic,
      }),
    );
  });

  app.get('/api/series', described(apiDescriptions.series), async (request, reply) => {
    const query = parseQuery(seriesQuery, request.query);
    const pipeline = find(query.pipeline);
    const stored = await storedOf(pipeline);
    if (query.format === 'json') return await readSeries(store, pipeline, stored, query);
    return await sendCsv(reply, `${pipeline.name}-series`, seriesLines(store, pipeline, stored, query));
  });

  app.get('/api/totals', described(apiDescriptions.totals), async (request, reply) => {
    const { pipeline: name, format } = parseQuery(totalsQuery, request.query);
    const chosen = name === undefined ? pipelines : [find(name)];
    const entries = chosen.map(async (entry) => [entry.name, totalsOf(await store.totals(entry.name))] as const);
    const totals: TotalsAnswer = Object.fromEntries(await Promise.all(entries));
    if (format === 'json') return totals;
    const rows = Object.entries(totals).flatMap(([pipeline, { counts }]) =>
      Object.entries(counts).map(([value, count]) => [pipeline, value, count]),
    );
    return await sendCsv(
      reply,
      name === undefined ? 'totals' : `${name}-totals`,
      csvOf(['pipeline', 'value', 'count'], rows),
    );
  });

  app.get('/api/sums', described(apiDescriptions.sums), async (request, reply) => {
    const query = parseQuery(sumsQuery, request.query);
    const pipeline = find(query.pipeline);
    const { counts, from, to } = await readSums(store, pipeline.name, await storedOf(pipeline), query);
    const answer: SumsAnswer = { pipeline: pipeline.name, from, to, counts: Object.fromEntries(counts) };
    if (query.format === 'json') return answer;
    return await sendCsv(reply, `${pipeline.name}-sums`, csvOf(['value', 'count'], counts));
  });

  app.get('/api/windows', described(apiDescriptions.windows), async (request, reply) => {
    const query = parseQuery(windowsQuery, request.query);
    const { name } = find(query.pipeline);
    const { rows, truncated } = await windowRows(store, name, query);
    const page = pageOf(rows, query);
    if (query.format === 'csv') return await sendCsv(reply, `${name}-windows`, windowsCsv(page, query.key));
    const answer: WindowsAnswer = {
      pipeline: name,
      resolution: query.resolution,
      rows: page,
      count: rows.length,
      truncated,
    };
    return answer;
  });

  app.get('/api/values', described(apiDescriptions.values), async (request, reply) => {
    const query = parseQuery(valuesQuery, request.query);
    const pipeline = find(query.pipeline);
    const isOfAll = query.from === undefined && query.to === undefined;
    const { counts } = isOfAll
      ? await store.totals(pipeline.name)
      : await readSums(store, pipeline.name, await storedOf(pipeline), query);
    const order = query.order ?? (query.sort === 'count' ? 'desc' : 'asc');
    const { rows, total } = valueRows(pipeline, counts, { ...query, order });
    const page = pageOf(rows, query);
    if (query.format === 'csv') return await sendCsv(reply, `${pipeline.name}-values`, valuesCsv(page));
    const answer: ValuesAnswer = { pipeline: pipeline.name, rows: page, count: rows.length, total };
    return answer;
  });
}

/** As CSV, whole windows, minutes or hours come however many there are, unless they are limited. */
async function* seriesLines(
  store: WindowStore,
  pipeline: Pipeline,
  stored: StoredRange | undefined,
  query: SeriesRequest,
): AsyncGenerator<string> {
  const { name } = pipeline;
  const { resolution, limit } = query;
  if (stored && resolution !== 'auto' && limit === undefined) {
    yield* csvOf(seriesNames, []);
    for await (const page of allPoints(store, name, stored, query, resolution)) {
      yield* inChunks(csvLines(seriesRows(name, page)));
    }
    return;
  }
  const { series } = await readSeries(store, pipeline, stored, query);
  const windows = series.values().map((point) => ({ ...point, counts: Object.entries(point.counts) }));
  yield* csvOf(seriesNames, seriesRows(name, windows));
}
