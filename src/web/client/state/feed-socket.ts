import type { ClientMessage, ServerMessage } from '../../messages.ts';
import { backoff } from './backoff.ts';
import { type FeedEvent, type FeedState, initialFeed, reduceFeed } from './feed.ts';

// The server says something every five seconds, if only that it is there.
const silenceLimit = 12_000;
const fullRetry = 15_000;
const tryAgainLater = 1013;

/** The page's end of the websocket, as a store that React can subscribe to. */
export interface FeedSocket {
  subscribe(listener: () => void): () => void;
  state(): FeedState;
  /** Tries again at once instead of waiting. */
  reconnect(): void;
  close(): void;
}

/** Connects and stays connected: it tries again for as long as the page is open. */
export function feedSocket(url: URL): FeedSocket {
  const listeners = new Set<() => void>();
  let state = initialFeed;
  let socket: WebSocket | undefined;
  let attempt = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let resyncAsked = false;

  const dispatch = (event: FeedEvent) => {
    state = reduceFeed(state, event);
    for (const listener of listeners) listener();
  };

  const ask = (message: ClientMessage) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };

  const connect = () => {
    clearTimeout(retry);
    dispatch({ type: 'link', link: { phase: 'connecting', attempt } });
    const opened = new WebSocket(url);
    socket = opened;
    listen();
    opened.addEventListener('message', ({ data }) => {
      if (socket !== opened || typeof data !== 'string') return;
      listen();
      take(JSON.parse(data) as ServerMessage);
    });
    opened.addEventListener('close', ({ code }) => {
      if (socket === opened) lose(code === tryAgainLater);
    });
  };

  const take = (message: ServerMessage) => {
    dispatch({ type: 'message', message, at: Date.now() });
    if (message.type === 'snapshot') {
      attempt = 0;
      resyncAsked = false;
    }
    if (state.link.phase === 'failed') return leave();
    if (!state.gap || resyncAsked) return;
    resyncAsked = true;
    ask({ type: 'resume', stream: state.stream, sequence: state.sequence ?? 0 });
  };

  // A connection can die without a word, when a laptop sleeps or a router forgets it.
  const listen = () => {
    clearTimeout(silence);
    silence = setTimeout(() => lose(false), silenceLimit);
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

  // Browsers slow down pages that are not seen; what they show is made whole when they are seen again.
  const onVisibility = () => {
    if (document.visibilityState !== 'visible') return;
    if (state.link.phase === 'open') ask({ type: 'resume', stream: state.stream, sequence: state.sequence ?? 0 });
    else if (state.link.phase === 'waiting') reconnect();
  };
  document.addEventListener('visibilitychange', onVisibility);
  window.addEventListener('online', onVisibility);
  connect();

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    state: () => state,
    reconnect,
    close() {
      document.removeEventListener('visibilitychange', onVisibility);
      window.removeEventListener('online', onVisibility);
      leave();
    },
  };
}
