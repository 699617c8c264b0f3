import { WebSocket } from 'ws';

export interface AudienceOptions {
  maxClients: number;
  /** Bytes that may wait for one client before it is passed over. */
  maxBuffered: number;
  /** Asks for a snapshot and hands it to `deliver`, in order with what is told; undefined when it cannot be made now. */
  requestSnapshot: (deliver: (text: string | undefined) => void) => void;
}

interface Client {
  /** What it was told last is out of date: it gets a snapshot as soon as it can take one. */
  behind: boolean;
  /** A snapshot for it is being made. */
  awaited: boolean;
  /** Time of its last snapshot, so that a client cannot ask for one after the other. */
  snapshotAt: number;
  missedBeats: number;
  /** Wakes it for the snapshot that it may not have yet. */
  timer?: NodeJS.Timeout | undefined;
}

/** The connected pages. Memory for each is bounded: a page that reads too slowly skips to a fresh snapshot. */
export interface Audience {
  readonly size: number;
  attach(socket: WebSocket): void;
  tell(text: string): void;
  /** Everyone gets a snapshot instead of an update. */
  tellSnapshot(): void;
  beat(text: string): void;
  close(): void;
}

// Close codes of RFC 6455 §7.4.1 and its registry.
const goingAway = 1001;
const tryAgainLater = 1013;
const mostMissedBeats = 6;
const snapshotSpacing = 1_000;
const graceForClose = 500;

export function audience({ maxClients, maxBuffered, requestSnapshot }: AudienceOptions): Audience {
  const clients = new Map<WebSocket, Client>();

  const hasRoom = (socket: WebSocket) => socket.bufferedAmount <= maxBuffered / 2;

  const deliverSnapshot = (socket: WebSocket, client: Client) => {
    if (client.awaited) return;
    client.awaited = true;
    requestSnapshot((text) => {
      client.awaited = false;
      client.snapshotAt = performance.now();
      // Without one it stays behind, and asks again at the next beat at the latest.
      if (text === undefined || socket.readyState !== WebSocket.OPEN) return;
      client.behind = false;
      send(socket, client, text);
    });
  };

  const catchUp = (socket: WebSocket, client: Client) => {
    if (!client.behind || client.timer || socket.readyState !== WebSocket.OPEN || !hasRoom(socket)) return;
    const wait = client.snapshotAt + snapshotSpacing - performance.now();
    if (wait <= 0) return deliverSnapshot(socket, client);
    client.timer = setTimeout(() => {
      client.timer = undefined;
      catchUp(socket, client);
    }, wait);
  };

  // The callback runs when the bytes have left: the moment at which a client that was passed over can be caught up.
  const send = (socket: WebSocket, client: Client, text: string) =>
    socket.send(text, () => {
      if (client.behind) catchUp(socket, client);
    });

  const onMessage = (socket: WebSocket, client: Client, text: string) => {
    if (!text.startsWith('{"type":"resume"')) return;
    client.behind = true;
    catchUp(socket, client);
  };

  return {
    get size() {
      return clients.size;
    },
    attach(socket) {
      socket.on('error', () => socket.terminate());
      if (clients.size >= maxClients) {
        socket.close(tryAgainLater, 'full');
        return;
      }
      const client: Client = { behind: true, awaited: false, snapshotAt: Number.NEGATIVE_INFINITY, missedBeats: 0 };
      clients.set(socket, client);
      socket.on('close', () => {
        clearTimeout(client.timer);
        clients.delete(socket);
      });
      socket.on('pong', () => {
        client.missedBeats = 0;
      });
      socket.on('message', (data) => onMessage(socket, client, String(data)));
      deliverSnapshot(socket, client);
    },
    tell(text) {
      for (const [socket, client] of clients) {
        if (!client.behind && socket.bufferedAmount > maxBuffered) client.behind = true;
        if (client.behind) catchUp(socket, client);
        else send(socket, client, text);
      }
    },
    tellSnapshot() {
      for (const [socket, client] of clients) {
        client.behind = true;
        catchUp(socket, client);
      }
    },
    beat(text) {
      for (const [socket, client] of clients) {
        client.missedBeats += 1;
        if (client.missedBeats > mostMissedBeats) {
          socket.terminate();
          continue;
        }
        socket.ping();
        if (client.behind) catchUp(socket, client);
        else send(socket, client, text);
      }
    },
    close() {
      for (const socket of clients.keys()) {
        socket.close(goingAway, 'the server stops');
        // A page that does not answer must not hold up the end.
        setTimeout(() => socket.terminate(), graceForClose).unref();
      }
    },
  };
}
