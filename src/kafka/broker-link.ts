import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import KafkaBroker from 'kafkajs/src/broker/index.js';
import ConnectionPool, { type InternalLogger, type SocketOptions } from 'kafkajs/src/network/connectionPool.js';
import { DashctlError } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Api } from './apis.ts';
import type { KafkaConnection } from './connection.ts';
import './kafkajs-timers.ts';
import { replyFrames } from './reply-frames.ts';

/** A TCP connection to one broker, ready for requests. It is not reopened: when it is lost, open another. */
export interface BrokerLink {
  /** `host:port` */
  readonly address: string;
  /** The version of a request to send: the broker's highest, up to `most`; throws where the broker lacks the API. */
  version(apiKey: number, most: number): number;
  call<Args extends object, Reply>(api: Api<Args, Reply>, args: Args): Promise<Reply>;
  /** Sends the body of a request as it is, in pieces that are not copied; resolves with the body of the reply. */
  exchange(request: RawRequest): Promise<Buffer>;
  /** Honours the broker's wish for less (KIP-219), in ms. */
  throttle(time: number): void;
  isOpen(): boolean;
  /** Ends the connection at once; requests without a reply are rejected. */
  close(): void;
}

export interface RawRequest {
  apiKey: number;
  apiVersion: number;
  apiName: string;
  body: readonly Buffer[];
  /** How long the broker may take, in ms. */
  timeout: number;
  /** Where its reply goes, given its size; into a buffer of its own unless told. */
  room?: (size: number) => Buffer;
}

const requestTimeout = 15_000;
// One buffer for all that a connection reads; without it Node makes one of this size for each read.
const readSize = 64 * 1024;
// Opening a TCP connection, TLS, ApiVersions and the login, each of which kafkajs times for itself or not at all.
const openTimeout = 5_000;

/**
 * Opens a connection to a broker and logs in.
 * @throws what kafkajs throws; `toDashctlError` translates it.
 */
export async function openLink(
  connection: KafkaConnection,
  host: string,
  port: number,
  connectTimeout: number,
): Promise<BrokerLink> {
  const logger = bridgeTo(connection.logger);
  const connectionPool = new ConnectionPool({
    host,
    port,
    ssl: connection.ssl ?? null,
    // kafkajs keeps the state of a login in the object that it is given.
    sasl: connection.sasl ? { ...connection.sasl } : null,
    clientId: connection.clientId,
    socketFactory: openSocket,
    connectionTimeout: connectTimeout,
    requestTimeout,
    enforceRequestTimeout: true,
    maxInFlightRequests: null,
    reauthenticationThreshold: 10_000,
    logger,
  });
  const broker = new KafkaBroker({
    connectionPool,
    logger,
    versions: null,
    authenticationTimeout: openTimeout,
    allowAutoTopicCreation: false,
  });
  const [channel] = connectionPool.pool;
  // kafkajs keeps the pieces of a reply until it has all of them; what a socket has read is overwritten by then.
  const keep = channel.processData;
  channel.processData = (chunk) => keep.call(channel, Buffer.from(chunk));
  const close = (reason = 'the connection was closed') => {
    channel.requestQueue.destroy();
    channel.rejectRequests(connectionError(reason, `${host}:${port}`));
    channel.socket?.destroy();
  };
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new DashctlError(
            'BROKER_UNREACHABLE',
            `${host}:${port} takes connections, but does not answer as Kafka does`,
            {
              hint: 'is it another service, or a port that wants TLS (--ssl)?',
            },
          ),
        ),
      openTimeout,
    );
  });
  try {
    await Promise.race([broker.connect(), tooLate]);
  } catch (error) {
    close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return linkOver(connection, broker, channel, `${host}:${port}`, close);
}

