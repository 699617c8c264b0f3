import type { Resolution } from '../records/window-store.ts';

/** Length in ms of what the windows of a series are summed up in. */
export const spanSizes: Readonly<Record<Exclude<Resolution, 'window'>, number>> = { minute: 60_000, hour: 3_600_000 };

/** Where the span of a size begins that a window belongs to: the one that it starts in. */
export const spanStart = (size: number, { start }: { start: number }) => Math.floor(start / size) * size;

/** In place of a size, for the sums over everything. */
export const wholeSpan = 0;
