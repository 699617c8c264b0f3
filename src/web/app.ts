import helmet from '@fastify/helmet';
import websocket from '@fastify/websocket';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Pipeline } from '../records/pipelines.ts';
import type { WindowStore } from '../records/window-store.ts';
import { DashctlError } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Live } from './live.ts';
import type { Page } from './pages.ts';
import { positionInAddress } from './position.ts';
import { apiRoutes } from './routes/api.ts';
import { healthRoute } from './routes/health.ts';
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
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);
const mostBytesFromPage = 1_024;

const hostnameOf = (host: string | undefined) => host?.replace(/:\d+$/, '').toLowerCase();

/** The web server, not yet listening. Closing it closes the websockets and the hub with them. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { live, localOnly } = options;
  // A line for each request is of no use to anyone here; faults are.
  const quieter = options.logger.isLevelEnabled('warn') ? options.logger.child({}, { level: 'warn' }) : options.logger;
  const logger: FastifyBaseLogger = quieter;
  const app = Fastify({ loggerInstance: logger });

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
        formAction: ["'none'"],
        frameAncestors: ["'self'"],
      },
    },
    // These mean something over TLS only; over plain HTTP browsers complain about them on the console.
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
  });
  await app.register(websocket, {
    options: { maxPayload: mostBytesFromPage },
    preClose(done) {
      live.close();
      app.websocketServer.close(() => done());
    },
  });

  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    if (error instanceof DashctlError && error.code === 'STORE_UNREACHABLE') {
      return reply.code(503).send({ error: error.message, hint: 'it works again when the database does' });
    }
    const status = error.statusCode ?? 500;
    if (status >= 500) {
      request.log.error({ err: error }, `${request.method} ${request.url} failed`);
      return reply.code(status).send({ error: 'the server failed', hint: 'its log says why' });
    }
    const hint = error instanceof RequestError ? error.hint : undefined;
    return reply.code(status).send({ error: error.message, ...(hint ? { hint } : {}) });
  });
  app.setNotFoundHandler((request, reply) => {
    reply.code(404).send({ error: `there is no ${request.method} ${request.url.split('?')[0]}` });
  });

  healthRoute(app, live);
  apiRoutes(app, options.store, options.pipelines);
  app.get('/ws', { websocket: true, onRequest: checkOrigin }, (socket, request) =>
    live.attach(socket, request.socket, positionInAddress(request.query)),
  );
  staticRoutes(app, options.pages);
  return app;
}

// Browsers let any page open a websocket to any server; only the Origin header tells whose page it is. Programs
// other than browsers send none.
async function checkOrigin({ headers }: FastifyRequest): Promise<void> {
  if (headers.origin === undefined) return;
  const origin = URL.canParse(headers.origin) ? new URL(headers.origin).host : undefined;
  if (origin !== undefined && origin === headers.host?.toLowerCase()) return;
  throw new RequestError(403, 'pages of another site may not listen here');
}
