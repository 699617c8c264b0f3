import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { explainListenError } from './listener.ts';

/** The port that a scraper reads. */
export interface MetricsPort {
  /** `http://127.0.0.1:9404/metrics` */
  readonly url: string;
  /** Begins to answer, with the text of the moment. */
  serve(text: () => string): void;
  close(): Promise<void>;
}

const host = '127.0.0.1';

/**
 * Takes a port for text at `/metrics`, to this machine alone: it names all topics, and there is no login.
 * @param port 0 for any that is free.
 * @throws DashctlError `PORT_TAKEN`.
 */
export async function openMetricsPort(port: number, contentType: string): Promise<MetricsPort> {
  let text: (() => string) | undefined;
  const server = createServer((request, response) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!text) response.writeHead(503).end();
    else if (isRead && request.url?.split('?')[0] === '/metrics') {
      response.setHeader('content-type', contentType).end(text());
    } else response.writeHead(404, { 'content-type': 'text/plain' }).end('see /metrics\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explainListenError(error, host, port, '--metrics-port')));
    server.listen({ host, port }, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${taken}/metrics`,
    serve(current) {
      text = current;
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
