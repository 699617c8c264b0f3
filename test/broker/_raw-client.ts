import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Api } from '../../src/broker/apis/api.ts';
import { compileReader, compileWriter } from '../../src/broker/protocol/codec.ts';
import { Reader } from '../../src/broker/protocol/reader.ts';
import type { Decoded, Encodable, Schema } from '../../src/broker/protocol/schema.ts';
import { Writer } from '../../src/broker/protocol/writer.ts';
import { responseFrames } from '../_support/response-frames.ts';

interface Typed<Q extends Schema, S extends Schema> extends Api {
  readonly request: Q;
  readonly response: S;
}

/** A connection that says exactly what a test wants said. */
export interface RawClient {
  readonly socket: Socket;
  /** Sends a request and gives its answer, which must be the next one to arrive that nobody waits for yet. */
  call<Q extends Schema, S extends Schema>(
    api: Typed<Q, S>,
    version: number,
    request: Encodable<Q>,
  ): Promise<Decoded<S>>;
  /** Sends a request and waits for nothing. */
  send<Q extends Schema, S extends Schema>(api: Typed<Q, S>, version: number, request: Encodable<Q>): void;
  /** The next frame that arrives. */
  frame(): Promise<Buffer>;
  /** Resolves when the broker has closed the connection. */
  closed: Promise<unknown>;
  close(): void;
}

export async function connectRaw(port: number): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1' });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const framesOf = responseFrames();
  const arrived: Buffer[] = [];
  const waiting: { resolve: (frame: Buffer) => void; reject: (error: Error) => void }[] = [];
  socket.on('data', (chunk: Buffer) => {
    for (const frame of framesOf(chunk)) {
      const next = waiting.shift();
      if (next) next.resolve(frame);
      else arrived.push(frame);
    }
  });
  socket.on('close', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error('the broker closed the connection'));
  });
  let lastCorrelationId = 0;
  const frame = () => {
    const next = arrived.shift();
    if (!next && socket.destroyed) return Promise.reject(new Error('the broker closed the connection'));
    return next ? Promise.resolve(next) : new Promise<Buffer>((resolve, reject) => waiting.push({ resolve, reject }));
  };
  const send: RawClient['send'] = (api, version, request) => {
    socket.write(requestFrame(api, version, ++lastCorrelationId, request));
  };
  return {
    socket,
    closed,
    frame,
    send,
    async call<Q extends Schema, S extends Schema>(api: Typed<Q, S>, version: number, request: Encodable<Q>) {
      send(api, version, request);
      const correlationId = lastCorrelationId;
      const reader = new Reader(await frame());
      const answered = reader.int32();
      if (answered !== correlationId) throw new Error(`answer ${answered} to request ${correlationId}`);
      if (api.isFlexible(version) && api.key !== 18) reader.skipTags();
      const response = compileReader(api.response, version, api.isFlexible(version))(reader);
      if (reader.remaining > 0) throw new Error(`${reader.remaining} bytes behind the answer`);
      return response as Decoded<S>;
    },
    close: () => socket.destroy(),
  };
}

/** A whole frame, as a client sends it. */
export function requestFrame<Q extends Schema>(
  api: Typed<Q, Schema>,
  version: number,
  correlationId: number,
  request: Encodable<Q>,
): Buffer {
  const writer = new Writer();
  writer.int32(0);
  writer.int16(api.key);
  writer.int16(version);
  writer.int32(correlationId);
  writer.string('raw-client', false);
  if (api.isFlexible(version)) writer.uvarint(0);
  compileWriter(api.request as Schema<unknown, Encodable<Q>>, version, api.isFlexible(version))(writer, request);
  const bytes = Buffer.concat(writer.finish().chunks);
  bytes.writeInt32BE(bytes.length - 4, 0);
  return bytes;
}
