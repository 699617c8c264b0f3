import type { DropBound } from './late-drops.ts';
import { fromRuns, toRuns } from './revision-runs.ts';

/**
 * How far an earlier run had come in a partition. The offset to replay from is Kafka's committed offset; the rest
 * travels as the commit's metadata, so that there is no other place where state could be lost.
 */
export interface SavedPosition {
  /** First offset that an open or correctable window needs. */
  offset: number;
  /** Next offset that has not been counted yet: records before it are only replayed. */
  next: number;
  /** Windows up to here are out, epoch ms. */
  watermark: number;
  /** Records dropped as too late so far, in this partition. */
  late: number;
  /** Windows that have come out more than once, by end. */
  revisions: ReadonlyMap<number, number>;
  /** Which of the records to be replayed were dropped. */
  dropped: readonly DropBound[];
  /** What a changelog holds, so that only what came after it needs to be replayed. */
  changelog?: ChangelogMark | undefined;
}

/** The snapshot in a changelog that belongs to a commit. */
export interface ChangelogMark {
  /** Its name: a changelog that says another does not fit. */
  snapshot: string;
  /** First offset that it does not hold. */
  next: number;
}

/** The metadata of a commit, of windows that end `spacing` ms apart. Kafka takes at most 4,096 bytes of it. */
export function encodePosition(position: Omit<SavedPosition, 'offset'>, spacing: number): string {
  const { next, watermark, late, revisions, dropped, changelog } = position;
  return JSON.stringify({
    next,
    // Windows end at whole milliseconds, whatever clock the watermark has followed.
    ...(Number.isFinite(watermark) ? { watermark: Math.floor(watermark) } : {}),
    late,
    ...(revisions.size > 0 ? { runs: toRuns(revisions, spacing) } : {}),
    ...(dropped.length > 0 ? { dropped: toDifferences(dropped) } : {}),
    ...(changelog ? { changelog: [changelog.snapshot, changelog.next] } : {}),
  });
}

/**
 * Reads a committed offset with its metadata. A commit without our metadata (set by hand, or with another tool) is
 * taken as the place to begin, with nothing counted before it.
 */
export function decodePosition(offset: number, metadata: string): SavedPosition {
  const parsed = parseObject(metadata);
  const next = numberOf(parsed.next);
  if (next === undefined || next < offset) return freshPosition(offset);
  return {
    offset,
    next,
    watermark: numberOf(parsed.watermark) ?? Number.NEGATIVE_INFINITY,
    late: numberOf(parsed.late) ?? 0,
    revisions: fromRuns(integersOf(parsed.runs)),
    dropped: fromDifferences(integersOf(parsed.dropped)),
    changelog: markOf(parsed.changelog, next),
  };
}

/** The position of a partition that nobody has read before. */
export const freshPosition = (offset: number): SavedPosition => ({
  offset,
  next: offset,
  watermark: Number.NEGATIVE_INFINITY,
  late: 0,
  revisions: new Map(),
  dropped: [],
  changelog: undefined,
});

function markOf(mark: unknown, next: number): ChangelogMark | undefined {
  if (!Array.isArray(mark)) return undefined;
  const [snapshot, covered] = [mark[0], numberOf(mark[1])];
  if (typeof snapshot !== 'string' || covered === undefined || covered > next) return undefined;
  return { snapshot, next: covered };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

const numberOf = (value: unknown): number | undefined => (Number.isSafeInteger(value) ? Number(value) : undefined);

const integersOf = (value: unknown): number[] =>
  Array.isArray(value) && value.every((entry): entry is number => Number.isSafeInteger(entry)) ? value : [];

// Offsets and times are long numbers, their differences are short ones.
const toDifferences = (bounds: readonly DropBound[]): number[] =>
  bounds.flatMap(([offset, time], index) => {
    const [offsetBefore, timeBefore] = bounds[index - 1] ?? [0, 0];
    return [offset - offsetBefore, time - timeBefore];
  });

function fromDifferences(differences: readonly number[]): DropBound[] {
  const bounds: DropBound[] = [];
  let [offset, time] = [0, 0];
  for (let index = 0; index + 1 < differences.length; index += 2) {
    offset += differences[index] ?? 0;
    time += differences[index + 1] ?? 0;
    bounds.push([offset, time]);
  }
  return bounds;
}
