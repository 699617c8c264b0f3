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
  /** Windows that have come out more than once, by start. */
  revisions: ReadonlyMap<number, number>;
}

// Kafka takes at most 4,096 bytes of metadata; a correction older than the newest hundred starts again at revision 1.
const mostRevisions = 100;

/** The metadata of a commit. */
export function encodePosition({ next, watermark, late, revisions }: Omit<SavedPosition, 'offset'>): string {
  const kept = [...revisions].sort(([a], [b]) => a - b).slice(-mostRevisions);
  const known = Number.isFinite(watermark) ? { watermark } : {};
  return JSON.stringify({ next, ...known, late, ...(kept.length > 0 ? { revisions: kept } : {}) });
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
    revisions: new Map(Array.isArray(parsed.revisions) ? parsed.revisions.filter(isPair) : []),
  };
}

/** The position of a partition that nobody has read before. */
export const freshPosition = (offset: number): SavedPosition => ({
  offset,
  next: offset,
  watermark: Number.NEGATIVE_INFINITY,
  late: 0,
  revisions: new Map(),
});

function parseObject(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

const numberOf = (value: unknown): number | undefined => (Number.isSafeInteger(value) ? Number(value) : undefined);

const isPair = (value: unknown): value is [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every(Number.isSafeInteger);
