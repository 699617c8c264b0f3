import { useCallback, useEffect, useRef, useState } from 'react';
import { AskError, type AskFailure, request } from './request.ts';

export type { AskFailure } from './request.ts';

export interface Answered<T> {
  /** The last one, also while another is being asked for and after a failure. */
  answer: T | undefined;
  /** Of the last request; undefined once one succeeds. */
  error: AskFailure | undefined;
  /** The question has not been answered yet; repeating it (`every`) is not loading. */
  loading: boolean;
  /** Asks again at once. */
  reload: () => void;
}

interface AskOptions {
  /** Asks again so many ms after each answer, while the page is seen. */
  every?: number | undefined;
  /** The path at the moment of asking, for questions that name the present; `path` then only says which question it is. */
  pathNow?: () => string;
}

// A server that was away is asked again until it is back; what it refused stays refused.
const retryAfter = 3_000;
const mayRecover = ({ status }: AskFailure) => status === 0 || status === 429 || status >= 500;

// Beside the page, also where that is below a path of another server.
const urlOf = (path: string) => new URL(path, document.baseURI);

/** The server's answer at a path relative to the page's own (`api/series?…`), asked anew when the path changes; nothing is asked while that is undefined. */
export function useAnswer<T>(path: string | undefined, { every, pathNow }: AskOptions = {}): Answered<T> {
  const [held, setHeld] = useState<{ path?: string; answer?: T; error?: AskFailure }>({});
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  const latestPath = useRef(pathNow);
  latestPath.current = pathNow;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a further round is what asks again
  useEffect(() => {
    if (path === undefined) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let due = false;
    const again = (wait: number | undefined) => {
      if (wait !== undefined) timer = setTimeout(run, wait);
    };
    const run = async () => {
      due = document.visibilityState === 'hidden';
      if (due) return;
      try {
        const answer = await request<T>(urlOf(latestPath.current?.() ?? path), abort.signal);
        setHeld({ path, answer });
        again(every);
      } catch (error) {
        if (abort.signal.aborted) return;
        if (!(error instanceof AskError)) throw error;
        const { failure } = error;
        setHeld((before) => ({ ...before, path, error: failure }));
        again(mayRecover(failure) ? Math.max(retryAfter, every ?? 0) : undefined);
      }
    };
    const onVisibility = () => {
      if (due && document.visibilityState === 'visible') void run();
    };
    document.addEventListener('visibilitychange', onVisibility);
    void run();
    return () => {
      abort.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisibility);
    };
  }, [path, every, round]);

  return { answer: held.answer, error: held.error, loading: path !== undefined && held.path !== path, reload };
}
