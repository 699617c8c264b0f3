import { useEffect, useRef, useState } from 'react';
import { type Answered, useAnswer } from '../../state/ask.ts';
import { queryOf, routeOf } from './request.ts';
import type { TablesView } from './view.ts';

const every = 3_000;
// For a row that lists its greatest values the server reads all of them, which are many.
const everyOfMany = 10_000;

interface Rows<T> extends Answered<T> {
  /** When the answer came, by the browser's clock. */
  answeredAt: number;
}

/**
 * The rows of a view. While they follow the newest windows they are asked for every few seconds; while they are held, what
 * was answered stays, but another view is still answered.
 */
export function useRows<T>(
  view: TablesView,
  pipeline: string | undefined,
  { follows, held, many }: { follows: boolean; held: boolean; many: boolean },
): Rows<T> {
  const pathAt = (time: number, name: string) => `${routeOf(view)}?${queryOf(view, name, time, { paged: true })}`;
  // A range that ends now is the same question at every moment, so it is named without the moment.
  const path = pipeline === undefined ? undefined : pathAt(0, pipeline);
  const [answeredPath, setAnsweredPath] = useState<string>();
  const [answeredAt, setAnsweredAt] = useState(0);
  const asked = held && path === answeredPath ? undefined : path;
  const answered = useAnswer<T>(asked, {
    every: follows ? (many ? everyOfMany : every) : undefined,
    pathNow: () => pathAt(Date.now(), pipeline ?? ''),
  });

  const { answer, error, loading } = answered;
  const before = useRef(answer);
  useEffect(() => {
    if (before.current === answer) return;
    before.current = answer;
    setAnsweredAt(Date.now());
  }, [answer]);
  useEffect(() => {
    if (asked !== undefined && !loading && !error) setAnsweredPath(asked);
  }, [asked, loading, error]);
  return { ...answered, answeredAt };
}
