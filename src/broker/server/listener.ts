import { createServer, type Server, type Socket } from 'node:net';
import { DashctlError, errnoOf, messageOf } from '../../runtime/errors.ts';
import { collectYoungEvery } from '../../runtime/lean-heap.ts';
import type { BrokerContext } from '../context.ts';
import { ArrivalGauge } from './arrival-gauge.ts';
import { Connection } from './connection.ts';
import { MemoryGauge } from './memory-gauge.ts';

const mostConnections = 2000;
const mostRequestBytes = 256 * 1024 * 1024;
// A collection takes a millisecond, and more bytes make it longer.
const collectionBytes = 8 * 1024 * 1024;
const idleTimeout = 10 * 60 * 1000;
/** How long the last answers may take to leave when the broker stops. */
const farewell = 500;

/**
 * Takes a port, 0 for any that is free, but answers nobody before `serve`. On the loopback address it is taken for IPv6
 * too where there is such a thing, since `localhost` may mean either.
 * @throws DashctlError `PORT_TAKEN`, or `USAGE` for an address that is not this machine's.
 */
export async function listen(host: string, port: number): Promise<Listener> {
  const isLoopback = host === '127.0.0.1' || host === 'localhost';
  const first = await openServer(isLoopback ? '127.0.0.1' : host, port).catch((error: Error) => {
    throw explainListenError(error, host, port, '--port');
  });
  const second = isLoopback ? await openServer('::1', portOf(first)).catch(() => null) : null;
  return new Listener(portOf(first), second ? [first, second] : [first]);
}

async function openServer(host: string, port: number): Promise<Server> {
  const server = createServer({ pauseOnConnect: true });
  server.maxConnections = mostConnections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, resolve);
  });
  server.removeAllListeners('error');
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** The error for a port that cannot be had; `flag` is the one to choose another with. */
export function explainListenError(error: Error, host: string, port: number, flag: string): DashctlError {
  if (errnoOf(error) === 'EADDRINUSE') {
    return new DashctlError('PORT_TAKEN', `port ${port} on ${host} is taken`, {
      hint: `stop what listens there, or choose another ${flag}`,
      cause: error,
    });
  }
  return new DashctlError('USAGE', `cannot listen on ${host}:${port}: ${messageOf(error)}`, {
    hint: errnoOf(error) === 'EACCES' ? `choose a ${flag} above 1023` : `check --host and ${flag}`,
    cause: error,
  });
}

/** A listening port and the connections on it. */
export class Listener {
  readonly port: number;
  readonly #servers: readonly Server[];
  readonly #connections = new Map<Socket, Connection>();
  readonly #waiting: Socket[] = [];
  readonly #stopping = new AbortController();
  #accept: (socket: Socket) => void = (socket) => this.#waiting.push(socket);

  constructor(port: number, servers: readonly Server[]) {
    this.port = port;
    this.#servers = servers;
    for (const server of servers) server.on('connection', (socket) => this.#accept(socket));
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Answers all who are connected and all who come; `onError` hears of it when no more can come. */
  serve(context: BrokerContext, onError: (error: Error) => void): void {
    const memory = new MemoryGauge(mostRequestBytes);
    const arrivals = new ArrivalGauge(mostRequestBytes);
    const onRead = collectYoungEvery(collectionBytes);
    this.#accept = (socket) => {
      context.metrics.connections++;
      const connection = new Connection({ socket, context, memory, arrivals, onRead, stopping: this.#stopping.signal });
      this.#connections.set(socket, connection);
      socket.setTimeout(idleTimeout, () => connection.isIdle && socket.destroy());
      socket.once('close', () => this.#connections.delete(socket));
      socket.resume();
    };
    for (const server of this.#servers) {
      server.on('error', onError);
      server.on('drop', () => context.logger.warn(`connection refused: there are ${mostConnections} already`));
    }
    for (const socket of this.#waiting.splice(0)) this.#accept(socket);
  }

  /** Accepts nobody any more, answers what waits, and closes; after `patience` ms without regard to answers. */
  async close(patience: number): Promise<void> {
    const closed = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    this.#stopping.abort();
    const settled = Promise.all([...this.#connections.values()].map((connection) => connection.settle()));
    await orAfter(patience, settled);
    const sockets = [...this.#connections.keys(), ...this.#waiting];
    // Ending rather than destroying lets the last answers out.
    await orAfter(farewell, Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.end(resolve)))));
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
  }
}

/** Waits for work, but no longer than so many ms. */
async function orAfter(patience: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patient = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patience);
  });
  await Promise.race([work, patient]);
  clearTimeout(timer);
}
