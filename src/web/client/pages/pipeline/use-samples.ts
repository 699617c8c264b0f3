import { useEffect, useState } from 'react';
import type { Condition } from '../../state/condition.ts';
import type { FeedState } from '../../state/feed.ts';
import { type Sample, sampleOf, withSample } from './rates.ts';

/** The last minute of the stages, as the page has seen it: one sample a second while it is connected. */
export function useSamples({ status, delay }: FeedState, condition: Condition, now: number): readonly Sample[] {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const isKnown = condition === 'live' || condition === 'stale' || condition === 'empty';
  useEffect(() => {
    // While nothing comes out there is no delay, only the last one.
    if (isKnown)
      setSamples((kept) => withSample(kept, sampleOf(status, condition === 'live' ? delay : undefined, now)));
  }, [status, delay, condition, isKnown, now]);
  return samples;
}
