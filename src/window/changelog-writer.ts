import {
  type ChangelogRecord,
  type CountsState,
  chunkKey,
  chunkKeys,
  firstsKey,
  headKey,
  type SnapshotHead,
  type Stretch,
} from './changelog-snapshot.ts';

/**
 * Tells what has changed in a counter since it was last asked: that is what has to be added to a compacted topic so that
 * the last record of each key is the counter's state. What is written is taken to be there from then on; where that
 * turns out wrong, `beginAnew`.
 */
export interface ChangelogWriter {
  /** The records that make the changelog the snapshot `id` of a state; none where it has not changed. */
  write(state: CountsState, id: string): ChangelogRecord[];
  /** The records that leave nothing in it. */
  clear(): ChangelogRecord[];
  /** The next snapshot is written whole. */
  beginAnew(): void;
  /** The present snapshot and what it covers; undefined while there is none. */
  readonly present: (Pick<SnapshotHead, 'id'> & Pick<CountsState, 'covered'>) | undefined;
}

/** What was written of a stretch: its counts, in the order of its keys. */
interface Written {
  stretch: Pick<Stretch, 'kind' | 'start'>;
  records: number;
  counts: number[];
}

interface ChangelogWriterOptions {
  fingerprint: string;
  /** Keys of records that the topic holds, of whatever time. */
  found?: Iterable<string>;
  /** The snapshot that these are, and what was made of it. */
  restored?: { id: string; state: CountsState };
}

/** Creates the writer of a changelog that holds what was found there. */
export function changelogWriter({ fingerprint, found = [], restored }: ChangelogWriterOptions): ChangelogWriter {
  const stretches = new Map<string, Written>();
  const firsts = new Map<string, string>();
  /** What is there, but not from us: it goes when the next snapshot does not overwrite it. */
  let strangers = new Set(found);
  let present: ChangelogWriter['present'];

  if (restored) {
    strangers = new Set();
    const { state, id } = restored;
    for (const { kind, start, records, counts } of state.stretches) {
      stretches.set(`${kind}/${start}`, { stretch: { kind, start }, records, counts: [...counts.values()] });
    }
    for (const [start, offsets] of state.firsts) firsts.set(firstsKey(start), JSON.stringify([...offsets]));
    present = { id, covered: state.covered };
  }

  const chunksOf = ({ counts }: Written) => Math.ceil(counts.length / chunkKeys);

  function* ownKeys(): Generator<string> {
    for (const written of stretches.values()) {
      for (let chunk = 0; chunk < chunksOf(written); chunk += 1) yield chunkKey(written.stretch, chunk);
    }
    yield* firsts.keys();
    if (present) yield headKey;
  }

  /** The chunks of a stretch that differ from what was written. Keys are only ever added, at the end. */
  const writeStretch = ({ kind, start, records, counts }: Stretch, into: ChangelogRecord[]) => {
    const name = `${kind}/${start}`;
    const written = stretches.get(name) ?? { stretch: { kind, start }, records: 0, counts: [] };
    stretches.set(name, written);
    if (written.records === records) return;
    written.records = records;
    let members: (string | number)[] = [];
    let isChanged = false;
    let at = 0;
    const flush = () => {
      if (isChanged)
        into.push({ key: chunkKey(written.stretch, Math.ceil(at / chunkKeys) - 1), value: JSON.stringify(members) });
      members = [];
      isChanged = false;
    };
    for (const [key, count] of counts) {
      members.push(key, count);
      if (written.counts[at] !== count) {
        written.counts[at] = count;
        isChanged = true;
      }
      at += 1;
      if (at % chunkKeys === 0) flush();
    }
    flush();
  };

  const forgetStretches = (present: readonly Stretch[], into: ChangelogRecord[]) => {
    const names = new Set(present.map(({ kind, start }) => `${kind}/${start}`));
    for (const [name, written] of stretches) {
      if (names.has(name)) continue;
      for (let chunk = 0; chunk < chunksOf(written); chunk += 1) {
        into.push({ key: chunkKey(written.stretch, chunk), value: null });
      }
      stretches.delete(name);
    }
  };

  const writeFirsts = (present: CountsState['firsts'], into: ChangelogRecord[]) => {
    const texts = new Map([...present].map(([start, offsets]) => [firstsKey(start), JSON.stringify([...offsets])]));
    for (const [key, value] of texts) if (firsts.get(key) !== value) into.push({ key, value });
    for (const key of firsts.keys()) if (!texts.has(key)) into.push({ key, value: null });
    firsts.clear();
    for (const [key, value] of texts) firsts.set(key, value);
  };

  return {
    get present() {
      return present;
    },
    write({ covered, stretches: now, firsts: offsets }, id) {
      const records: ChangelogRecord[] = [];
      for (const stretch of now) writeStretch(stretch, records);
      forgetStretches(now, records);
      writeFirsts(offsets, records);
      const isFurther = ![...covered].every(([partition, next]) => present?.covered.get(partition) === next);
      if (records.length === 0 && strangers.size === 0 && !isFurther) return [];
      const own = new Set(records.map(({ key }) => key));
      for (const key of strangers) if (!own.has(key) && key !== headKey) records.push({ key, value: null });
      strangers.clear();
      const chunks = stretches.values().reduce((sum, written) => sum + chunksOf(written), 0);
      const head: SnapshotHead = { id, fingerprint, covered: [...covered], entries: chunks + firsts.size };
      records.push({ key: headKey, value: JSON.stringify(head) });
      present = { id, covered };
      return records;
    },
    clear() {
      const keys = new Set([...ownKeys(), ...strangers]);
      stretches.clear();
      firsts.clear();
      strangers.clear();
      present = undefined;
      return [...keys].map((key) => ({ key, value: null }));
    },
    beginAnew() {
      strangers = new Set([...ownKeys(), ...strangers]);
      stretches.clear();
      firsts.clear();
      present = undefined;
    },
  };
}
