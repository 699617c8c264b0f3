import type { Resolution } from '../../records/window-store.ts';
import { ceilTo, floorTo, hour, minute } from './spans.ts';
import type { StoredRange } from './stored-range.ts';

/** A stretch of time and what to read for it. */
export interface Piece {
  from: number;
  to: number;
  resolution: Resolution;
}

/**
 * Cuts a time into stretches that together hold exactly the windows which start in it: whole hours, whole minutes at
 * their sides, and windows for the rest. Where windows or minutes are no longer there, minutes or hours that start in
 * the time take their place, so that times which follow each other still add up. `from` and `to` say what it came to.
 */
export function piecesOf(
  from: number,
  to: number,
  { complete, shape }: Pick<StoredRange, 'complete' | 'shape'>,
): { from: number; to: number; pieces: Piece[] } {
  // Windows that overlap would count twice.
  const windowsFrom = shape.kind === 'tumbling' ? complete.window : Number.POSITIVE_INFINITY;
  const edge = (time: number) =>
    time >= windowsFrom && time >= complete.minute ? time : ceilTo(time >= complete.minute ? minute : hour, time);
  const [first, end] = [edge(from), edge(to)];
  const pieces = within(first, end, hour, 'hour', (a, b) =>
    within(a, b, minute, 'minute', (c, d) => [{ from: c, to: d, resolution: 'window' }]),
  );
  return { from: first, to: end, pieces: pieces.filter((piece) => piece.from < piece.to) };
}

function within(
  from: number,
  to: number,
  unit: number,
  resolution: Resolution,
  finer: (from: number, to: number) => Piece[],
): Piece[] {
  const [first, end] = [ceilTo(unit, from), floorTo(unit, to)];
  if (first >= end) return finer(from, to);
  return [...finer(from, first), { from: first, to: end, resolution }, ...finer(end, to)];
}
