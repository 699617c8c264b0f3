import type { Socket } from 'node:net';
import { messageOf } from '../../runtime/errors.ts';
import type { Answer } from '../apis/api.ts';
import { route } from '../apis/router.ts';
import type { BrokerContext, Call } from '../context.ts';
import type { ApiMetrics } from '../metrics.ts';
import { ProtocolError, Reader } from '../protocol/reader.ts';
import { Writer } from '../protocol/writer.ts';
import type { ArrivalGauge } from './arrival-gauge.ts';
import { type Frame, FrameReader } from './frame-reader.ts';
import type { MemoryGauge } from './memory-gauge.ts';

/** Requests under way on one connection may hold this much; reading pauses above it. */
const mostRequestBytes = 64 * 1024 * 1024;
/** So may answers that the peer does not read. */
const mostUnreadBytes = 64 * 1024 * 1024;

/** A request's place in the order of answers. */
interface Slot {
  /** What to send, once it is known; null for nothing. */
  answer: Buffer[] | null | undefined;
  /** To be called when the answer has left. */
  readonly onSent: (() => void)[];
}

export interface ConnectionOptions {
  readonly socket: Socket;
  readonly context: BrokerContext;
  /** Bytes of requests under way on all connections. */
  readonly memory: MemoryGauge;
  /** Bytes of requests that are still arriving, on all connections. */
  readonly arrivals: ArrivalGauge;
  /** To be told of the bytes that come in. */
  readonly onRead: (bytes: number) => void;
  /** Aborted when the broker stops. */
  readonly stopping: AbortSignal;
}

