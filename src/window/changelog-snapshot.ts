import type { ChangelogMark, SavedPosition } from './saved-position.ts';

/** The counts of a pane, or the sum of those panes of a period that take no more records. Named by its start. */
export interface Stretch {
  kind: 'pane' | 'period';
  start: number;
  records: number;
  counts: ReadonlyMap<string, number>;
}

/** All that a counter holds of records, so that another can go on without reading them. */
export interface CountsState {
  /** By partition, the first offset of which it holds nothing. */
  covered: ReadonlyMap<number, number>;
  /** Periods before panes. */
  stretches: readonly Stretch[];
  /** Of what needs its records, by its start: where the first of them stands in each partition. */
  firsts: ReadonlyMap<number, ReadonlyMap<number, number>>;
}

/** A record of a changelog; without a value it takes away the one before it. */
export interface ChangelogRecord {
  key: string;
  value: string | null;
}

/** What a changelog says of itself. */
export interface SnapshotHead {
  /** Which snapshot this is; commits name it. */
  id: string;
  /** What was counted and how: windows of another shape, say, make nothing of it. */
  fingerprint: string;
  covered: [partition: number, next: number][];
  /** How many other records there are. */
  entries: number;
}

export const headKey = 'snapshot';
export const chunkKey = ({ kind, start }: Pick<Stretch, 'kind' | 'start'>, chunk: number) =>
  `${kind}/${start}/${chunk}`;
export const firstsKey = (start: number) => `offsets/${start}`;

/**
 * So many keys go into one record, in the order in which they were first seen. However long they are, and whatever they
 * hold, that is less than the megabyte which a topic takes.
 */
export const chunkKeys = 512;

/**
 * What a changelog holds, put together: compaction keeps the last record of each key.
 * @returns the state that a commit names, or a reason why this is not it, as what follows "the changelog".
 */
export function readSnapshot(
  records: ReadonlyMap<string, string>,
  saved: ReadonlyMap<number, SavedPosition>,
  fingerprint: string,
): CountsState | { misfit: string } {
  try {
    return snapshotOf(records, saved, fingerprint);
  } catch {
    return { misfit: 'cannot be read' };
  }
}

function snapshotOf(
  records: ReadonlyMap<string, string>,
  saved: ReadonlyMap<number, SavedPosition>,
  fingerprint: string,
): CountsState | { misfit: string } {
  const head = headOf(records.get(headKey));
  if (!head) return { misfit: 'is empty' };
  if (head.fingerprint !== fingerprint) return { misfit: 'is of other windows or another way to count' };
  if (!isMarked(head, saved)) return { misfit: 'is not the one of the last commit' };
  if (records.size !== head.entries + 1) return { misfit: 'is incomplete' };
  const stretches = new Map<string, { stretch: Stretch; chunks: Map<number, unknown[]> }>();
  const firsts = new Map<number, ReadonlyMap<number, number>>();
  for (const [key, value] of records) {
    if (key === headKey) continue;
    const [kind, name, number] = key.split('/');
    const start = Number(name);
    if (kind === 'offsets') firsts.set(start, new Map(JSON.parse(value)));
    else if (kind === 'pane' || kind === 'period') {
      const found = stretches.get(`${kind}/${start}`);
      const chunks = found?.chunks ?? new Map<number, unknown[]>();
      chunks.set(Number(number), JSON.parse(value));
      if (!found)
        stretches.set(`${kind}/${start}`, { stretch: { kind, start, records: 0, counts: new Map() }, chunks });
    }
  }
  return {
    covered: new Map(head.covered),
    stretches: [...stretches.values()].map(({ stretch, chunks }) => fill(stretch, chunks)).sort(byKind),
    firsts,
  };
}

const byKind = (a: Stretch, b: Stretch) => (a.kind === b.kind ? a.start - b.start : a.kind === 'period' ? -1 : 1);

/** Whether every commit that a snapshot belongs to names it, and no other does. */
function isMarked({ id, covered }: SnapshotHead, saved: ReadonlyMap<number, SavedPosition>): boolean {
  const isOurs = (mark: ChangelogMark | undefined, next: number) => mark?.snapshot === id && mark.next === next;
  const marked = [...saved.values()].filter(({ changelog }) => changelog !== undefined);
  return (
    marked.length === covered.length &&
    covered.every(([partition, next]) => isOurs(saved.get(partition)?.changelog, next))
  );
}

/** Chunks list keys and their counts in turn. */
function fill(stretch: Stretch, chunks: ReadonlyMap<number, unknown[]>): Stretch {
  const counts = new Map<string, number>();
  let records = 0;
  for (let chunk = 0; chunk < chunks.size; chunk += 1) {
    const members = chunks.get(chunk) ?? [];
    for (let at = 0; at + 1 < members.length; at += 2) {
      const count = Number(members[at + 1]);
      counts.set(String(members[at]), count);
      records += count;
    }
  }
  return { ...stretch, counts, records };
}

function headOf(value: string | undefined): SnapshotHead | undefined {
  if (value === undefined) return undefined;
  const { id, fingerprint, covered, entries }: Partial<SnapshotHead> = JSON.parse(value);
  if (id === undefined || fingerprint === undefined || !covered || entries === undefined) return undefined;
  return { id, fingerprint, covered, entries };
}
