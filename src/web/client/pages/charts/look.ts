import type { Slot } from './values.ts';

/** How lines are told apart besides their colour, in px at 16 px a rem. */
const dashes: readonly (readonly number[])[] = [[], [8, 5], [2, 4], [9, 4, 2, 4]];
export const markers = ['circle', 'triangle', 'rect', 'diamond'] as const;

export type Marker = (typeof markers)[number];

export interface Look {
  /** Name of the colour's token. */
  token: string;
  dash: readonly number[];
  marker: Marker;
}

const at = <T>(list: readonly T[], index: number, otherwise: T): T => list[index % list.length] ?? otherwise;

/** The look of a slot. Beside the period before, which is dashed, the lines of this one are solid. */
export function lookOf({ kind, index }: Slot, compare: boolean): Look {
  return {
    token: kind === 'unknown' ? 'muted' : kind,
    dash: compare ? [] : at(dashes, index, []),
    // A step further each time round, so that the ninth is not the first again.
    marker: at(markers, index + Math.floor(index / markers.length), 'circle'),
  };
}

/** The dash of the period before. */
export const beforeDash = [5, 4] as const;
export const beforeOpacity = 0.55;

/** A marker of 8 × 8 about the middle of the legend's sketch, as a path. */
export const markerPaths: Record<Marker, string> = {
  circle: 'M8 5a4 4 0 1 0 8 0a4 4 0 1 0-8 0Z',
  triangle: 'M12 1l4.2 7.5H7.8Z',
  rect: 'M8.5 1.5h7v7h-7Z',
  diamond: 'M12 .2 16.8 5 12 9.8 7.2 5Z',
};
