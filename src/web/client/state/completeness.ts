import type { StageStatus } from '../../messages.ts';

/** How long after the stages last agreed the page still calls them consistent: they report one after the other. */
const patience = 3_000;

export type Completeness = { kind: 'consistent'; inFlight: number } | { kind: 'behind'; missing: number };

// Records that are neither rejected nor counted yet: those of windows that are still open.
const inFlight = ({ rowsRead, rejected = 0, counted, stored, late = 0 }: StageStatus) => {
  const reached = counted ?? stored;
  return rowsRead === undefined || reached === undefined ? 0 : rowsRead - rejected - late - reached;
};

/** Whether what has been counted is what is stored, as far as this process knows both. */
export const isConsistent = ({ counted, stored }: StageStatus) => counted === undefined || counted === stored;

/**
 * Whether what is on the wall is complete, for the line at the bottom; undefined while too little is known to say.
 * While rows flow, those of open windows are on their way and nothing is missing. When nothing moves any more, each
 * row must have arrived.
 */
export function completenessOf(
  status: StageStatus,
  { agreedAt, idle, now }: { agreedAt: number | undefined; idle: boolean; now: number },
): Completeness | undefined {
  const { rowsRead, counted, stored } = status;
  if ([rowsRead, counted, stored].filter((value) => value !== undefined).length < 2) return undefined;
  const moving = inFlight(status);
  const agreed = isConsistent(status) || (agreedAt !== undefined && now - agreedAt < patience);
  if (!agreed) return { kind: 'behind', missing: Math.abs((counted ?? 0) - (stored ?? 0)) };
  // Fewer rows read than counted is no fault: the topics hold what was sent before this process, or by another.
  if (idle && moving > 0) return { kind: 'behind', missing: moving };
  return { kind: 'consistent', inFlight: Math.max(0, moving) };
}
