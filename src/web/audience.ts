import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { type Position, positionInMessage } from './position.ts';
import { pingFrame } from './text-frame.ts';

export interface AudienceOptions {
  maxClients: number;
  /** Bytes that may wait for one page before it is passed over. */
  maxBuffered: number;
  /** Number of the last message that a page was told which claims to be there; undefined when it has to begin anew. */
  placeOf(position: Position): number | undefined;
  /** What was told after a message, in order; undefined when a snapshot is what helps. */
  missedSince(sequence: number): readonly Buffer[] | undefined;
  /** Asks for a snapshot and hands it to `deliver`, in order with what is told; undefined when it cannot be made now. */
  requestSnapshot(deliver: (frame: Buffer | undefined) => void): void;
  heartbeat(): Buffer;
}

interface Client {
  socket: WebSocket;
  /**
   * What the websocket writes to. Frames go there as they are: they are whole, and without compression websockets hold
   * nothing back, so that what it sends itself (the answer to a ping, a close) never comes between the bytes of one.
   */
  connection: Duplex;
  /** It is told nothing before it has what it missed. */
  isBehind: boolean;
  /** While it is behind: the last message that it has; undefined when it has nothing to go on from. */
  has: number | undefined;
  /** It asked for what it missed, and is told also when that was nothing. */
  asked: boolean;
  /** A snapshot for it is being made. */
  awaits: boolean;
  /** It costs no more work before this, so that it cannot ask for one thing after the other. */
  restsUntil: number;
  timer: NodeJS.Timeout | undefined;
  beat: number;
  missedBeats: number;
}

/** The connected pages. Memory for each is bounded: one that reads too slowly is passed over, and told later what it missed. */
export interface Audience {
  readonly size: number;
  attach(socket: WebSocket, connection: Duplex, position?: Position): void;
  /** Tells messages to those who have all up to a number. */
  tell(frames: Buffer, has: number): void;
  /** Everyone gets a snapshot instead of a message. */
  tellSnapshot(): void;
  /** Asks some of the pages whether they are there, and tells them so of the server; all have had their turn after `beats` calls. */
  beat(heartbeat: Buffer | undefined): void;
  close(): void;
}

/** Pages have their heartbeats one after the other: all at once, they would hold up a message. */
export const beats = 20;
// Close codes of RFC 6455 §7.4.1 and its registry.
const goingAway = 1001;
const tryAgainLater = 1013;
const mostMissedBeats = 6;
const rest = 1_000;
const graceForClose = 500;

export function audience(options: AudienceOptions): Audience {
  const { maxClients, maxBuffered, placeOf, missedSince, requestSnapshot, heartbeat } = options;
  const clients = new Set<Client>();
  let attached = 0;
  let beat = 0;

  const isOpen = ({ socket }: Client) => socket.readyState === WebSocket.OPEN;

  const deliverSnapshot = (client: Client) => {
    client.awaits = true;
    requestSnapshot((frame) => {
      client.awaits = false;
      client.restsUntil = performance.now() + rest;
      // Without one it stays behind, and asks again at the next beat at the latest.
      if (!frame || !isOpen(client)) return;
      client.isBehind = false;
      client.asked = false;
      client.connection.write(frame);
    });
  };

  const deliverMissed = (client: Client, missed: readonly Buffer[]) => {
    client.isBehind = false;
    client.connection.cork();
    for (const frame of missed) client.connection.write(frame);
    if (client.asked) client.connection.write(heartbeat());
    client.connection.uncork();
    if (client.asked) client.restsUntil = performance.now() + rest;
    client.asked = false;
  };

  const catchUp = (client: Client) => {
    if (!client.isBehind || client.awaits || client.timer || !isOpen(client)) return;
    if (client.connection.writableLength > maxBuffered / 2) return;
    const missed = client.has === undefined ? undefined : missedSince(client.has);
    const wait = missed && !client.asked ? 0 : client.restsUntil - performance.now();
    if (wait > 0) {
      client.timer = setTimeout(() => {
        client.timer = undefined;
        catchUp(client);
      }, wait);
    } else if (missed) deliverMissed(client, missed);
    else deliverSnapshot(client);
  };

  const askFor = (client: Client, position: Position | undefined) => {
    client.isBehind = true;
    client.asked = true;
    client.has = position && placeOf(position);
    catchUp(client);
  };

  return {
    get size() {
      return clients.size;
    },
    attach(socket, connection, position) {
      // Those that are there hold the request, which is of no use any more, for as long as the page stays.
      socket.removeAllListeners('error');
      socket.on('error', () => socket.terminate());
      if (clients.size >= maxClients) {
        socket.close(tryAgainLater, 'full');
        return;
      }
      const client: Client = {
        socket,
        connection,
        isBehind: true,
        has: undefined,
        asked: false,
        awaits: false,
        restsUntil: Number.NEGATIVE_INFINITY,
        timer: undefined,
        beat: attached++ % beats,
        missedBeats: 0,
      };
      clients.add(client);
      socket.on('close', () => {
        clearTimeout(client.timer);
        clients.delete(client);
      });
      socket.on('pong', () => {
        client.missedBeats = 0;
      });
      socket.on('message', (data) => {
        const asked = positionInMessage(String(data));
        if (asked) askFor(client, asked);
      });
      // All that waited has left: the moment at which a page that was passed over can be caught up.
      connection.on('drain', () => catchUp(client));
      askFor(client, position);
    },
    tell(frames, has) {
      for (const client of clients) {
        if (!client.isBehind && client.connection.writableLength > maxBuffered) {
          client.isBehind = true;
          client.has = has;
        }
        if (client.isBehind) catchUp(client);
        else if (isOpen(client)) client.connection.write(frames);
      }
    },
    tellSnapshot() {
      for (const client of clients) {
        client.isBehind = true;
        client.has = undefined;
        catchUp(client);
      }
    },
    beat(told) {
      beat = (beat + 1) % beats;
      const frame = told ? Buffer.concat([pingFrame, told]) : pingFrame;
      for (const client of clients) {
        if (client.beat !== beat) continue;
        client.missedBeats += 1;
        if (client.missedBeats > mostMissedBeats) {
          client.socket.terminate();
          continue;
        }
        if (isOpen(client)) client.connection.write(client.isBehind ? pingFrame : frame);
        catchUp(client);
      }
    },
    close() {
      for (const { socket } of clients) {
        socket.close(goingAway, 'the server stops');
        // A page that does not answer must not hold up the end.
        setTimeout(() => socket.terminate(), graceForClose).unref();
      }
    },
  };
}