function linkOver(
  connection: KafkaConnection,
  broker: KafkaBroker,
  channel: ConnectionPool.Connection,
  address: string,
  close: (reason?: string) => void,
): BrokerLink {
  const header = Buffer.from(connection.clientId);
  let closed = false;
  const rooms = new Map<number, (size: number) => Buffer>();
  const takeChunk = replyFrames(
    (correlationId, size) => rooms.get(correlationId)?.(size),
    (correlationId, payload) => {
      rooms.delete(correlationId);
      channel.requestQueue.fulfillRequest({ correlationId, payload, size: payload.length });
    },
  );
  // From here on no login has to see what is read.
  channel.processData = (chunk) => {
    try {
      takeChunk(chunk);
    } catch (error) {
      channel.socket?.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };
  // A login that ends soon is not renewed under way, which kafkajs cannot do while replies are due: a new link logs in.
  const isOpen = () => !closed && channel.isConnected() && (!connection.sasl || channel.isAuthenticated());
  const requireOpen = () => {
    if (!isOpen()) throw connectionError('the connection is closed', address);
  };
  return {
    address,
    version(apiKey, most) {
      const range = broker.versions[apiKey];
      if (!range) throw connectionError(`it does not know request ${apiKey}`, address);
      return Math.min(range.maxVersion, most);
    },
    async call(api, args) {
      requireOpen();
      const { request, decode, requestTimeout } = api.prepare(broker.versions, args);
      const response = { decode, parse: (reply: Awaited<ReturnType<typeof decode>>) => reply };
      return await channel.send({ request, response, requestTimeout, logResponseError: false });
    },
    exchange({ apiKey, apiVersion, apiName, body, timeout, room }) {
      return new Promise((resolve, reject) => {
        requireOpen();
        const correlationId = channel.nextCorrelationId();
        if (room) rooms.set(correlationId, room);
        const bodySize = body.reduce((size, piece) => size + piece.length, 0);
        const head = Buffer.allocUnsafe(14 + header.length);
        head.writeInt32BE(10 + header.length + bodySize, 0);
        head.writeInt16BE(apiKey, 4);
        head.writeInt16BE(apiVersion, 6);
        head.writeInt32BE(correlationId, 8);
        head.writeInt16BE(header.length, 12);
        head.set(header, 14);
        channel.requestQueue.push({
          entry: {
            apiKey,
            apiVersion,
            apiName,
            correlationId,
            resolve: ({ payload }) => resolve(payload),
            reject,
          },
          expectResponse: true,
          requestTimeout: timeout,
          sendRequest: () => writeAll(channel.socket, head, body),
        });
      });
    },
    throttle: (time) => channel.requestQueue.maybeThrottle(time),
    isOpen,
    close() {
      if (closed) return;
      closed = true;
      close();
    },
  };
}

function writeAll(socket: Socket | undefined, head: Buffer, body: readonly Buffer[]): void {
  socket?.cork();
  socket?.write(head);
  for (const piece of body) socket?.write(piece);
  socket?.uncork();
}

/** An error in kafkajs's own form, so that one place translates both. */
function connectionError(message: string, broker: string): Error {
  return Object.assign(new Error(message), { name: 'KafkaJSConnectionError', broker });
}

// Requests are small and answers are waited for: without noDelay, a second request waits for the first one's TCP
// acknowledgement, up to 40 ms.
function openSocket({ host, port, ssl, onConnect }: SocketOptions): Socket {
  const socket = ssl
    ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...ssl }, onConnect)
    : connectTcp({ host, port, onread: { buffer: Buffer.allocUnsafeSlow(readSize), callback: onRead } }, onConnect);
  return socket.setNoDelay(true).setKeepAlive(true, 60_000);

  function onRead(size: number, buffer: Uint8Array): boolean {
    socket.emit('data', Buffer.from(buffer.buffer, buffer.byteOffset, size));
    return true;
  }
}

// Whoever opens a link knows whether a failure is expected, a retry say, and logs it. What kafkajs says of it, with
// stack traces, is for --log-level debug.
function bridgeTo(logger: Logger): InternalLogger {
  const log = (message: string, extra?: Record<string, unknown>) => {
    if (!logger.isLevelEnabled('debug')) return;
    const { broker, correlationId, error, size } = extra ?? {};
    logger.debug({ broker, correlationId, error: error instanceof Error ? error.message : error, size }, message);
  };
  const bridge: InternalLogger = { namespace: () => bridge, debug: log, info: log, warn: log, error: log };
  return bridge;
}
