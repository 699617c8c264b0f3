import type { FastifyInstance } from 'fastify';
import { version } from '../../runtime/version.ts';
import type { Live } from '../live.ts';

/** For probes and scripts: that the server answers, and what the stages last told it. */
export function healthRoute(app: FastifyInstance, live: Live): void {
  app.get('/healthz', async () => ({
    ok: true,
    version,
    uptimeSeconds: Math.round(process.uptime()),
    clients: live.clients,
    status: live.currentStatus,
  }));
}
