import type { ClientMessage, ServerMessage } from '../../messages.ts';
import { backoff } from './backoff.ts';
import { type FeedEvent, type FeedState, initialFeed, reduceFeed } from './feed.ts';
import { type Pause, pauseAfter, pauseAt, shownDuring } from './pause.ts';

// The server says something every five seconds, if only that it is there.
const silenceLimit = 12_000;
/** A server that is asked answers at once, or a second later if it was asked just before. */
const answerLimit = 4_000;
const fullRetry = 15_000;
const tryAgainLater = 1013;

/** The page's end of the websocket, as a store that React can subscribe to. */
export interface FeedSocket {
  subscribe(listener: () => void): () => void;
  state(): FeedState;
  /** Tries again at once instead of waiting. */
  reconnect(): void;
  /** Holds the windows and totals that are shown; what comes meanwhile is there after `resume`. */
  pause(): void;
  resume(): void;
  close(): void;
}

/**
 * Connects and stays connected: it tries again for as long as the page is open, shows meanwhile what it knew, and goes on
 * from there. `onReturn` calls when somebody sees the page again.
 */
export function feedSocket(url: URL, onReturn: (listener: () => void) => () => void): FeedSocket {
  const listeners = new Set<() => void>();
  let known = initialFeed;
  let shown = initialFeed;
  let pause: Pause | undefined;
  let socket: WebSocket | undefined;
  let attempt = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let asked = false;

  const show = () => {
    shown = pause ? shownDuring(pause, known) : known;
    for (const listener of listeners) listener();
  };

  const dispatch = (event: FeedEvent) => {
    const before = known;
    known = reduceFeed(before, event);
    if (pause) pause = pauseAfter(pause, before, known);
    show();
  };

  const connect = () => {
    clearTimeout(retry);
    asked = false;
    dispatch({ type: 'link', link: { phase: 'connecting', attempt } });
    const opened = new WebSocket(addressOf(url, known));
    socket = opened;
    listen(silenceLimit);
    opened.addEventListener('message', ({ data }) => {
      if (socket !== opened || typeof data !== 'string') return;
      listen(silenceLimit);
      attempt = 0;
      take(JSON.parse(data) as ServerMessage);
    });
    opened.addEventListener('close', ({ code }) => {
      if (socket === opened) lose(code === tryAgainLater);
    });
  };

  const take = (message: ServerMessage) => {
    dispatch({ type: 'message', message, at: Date.now() });
    if (known.link.phase === 'failed') return leave();
    if (known.gap && !asked) askForMissed();
    asked = known.gap;
  };

  const askForMissed = () => {
    if (socket?.readyState !== WebSocket.OPEN || known.sequence === undefined) return;
    const message: ClientMessage = { type: 'resume', stream: known.stream, sequence: known.sequence };
    socket.send(JSON.stringify(message));
    listen(answerLimit);
  };

  // A connection can die without a word, when a laptop sleeps or a router forgets it.
  const listen = (limit: number) => {
    clearTimeout(silence);
    silence = setTimeout(() => lose(false), limit);
  };

  const leave = () => {
    const left = socket;
    socket = undefined;
    clearTimeout(silence);
    clearTimeout(retry);
    left?.close();
  };

  const lose = (full: boolean) => {
    leave();
    attempt += 1;
    const wait = full ? fullRetry : backoff(attempt, Math.random());
    const retryAt = Date.now() + wait;
    dispatch({
      type: 'link',
      link: full ? { phase: 'failed', reason: 'full' } : { phase: 'waiting', attempt, retryAt },
    });
    retry = setTimeout(connect, wait);
  };

  const reconnect = () => {
    leave();
    connect();
  };

  // Browsers slow down pages that are not seen, and put some to sleep: what they show is made whole when they are seen
  // again. Nearly always nothing is missing, and the answer only proves that the connection has outlived it.
  const forgetReturn = onReturn(() => {
    if (known.link.phase === 'open') askForMissed();
    else if (known.link.phase === 'waiting') reconnect();
  });
  connect();

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    state: () => shown,
    reconnect,
    pause() {
      // Before anything is known there is nothing to hold.
      if (pause || known.sequence === undefined) return;
      pause = pauseAt(known);
      show();
    },
    resume() {
      pause = undefined;
      show();
    },
    close() {
      forgetReturn();
      leave();
    },
  };
}

// A page that knows something says how far it has come, so that it is told what it missed instead of everything.
function addressOf(url: URL, { stream, sequence }: FeedState): URL {
  const address = new URL(url);
  if (sequence !== undefined) {
    address.searchParams.set('stream', stream);
    address.searchParams.set('after', String(sequence));
  }
  return address;
}
