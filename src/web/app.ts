import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import websocket from '@fastify/websocket';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Pipeline } from '../records/pipelines.ts';
import type { WindowStore } from '../records/window-store.ts';
import { DashctlError } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { guardRoutes } from './guard.ts';
import type { Live } from './live.ts';
import { createMetrics } from './metrics.ts';
import { describeRoutes, openapiRoute } from './openapi.ts';
import type { Page } from './pages.ts';
import { positionInAddress } from './position.ts';
import { notYetReading, type ReadingState, readiness } from './readiness.ts';
import { apiRoutes } from './routes/api.ts';
import { healthRoutes } from './routes/health.ts';
import { RequestError } from './routes/request-error.ts';
import { staticRoutes } from './routes/static.ts';

export interface AppOptions {
  store: WindowStore;
  pipelines: readonly Pipeline[];
  live: Live;
  pages: ReadonlyMap<string, Page>;
  logger: Logger;
  /** Answer only requests that name this machine as their host; for a server that listens on loopback. */
  localOnly: boolean;
  /** Only those who know it are let in. */
  token?: string | undefined;
  /** Where the stage that fills the store has come to; without one, that is not waited for. */
  reading?: Readonly<ReadingState>;
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);
const mostBytesFromPage = 1_024;

const hostnameOf = (host: string | undefined) => host?.replace(/:\d+$/, '').toLowerCase();

/** The web server, not yet listening. Closing it closes the websockets and the hub with them. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { live, store, pipelines, localOnly, token } = options;
  const reading = options.reading ?? { ...notYetReading(), caughtUp: true };
  // A line for each request is of no use to anyone here; faults are.
  const quieter = options.logger.isLevelEnabled('warn') ? options.logger.child({}, { level: 'warn' }) : options.logger;
  const logger: FastifyBaseLogger = quieter;
  const app = Fastify({ loggerInstance: logger });

  // First, since it closes the connections of those whom a later hook turns away.
  await app.register(websocket, {
    options: { maxPayload: mostBytesFromPage },
    preClose(done) {
      live.close();
      app.websocketServer.close(() => done());
    },
  });

  // A page of another site can point a name of its own at this machine (DNS rebinding); the name gives it away.
  app.addHook('onRequest', async ({ headers }) => {
    const name = hostnameOf(headers.host);
    if (!localOnly || (name !== undefined && loopbackNames.has(name))) return;
    throw new RequestError(403, 'this server answers only to the name of its own machine', 'open it as localhost');
  });
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        connectSrc: ["'self'"],
        fontSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: [token === undefined ? "'none'" : "'self'"],
        frameAncestors: ["'self'"],
      },
    },
    // These mean something over TLS only; over plain HTTP browsers complain about them on the console.
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
  });
  await app.register(rateLimit, { global: false });
  if (token !== undefined) await guardRoutes(app, token);
  limitRequests(app);
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    if (error instanceof DashctlError && error.code === 'STORE_UNREACHABLE') {
      // What the database said may name a file or an address, which are not for readers.
      request.log.debug(error.message);
      return reply
        .code(503)
        .send({ error: 'the database does not answer', hint: 'it works again when the database does' });
    }
    const status = error.statusCode ?? 500;
    if (status >= 500) {
      request.log.error({ err: error }, `${request.method} ${pathOf(request)} failed`);
      return reply.code(status).send({ error: 'the server failed', hint: 'its log says why' });
    }
    const hint = error instanceof RequestError ? error.hint : undefined;
    return reply.code(status).send({ error: error.message, ...(hint ? { hint } : {}) });
  });
  app.setNotFoundHandler((request, reply) => {
    reply.code(404).send({ error: `there is no ${request.method} ${pathOf(request)}` });
  });

  await describeRoutes(app, { hasToken: token !== undefined });
  const reasons = readiness(store, reading);
  const metrics = createMetrics({ store, pipelines, live, reading, reasons });
  healthRoutes(app, { live, reasons, metrics, isDiscreet: token !== undefined });
  openapiRoute(app);
  apiRoutes(app, store, pipelines);
  app.get('/ws', { websocket: true, onRequest: checkOrigin }, (socket, request) =>
    live.attach(socket, request.socket, positionInAddress(request.query)),
  );
  staticRoutes(app, options.pages);
  return app;
}

const pathOf = ({ url }: FastifyRequest) => url.split('?')[0] ?? '';

// A page that somebody uses asks for three a second at most, and a class may sit behind one address; what a script could
// ask for has no bounds.
const mostRequests = 300;
const requestWindow = 10_000;

function limitRequests(app: FastifyInstance): void {
  const requests = app.createRateLimit({ max: mostRequests, timeWindow: requestWindow });
  app.addHook('onRequest', async (request, reply) => {
    if (!pathOf(request).startsWith('/api/')) return;
    const limit = await requests(request);
    if (limit.isAllowed || !limit.isExceeded) return;
    reply.header('retry-after', limit.ttlInSeconds);
    throw new RequestError(429, 'too many requests', `ask again in ${limit.ttlInSeconds} s`);
  });
}

// Browsers let any page open a websocket to any server; only the Origin header tells whose page it is. Programs
// other than browsers send none.
async function checkOrigin({ headers }: FastifyRequest): Promise<void> {
  if (headers.origin === undefined) return;
  const origin = URL.canParse(headers.origin) ? new URL(headers.origin).host : undefined;
  if (origin !== undefined && origin === headers.host?.toLowerCase()) return;
  throw new RequestError(403, 'pages of another site may not listen here');
}
