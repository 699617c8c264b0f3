import type { FastifyInstance } from 'fastify';
import { version } from '../../runtime/version.ts';
import type { Live } from '../live.ts';
import { type Metrics, metricsType } from '../metrics.ts';
import { described } from '../openapi.ts';
import { healthAnswer, metricsAnswer, readyAnswer } from './answer-schemas.ts';
import { noQuery } from './queries.ts';

export interface HealthOptions {
  live: Live;
  /** Why pages cannot show what there is; nothing when they can. */
  reasons: () => Promise<string[]>;
  metrics: Metrics;
  /** Tell those who have no token nothing but whether it works. */
  isDiscreet: boolean;
}

/** For probes and scrapers: whether the server answers, whether it has something to show, and its figures. */
export function healthRoutes(app: FastifyInstance, { live, reasons, metrics, isDiscreet }: HealthOptions): void {
  const health = described({
    summary: 'Whether the server answers',
    query: noQuery,
    answer: healthAnswer,
    failures: {},
    isOpen: true,
  });
  app.get('/healthz', health, async () => {
    if (isDiscreet) return { ok: true };
    const uptimeSeconds = Math.round(process.uptime());
    return { ok: true, version, uptimeSeconds, clients: live.clients, status: live.currentStatus };
  });

  const ready = described({
    summary: 'Whether pages can show what there is',
    description:
      'At the start, when the topics have been read to where they were then; later, while broker and database answer.',
    query: noQuery,
    answer: readyAnswer,
    failures: { 503: { meaning: 'not ready', answer: readyAnswer } },
    isOpen: true,
  });
  app.get('/readyz', ready, async (_, reply) => {
    const known = await reasons();
    const isReady = known.length === 0;
    if (!isReady) reply.code(503);
    return isDiscreet || isReady ? { ready: isReady } : { ready: false, reasons: known };
  });

  const figures = described({
    summary: 'Figures of the server for Prometheus',
    query: noQuery,
    answer: metricsAnswer,
    type: 'text/plain',
    failures: {},
  });
  app.get('/metrics', figures, async (_, reply) => reply.type(metricsType).send(await metrics.text()));
  app.addHook('onResponse', async (request, reply) => {
    metrics.answered(request.routeOptions.url ?? 'none', reply.statusCode, reply.elapsedTime / 1_000);
  });
}
