import { useMemo, useRef } from 'react';
import type { SumsAnswer } from '../../../answers.ts';
import type { PipelineInfo, WindowPoint } from '../../../messages.ts';
import { useAnswer } from '../../state/ask.ts';
import { boundaryFor, countsSince, midnightBefore } from '../../state/today.ts';

const refresh = 60_000;
/** Where the page remembers so little that the sums must follow sooner. */
const quickRefresh = 15_000;
const shortMemory = 4 * 60_000;

/** Counts since the reader's midnight by value; undefined until the server has been asked, or when it is not wanted. */
export function useToday(
  wanted: boolean,
  pipeline: PipelineInfo,
  windows: readonly WindowPoint[],
  now: number,
): { counts: ReadonlyMap<string, number> | undefined; failed: boolean } {
  const midnight = midnightBefore(now);
  const latest = useRef(windows);
  latest.current = windows;
  const boundary = boundaryFor(windows);
  // Just after midnight the page has seen the whole day itself.
  const isKnown = boundary !== undefined && boundary <= midnight;

  const pathNow = () => {
    const query = new URLSearchParams({ pipeline: pipeline.name, from: String(midnight) });
    const to = boundaryFor(latest.current);
    if (to !== undefined) query.set('to', String(Math.max(midnight, to)));
    return `api/sums?${query}`;
  };
  const id = wanted && windows.length > 0 && !isKnown ? `sums ${pipeline.name} ${midnight}` : undefined;
  const reach = (windows.at(-1)?.end ?? 0) - (windows[0]?.start ?? 0);
  const every = reach < shortMemory ? quickRefresh : refresh;
  const { answer, error, loading } = useAnswer<SumsAnswer>(id, { every, pathNow });

  // The answer of yesterday outlives its question until that of today is there.
  const own = answer && (answer.from ?? midnight) >= midnight ? answer : undefined;
  const sums = isKnown ? undefined : own;
  const counts = useMemo(
    () => (wanted && (isKnown || sums) ? countsSince(midnight, sums, windows) : undefined),
    [wanted, isKnown, sums, midnight, windows],
  );
  return { counts, failed: error !== undefined && !loading && counts === undefined };
}