/**
 * Serves one client. Requests are begun in the order in which they come and may overlap; answers leave in that order
 * too, as clients expect that match them by position.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #context: BrokerContext;
  readonly #memory: MemoryGauge;
  readonly #arrivals: ArrivalGauge;
  readonly #frames: FrameReader;
  readonly #slots: Slot[] = [];
  readonly #gone = new AbortController();
  readonly #signal: AbortSignal;
  readonly #clientHost: string;
  #requestBytes = 0;
  #onSettled = () => {};

  constructor({ socket, context, memory, arrivals, onRead, stopping }: ConnectionOptions) {
    this.#socket = socket;
    this.#context = context;
    this.#memory = memory;
    this.#arrivals = arrivals;
    this.#frames = new FrameReader(context.buffers);
    this.#signal = AbortSignal.any([this.#gone.signal, stopping]);
    this.#clientHost = socket.remoteAddress ?? '';
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      onRead(chunk.length);
      this.#receive(chunk);
    });
    socket.on('drain', () => this.#pace());
    // Peers that vanish are not worth a line; the close that follows cleans up.
    socket.on('error', (error) => context.logger.debug(`connection of ${this.#clientHost}: ${error.message}`));
    socket.on('close', () => {
      arrivals.note(this, 0);
      this.#gone.abort();
    });
  }

  /** No request waits for its answer. */
  get isIdle(): boolean {
    return this.#slots.length === 0;
  }

  /** Resolves when all requests that came in are answered. */
  async settle(): Promise<void> {
    while (!this.isIdle && !this.#socket.destroyed) {
      await new Promise<void>((resolve) => {
        this.#onSettled = resolve;
        this.#socket.once('close', resolve);
      });
    }
  }

  /** Ends the connection for what its peer sends. */
  refuse(reason: string): void {
    this.#drop(new ProtocolError(reason));
  }

  #receive(chunk: Buffer): void {
    if (this.#socket.destroyed) return;
    try {
      for (const frame of this.#frames.push(chunk)) this.#begin(frame);
      this.#arrivals.note(this, this.#frames.buffered);
    } catch (error) {
      this.#drop(error);
    }
    this.#pace();
  }

  #begin({ bytes, pooled }: Frame): void {
    const slot: Slot = { answer: undefined, onSent: [] };
    const arrivedAt = performance.now();
    this.#slots.push(slot);
    const { api, answering } = this.#handle(bytes, slot.onSent);
    if (!(answering instanceof Promise)) {
      slot.answer = answering;
      api.answered(performance.now() - arrivedAt);
      this.#flush();
      if (pooled) this.#context.buffers.give(pooled);
      return;
    }
    this.#hold(bytes.length);
    answering
      .then((answer) => {
        slot.answer = answer;
        api.answered(performance.now() - arrivedAt);
        this.#flush();
      })
      .catch((error: unknown) => this.#drop(error))
      .finally(() => {
        this.#hold(-bytes.length);
        if (pooled) this.#context.buffers.give(pooled);
      });
  }

  #handle(
    frame: Buffer,
    onSent: (() => void)[],
  ): { api: ApiMetrics; answering: (Buffer[] | null) | Promise<Buffer[] | null> } {
    const reader = new Reader(frame);
    const key = reader.int16();
    const version = reader.int16();
    const correlationId = reader.int32();
    const { name, hasRequestTags, hasResponseTags, answer } = route(key, version);
    // Not compact even in flexible versions, so that a broker can read it before it knows the version.
    const clientId = frame.length > 8 ? (reader.string(false) ?? '') : '';
    if (hasRequestTags) reader.skipTags();
    const call: Call = {
      version,
      clientId,
      clientHost: this.#clientHost,
      signal: this.#signal,
      onSent: (callback) => onSent.push(callback),
    };
    const write = (body: Answer) => (body === null ? null : writeFrame(correlationId, hasResponseTags, body));
    const answering = answer(this.#context, reader, call);
    return {
      api: this.#context.metrics.of(key, name),
      answering: answering instanceof Promise ? answering.then(write) : write(answering),
    };
  }

  #hold(bytes: number): void {
    this.#requestBytes += bytes;
    this.#memory.add(bytes);
    this.#pace();
  }

  /** Sends the answers that are next in order. */
  #flush(): void {
    if (this.#socket.destroyed) return;
    this.#socket.cork();
    for (let slot = this.#slots[0]; slot?.answer !== undefined; slot = this.#slots[0]) {
      this.#slots.shift();
      this.#send(slot.answer ?? [], slot.onSent);
    }
    this.#socket.uncork();
    if (this.isIdle) this.#onSettled();
  }

  #send(chunks: readonly Buffer[], onSent: readonly (() => void)[]): void {
    const last = chunks.length - 1;
    for (const [index, chunk] of chunks.entries()) {
      if (index < last || onSent.length === 0) this.#socket.write(chunk);
      else
        this.#socket.write(chunk, () => {
          for (const callback of onSent) callback();
        });
    }
  }

  // A client that sends faster than it is served, or does not read what it asked for, waits.
  #pace(): void {
    if (this.#socket.destroyed) return;
    const isOver = this.#requestBytes > mostRequestBytes || this.#socket.writableLength > mostUnreadBytes;
    if (isOver || this.#memory.isFull) {
      this.#socket.pause();
      if (this.#memory.isFull) this.#memory.whenFree(() => this.#pace());
    } else if (this.#socket.isPaused()) this.#socket.resume();
  }

  /** Ends the connection for a fault of the client's or of ours; the others go on. */
  #drop(error: unknown): void {
    if (this.#socket.destroyed) return;
    const { logger, metrics } = this.#context;
    metrics.droppedConnections++;
    const peer = `${this.#clientHost}:${this.#socket.remotePort ?? ''}`;
    if (error instanceof ProtocolError) logger.warn(`connection of ${peer} closed: ${messageOf(error)}`);
    else logger.error(error, `connection of ${peer} closed: a request failed: ${messageOf(error)}`);
    this.#socket.destroy();
  }
}

function writeFrame(correlationId: number, hasTags: boolean, body: NonNullable<Answer>): Buffer[] {
  const writer = new Writer();
  writer.int32(0);
  writer.int32(correlationId);
  if (hasTags) writer.uvarint(0);
  body(writer);
  const { chunks, size } = writer.finish();
  chunks[0]?.writeInt32BE(size - 4, 0);
  return chunks;
}
